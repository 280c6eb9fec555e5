"""No patient is ever in the training and in the scored part, and no choice sees the patients that it is scored on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.bundle import Bundle, default_bundle
from tests.tools.training.breast.making import SHARED
from tools.training.breast.crossval import CANDIDATES, CrossValidation, Patients
from tools.training.breast.thermograms import load, usable_for_scores

FOLDS, EACH = 4, 6


class Recorder:
    """A backend that learns nothing but who it was shown: each image holds its patient's number."""

    def __init__(self) -> None:
        self.seen_by: list[set[int]] = []
        self.scored: list[tuple[set[int], set[int]]] = []

    def fit(self, images: NDArray[np.float32], label: NDArray[np.int64], *, mirror: bool, epochs: int, seed: int) -> Any:
        assert len(images) == len(label)
        self.seen_by.append({int(image[0, 0]) for image in images})
        return self.seen_by[-1]

    def score(self, model: set[int], images: NDArray[np.float32]) -> NDArray[np.float64]:
        self.scored.append((model, {int(image[0, 0]) for image in images}))
        return np.array([float(image[0, 0]) for image in images])

    def to_int8(self, model: set[int], examples: NDArray[np.float32]) -> bytes:
        assert {int(image[0, 0]) for image in examples} <= model
        return Bundle.open(default_bundle("breast")).model


@pytest.fixture
def patients() -> Patients:
    number = np.arange(FOLDS * EACH)
    images = np.broadcast_to(number[:, None, None, None], (len(number), 5, 24, 32)).astype(np.float32)
    return Patients(images, images[:, 0], number % 2, number % FOLDS, number // FOLDS > 1)


def test_nobody_is_scored_by_a_network_that_saw_them(patients: Patients) -> None:
    recorder = Recorder()
    validation = CrossValidation(patients, recorder, epochs=1, seed=1, progress=lambda _: None)
    validation.out_of_fold(lambda k: validation.choose((k,)), patients.nominal)
    validation.choose(())
    assert recorder.scored
    for seen, scored in recorder.scored:
        assert not seen & scored


def test_the_choice_for_a_fold_is_made_without_it(patients: Patients) -> None:
    recorder = Recorder()
    CrossValidation(patients, recorder, epochs=1, seed=1, progress=lambda _: None).choose((2,))
    kept_out = set(np.flatnonzero(patients.fold == 2).tolist())
    for seen, scored in recorder.scored:
        assert not (seen | scored) & kept_out


def test_a_candidate_of_the_mixed_years_sees_no_others(patients: Patients) -> None:
    recorder = Recorder()
    validation = CrossValidation(patients, recorder, epochs=1, seed=1, progress=lambda _: None)
    mixed = set(np.flatnonzero(patients.mixed).tolist())
    for candidate in CANDIDATES:
        validation.without(candidate, (0,))
        assert (recorder.seen_by[-1] <= mixed) == candidate.mixed_only


def test_each_network_is_fitted_once(patients: Patients) -> None:
    recorder = Recorder()
    validation = CrossValidation(patients, recorder, epochs=1, seed=1, progress=lambda _: None)
    for _ in range(2):
        validation.out_of_fold(lambda k: validation.choose((k,)), patients.nominal)
        validation.choose(())
    assert len(recorder.seen_by) == len(CANDIDATES) * (6 + 4)


def test_the_given_folds_hold_each_patient_once_and_only_usable_ones() -> None:
    if not SHARED.is_dir():
        pytest.skip("the thermograms are not part of the project, and are not beside this checkout")
    data = usable_for_scores(load(SHARED))
    assert len(np.unique(data.patient)) == len(data) == 128
    assert set(np.unique(data.fold)) == {0, 1, 2, 3}
    assert set(np.unique(data.label)) == {0, 1}
    assert int(data.mixed.sum()) == 53
    assert set(data.label[data.epoch == "2012"]) == {0}
    assert set(data.label[data.epoch == "2018-2020"]) == {1}
    assert not {198, 278} & set(data.patient.tolist()), "disputed labels"
