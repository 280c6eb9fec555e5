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
from tests.models.making import chest
from tests.tools.training.breast.making import write_data
from tools.training.breast import network
from tools.training.breast import train as breast

pytestmark = pytest.mark.slow


@pytest.mark.timeout(900)
def test_a_bundle_is_trained_that_the_kiosk_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breast, "EPOCHS", 4)
    monkeypatch.setattr(breast, "TRAINING_VIEWS", 8)
    monkeypatch.setattr(breast, "REPEATS", 2)
    said: list[str] = []
    breast.train(write_data(tmp_path / "data", 3), tmp_path / "out" / "bundle", seed=1, progress=said.append)
    model = BreastModel.load(tmp_path / "out" / "bundle")
    assert model.card.data[0].n == 48
    assert model.score(chest(1)) == model.score(chest(1))
    assert any("wrote" in line for line in said)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["bundle"], "something was left behind"


def test_what_is_no_bundle_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="is no bundle"):
        breast.train(tmp_path, tmp_path)


@pytest.mark.parametrize("mirror", [False, True])
def test_the_same_seed_gives_the_same_bytes_and_int8_follows_float(mirror: bool) -> None:
    rng = np.random.default_rng(1)
    images = rng.uniform(-1, 1, (96, 24, 32)).astype(np.float32)
    label = np.arange(96) % 2
    images[label == 1, 8:16, 4:12] += 0.8
    network.set_up(1)
    fitted = [network.fit(images, label, mirror=mirror, epochs=4, seed=1) for _ in range(2)]
    first, second = (network.to_int8(model, images) for model in fitted)
    assert first == second
    loaded = Network(first)
    int8 = np.array([float(loaded(image).item()) for image in images])
    assert np.corrcoef(int8, network.score(fitted[0], images))[0, 1] > 0.99


def test_the_written_bundle_has_been_checked(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="no TensorFlow Lite file"):
        breast._write(tmp_path / "bundle", b"no network", "")
    assert not (tmp_path / "bundle").exists()
    with pytest.raises(Exception, match="no model bundle"):
        Bundle.open(tmp_path / "bundle")
