"""The whole training on a made-up data set, where TensorFlow is installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="TensorFlow comes with the training extra only")
pytest.importorskip("sklearn", reason="scikit-learn comes with the training extra only")

from models.breast import BreastModel
from models.bundle import Bundle
from models.interpreter import Network
from models.prediction import Outcome
from tests.models.making import chest
from tests.tools.training.breast.making import write_data
from tools.training.breast import asymmetry, backend, candidates, controlled, crossval, findings, logistic, network, patients
from tools.training.breast import train as breast
from tools.training.breast.candidates import Candidate, Kind
from tools.training.errors import PlaceTaken
from tools.training.run import Run, set_up

FEWER = (Candidate(Kind.LOGISTIC, False), Candidate(Kind.BOTH, True))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (candidates, crossval, findings):
        monkeypatch.setattr(module, "CANDIDATES", FEWER)
    monkeypatch.setattr(backend, "EPOCHS", 1)
    monkeypatch.setattr(patients, "TRAINING_VIEWS", 4)
    monkeypatch.setattr(patients, "REPEATS", 2)
    monkeypatch.setattr(network, "MEMBERS", 2)
    monkeypatch.setattr(controlled, "DRAWS", 50)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("quick")
def test_the_same_seed_gives_the_same_bundle_and_the_kiosk_loads_it(tmp_path: Path) -> None:
    data, said = write_data(tmp_path / "data", 3), list[str]()
    for name in ("one", "two"):
        breast.train(data, tmp_path / name, seed=1, work_dir=tmp_path / f"{name}.work", progress=said.append)
    breast.train(data, tmp_path / "again", seed=1, work_dir=tmp_path / "one.work", progress=said.append)
    hashes = {Bundle.open(tmp_path / name).sha256 for name in ("one", "two", "again")}
    assert len(hashes) == 1, "from the beginning, or going on from what was kept"
    model = BreastModel.load(tmp_path / "one")
    assert model.card.data[0].n == 48
    assert model.assess(chest(1)).outcome is not Outcome.OUT_OF_DOMAIN
    assert model.card.explanation[0].population.startswith("synthetic")
    names = {one.name for one in model.card.metrics}
    assert {"auroc gained over the confounders", "auroc adjusted for the confounders"} <= names
    assert any("wrote" in line for line in said)


def test_what_is_no_bundle_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(PlaceTaken, match="is no bundle"):
        breast.train(tmp_path, tmp_path, seed=1, work_dir=tmp_path / "work")


def test_a_graph_computes_the_features_and_the_regression_as_numpy_does(tmp_path: Path) -> None:
    set_up(1)
    rng = np.random.default_rng(1)
    inputs = rng.uniform(-1, 1, (40, 24, 32, 2)).astype(np.float32)
    found = logistic.fit(asymmetry.features(inputs), np.arange(40) % 2)
    trained = backend.Trained(Run(tmp_path, 1, progress=lambda _: None))
    file = trained.convert(FEWER[0], network.from_logistic(found), inputs, "logistic")
    loaded = Network(file)
    scores = [float(loaded(image).item()) for image in inputs]
    np.testing.assert_allclose(scores, found.logit(asymmetry.features(inputs)), atol=1e-3)
