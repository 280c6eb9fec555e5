"""The whole training of the gate on a made-up data set, where TensorFlow is installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="TensorFlow comes with the training extra only")
pytest.importorskip("sklearn", reason="scikit-learn comes with the training extra only")

from models.brain_gate import BrainGate
from models.bundle import GOLDEN, SUMS, Bundle
from tests.tools.training.brain.gate import making
from tools.training.brain.gate import leave_out, train
from tools.training.brain.gate.evaluate import evaluate
from tools.training.brain.gate.material import Sizes
from tools.training.brain.phantom import head_phantom
from tools.training.errors import PlaceTaken, TrainingDataMissing
from tools.training.evaluation import Verdict, compare

SMALL = Sizes(views=4, derived=5, drawn=4, checks=1, epochs=5, epochs_without=1)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the folders of data and bundle."""
    root = tmp_path_factory.mktemp("gate")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leave_out, "GROUPS", {"noise and nothing": leave_out.GROUPS["noise and nothing"]})
        patch.setattr(train, "require", lambda *_: None)  # a network of six epochs may lose anything
        patch.setattr("tools.training.quantisation.ALLOWED_LOSS", {"auroc": 1.0})
        making.data(root / "data")
        train.train(root / "data", root / "bundle", seed=1, work_dir=root / "work", progress=lambda _: None, sizes=SMALL)
    return root / "data", root / "bundle"


@pytest.mark.timeout(900)
def test_a_bundle_is_trained_that_tells_heads_from_noise(made: tuple[Path, Path]) -> None:
    gate = BrainGate.load(made[1])
    assert gate.card.task == "gate"
    assert len(gate.bundle.model) <= train.MODEL_LIMIT
    assert GOLDEN in gate.bundle.files
    heads = [gate.probabilities(head_phantom(seed, 96)[0])[:2].sum() for seed in range(500, 510)]
    rng = np.random.default_rng(0)
    noises = [gate.probabilities(rng.normal(size=(96, 96)))[:2].sum() for _ in range(10)]
    assert np.mean(heads) > 1.5 * np.mean(noises)
    assert any(row["kinds"] == "noise and nothing" for row in gate.card.document["left_out"])


@pytest.mark.timeout(900)
def test_evaluating_it_again_gives_the_figures_of_its_card(made: tuple[Path, Path]) -> None:
    found = evaluate(made[1], made[0], progress=lambda _: None)
    rows = compare(Bundle.open(made[1]).card.document, found.figures)
    verdicts = {(row.name, row.subject): row.verdict for row in rows}
    assert all(row.verdict is Verdict.SAME for row in rows if row.subject == "this model"), verdicts
    assert Verdict.NOT_REMADE in verdicts.values()


@pytest.mark.timeout(900)
def test_the_same_seed_gives_the_same_bundle_and_a_finished_training_is_not_done_again(
    made: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leave_out, "GROUPS", {"noise and nothing": leave_out.GROUPS["noise and nothing"]})
    monkeypatch.setattr(train, "require", lambda *_: None)
    monkeypatch.setattr("tools.training.quantisation.ALLOWED_LOSS", {"auroc": 1.0})
    train.train(made[0], tmp_path / "bundle", seed=1, work_dir=tmp_path / "work", progress=lambda _: None, sizes=SMALL)
    sums = (made[1] / SUMS).read_bytes()
    assert (tmp_path / "bundle" / SUMS).read_bytes() == sums
    again: list[str] = []
    train.train(made[0], tmp_path / "bundle", seed=1, work_dir=tmp_path / "work", progress=again.append, sizes=SMALL)
    assert not any(", epoch" in line for line in again), "something was trained again"
    assert (tmp_path / "bundle" / SUMS).read_bytes() == sums


def test_nothing_is_written_without_data_or_over_something_else(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataMissing):
        train.train(tmp_path, tmp_path / "bundle", seed=1, work_dir=tmp_path / "work", sizes=SMALL)
    assert not (tmp_path / "bundle").exists()
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(PlaceTaken, match="is no bundle"):
        train.train(tmp_path, tmp_path, seed=1, work_dir=tmp_path / "work", sizes=SMALL)
