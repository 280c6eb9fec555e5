"""A training that is killed and started again ends where an undisturbed one ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.checkout import ROOT
from tools.training.errors import PlaceTaken
from tools.training.run import Run, seed_of, set_up

tf = pytest.importorskip("tensorflow", reason="TensorFlow comes with the training extra only")

PROGRAM = """
import os, signal, sys
import numpy as np
from pathlib import Path
from tests.tools.training.test_run import trained
killed_in = int(sys.argv[2])
weights = trained(Path(sys.argv[1]), killed_in=None if killed_in < 0 else killed_in)
np.savez(Path(sys.argv[1]) / "result.npz", *weights)
"""


def network() -> Any:
    """Return a network with everything that could be forgotten: dropout, normalisation, averaged weights, a schedule."""
    import keras

    image = keras.Input((6, 6, 1))
    x = keras.layers.BatchNormalization()(keras.layers.Conv2D(4, 3)(image))
    x = keras.layers.Dropout(0.4)(keras.layers.Flatten()(keras.layers.ReLU()(x)))
    model = keras.Model(image, keras.layers.Dense(1)(x))
    rate = keras.optimizers.schedules.CosineDecay(0.01, 40)
    model.compile(optimizer=keras.optimizers.Adam(rate, use_ema=True), loss="mse", metrics=["mae"])
    return model


def batches(epoch: int) -> Any:
    rng = np.random.default_rng(seed_of(3, "data", epoch))
    images = rng.normal(size=(40, 6, 6, 1)).astype(np.float32)
    return tf.data.Dataset.from_tensor_slices((images, images.mean(axis=(1, 2, 3)))).batch(8)


def trained(work_dir: Path, *, killed_in: int | None, keep_best: str | None = None) -> list[np.ndarray]:
    import keras

    set_up(3)

    def die(epoch: int, logs: object) -> None:
        if epoch == killed_in:
            os.kill(os.getpid(), signal.SIGKILL)

    model = network()
    run = Run(work_dir, 3, progress=lambda _: None)
    callback = keras.callbacks.LambdaCallback(on_epoch_end=die)
    run.fit(model, batches, epochs=4, name="tiny", callbacks=[callback], validation=batches(99), keep_best=keep_best)
    return [variable.numpy() for variable in model.weights]


def in_a_process(work_dir: Path, killed_in: int) -> int:
    command = [sys.executable, "-c", PROGRAM, str(work_dir), str(killed_in)]
    return subprocess.run(command, cwd=ROOT, timeout=110, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}).returncode


def test_a_killed_training_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    killed, undisturbed = tmp_path / "killed", tmp_path / "undisturbed"
    for folder in (killed, undisturbed):
        folder.mkdir()
    assert in_a_process(killed, 2) == -signal.SIGKILL
    assert not (killed / "result.npz").exists()
    assert in_a_process(killed, -1) == 0
    assert in_a_process(undisturbed, -1) == 0
    with np.load(killed / "result.npz") as one, np.load(undisturbed / "result.npz") as other:
        assert all(np.array_equal(one[name], other[name]) for name in one.files)
    assert list((killed / "tensorboard" / "tiny").glob("events.*"))


def test_a_finished_training_is_not_trained_again_and_its_history_is_kept(tmp_path: Path) -> None:
    first = trained(tmp_path, killed_in=None)
    before = (tmp_path / "tiny" / "state.npz").stat().st_mtime_ns
    model = network()
    history = Run(tmp_path, 3, progress=lambda _: None).fit(model, batches, epochs=4, name="tiny")
    assert (tmp_path / "tiny" / "state.npz").stat().st_mtime_ns == before
    assert {name: len(values) for name, values in history.items()}.keys() >= {"loss", "mae", "val_loss"}
    assert len(history["loss"]) == 4
    assert all(np.array_equal(one, other.numpy()) for one, other in zip(first, model.weights, strict=True))


def test_the_best_epoch_is_kept_and_not_the_last(tmp_path: Path) -> None:
    best = trained(tmp_path, killed_in=None, keep_best="val_loss")
    model = network()
    history = Run(tmp_path, 3, progress=lambda _: None).fit(model, batches, epochs=4, name="tiny", keep_best="val_loss")
    assert len(history["val_loss"]) == 4
    assert all(np.array_equal(one, other.numpy()) for one, other in zip(best, model.weights, strict=True))


@pytest.mark.parametrize(("seed", "epochs", "about"), [(4, 4, {}), (3, 5, {}), (3, 4, {"data": "other"})])
def test_a_folder_of_another_training_is_refused(tmp_path: Path, seed: int, epochs: int, about: dict[str, str]) -> None:
    trained(tmp_path, killed_in=None)
    with pytest.raises(PlaceTaken, match="--work"):
        Run(tmp_path, seed, about=about, progress=lambda _: None).fit(network(), batches, epochs=epochs, name="tiny")


def test_a_damaged_state_says_what_to_delete(tmp_path: Path) -> None:
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "state.npz").write_bytes(b"PK not a zip")
    with pytest.raises(PlaceTaken, match="delete"):
        Run(tmp_path, 3, progress=lambda _: None).fit(network(), batches, epochs=4, name="tiny")


def test_arrays_are_computed_once(tmp_path: Path) -> None:
    run, calls = Run(tmp_path, 3), list[int]()

    def compute() -> dict[str, np.ndarray]:
        calls.append(1)
        return {"score": np.arange(3.0), "file": np.array([7])}

    for _ in range(2):
        found = run.once("scores", compute)
        assert found.keys() == {"score", "file"}
        assert np.array_equal(found["score"], [0, 1, 2])
    assert len(calls) == 1
    with pytest.raises(PlaceTaken):
        Run(tmp_path, 4).once("scores", compute)
