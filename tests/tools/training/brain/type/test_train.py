"""The whole command on made-up heads, with the published weights where they are there."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="TensorFlow comes with the training extra only")
pytest.importorskip("sklearn", reason="scikit-learn comes with the training extra only")

from models.answers import ClassAnswer
from models.brain_type import BrainTypeModel, TypeOutcome
from models.bundle import Bundle
from tests.tools.training.brain.type.making import made_up
from tools.training import quantisation
from tools.training.brain.phantom import head_phantom
from tools.training.brain.pretrained import WEIGHTS
from tools.training.brain.type import fit, network
from tools.training.brain.type.evaluate import evaluate
from tools.training.brain.type.train import train
from tools.training.evaluation import Verdict, compare

PUBLISHED = Path(__file__).parents[5] / ".." / "shared" / "weights" / WEIGHTS


class Everything:
    def refusal(self, slice_: object) -> str | None:
        return None


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not PUBLISHED.is_file():
        pytest.skip(f"{WEIGHTS} is not in ../shared/weights")
    return made_up(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def bundle(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network, "SIDE", 64)
        patch.setattr(fit, "BATCH", 8)
        patch.setattr(fit, "AVERAGED", 0.5)  # the average of a few steps
        # A few made-up slices teach too little for the gate behind the conversion to mean anything; it has tests of its own.
        patch.setattr(quantisation, "require", lambda *_: None)
        train(data, folder / "bundle", seed=1, work_dir=folder / "work", progress=print, weights=PUBLISHED, epochs=8)
    return folder / "bundle"


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_bundle_answers_and_its_card_holds_every_part(bundle: Path) -> None:
    opened = Bundle.open(bundle)
    answer = opened.card.answer_as(ClassAnswer)
    assert answer.labels == ("meningioma", "glioma", "pituitary")
    assert len(opened.card.explanation) == 4
    assert {figure.name for figure in opened.card.metrics} >= {"accuracy", "macro_auroc", "coverage", "recall of glioma"}
    assert {figure.subject for figure in opened.card.baselines} >= {"the most frequent type of the training split"}
    assert all(figure.n <= 9 for figure in opened.card.metrics), "patients, not slices"
    assert opened.card.drift["score"]
    assert sum(map(sum, (opened.card.document["confusion"][name] for name in answer.labels))) == 18
    reading = BrainTypeModel(opened, gate=Everything()).assess(head_phantom(1)[0])
    assert reading.outcome is not TypeOutcome.OUT_OF_DOMAIN
    assert math.isclose(sum(reading.probabilities.values()), 1, abs_tol=1e-6)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_cards_figures_are_found_again(bundle: Path, data: Path) -> None:
    evaluation = evaluate(bundle, data, progress=print)
    rows = compare(Bundle.open(bundle).card.document, evaluation.figures)
    assert {row.verdict for row in rows} == {Verdict.SAME, Verdict.NOT_REMADE}
    assert {row.subject.partition(",")[0] for row in rows if row.verdict is Verdict.NOT_REMADE} == {"MobileNetV2 from ImageNet"}
    assert len(evaluation.classified[0].truth) == 18
    assert np.isfinite(evaluation.classified[0].probability).all()
