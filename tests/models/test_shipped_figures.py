"""What the shipped card says about its data, and that the shipped network is the one that learnt from it.

The card's own figures are out of fold and cost a training to remake (``firstlight train breast``). The shipped network has seen
every patient, so what is asserted here is no measure of anything: a network mixed up with another one would fail it.
"""

from __future__ import annotations

import numpy as np
import pytest

from models.breast import BreastModel
from models.bundle import default_bundle
from models.prediction import Outcome
from tests.models.making import SHARED
from tools.training.breast.thermograms import Thermograms, load, usable_for_scores
from tools.training.breast.views import full_frame
from tools.training.scores import auroc


@pytest.fixture(scope="module")
def model() -> BreastModel:
    return BreastModel.load(default_bundle("breast"))


@pytest.fixture(scope="module")
def data() -> Thermograms:
    if not SHARED.is_dir():
        pytest.skip("the thermograms are not part of the project, and are not beside this checkout")
    return usable_for_scores(load(SHARED))


def test_the_card_counts_its_patients_right(model: BreastModel, data: Thermograms) -> None:
    (trained_on,) = model.card.data
    assert (trained_on.n, trained_on.positives) == (len(data), int((data.label == 1).sum()))
    mixed = data.label[data.mixed]
    by_name = {figure.name: figure.n for figure in model.card.metrics if figure.evidence}
    assert by_name["auroc"] == len(mixed)
    assert by_name["sensitivity"] == int((mixed == 1).sum())
    assert by_name["specificity"] == int((mixed == 0).sum())


def test_the_shipped_network_remembers_its_patients(model: BreastModel, data: Thermograms) -> None:
    rng = np.random.default_rng(1)
    score = np.array([model.score(full_frame(celsius, rng)) for celsius in data.celsius])
    assert auroc(data.label, score) > 0.85


def test_real_thermograms_are_assessed(model: BreastModel, data: Thermograms) -> None:
    rng = np.random.default_rng(1)
    outcomes = [model.assess(full_frame(celsius, rng)).outcome for celsius in data.celsius[::4]]
    assert outcomes.count(Outcome.OUT_OF_DOMAIN) <= 1
    assert {Outcome.ABOVE_THRESHOLD, Outcome.BELOW_THRESHOLD} <= set(outcomes)
