"""A Keras model as a file of each kind gives what it gave before, through the kiosk's own loader."""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np
import pytest

from models.interpreter import Network
from tools.training.convert import Kind, to_tflite

pytest.importorskip("tensorflow", reason="TensorFlow comes with the training extra only")

DTYPE = {Kind.FLOAT32: "float32", Kind.DYNAMIC: "float32", Kind.INT8: "int8", Kind.INT16X8: "int16"}
CLOSE = {Kind.FLOAT32: 1e-4, Kind.DYNAMIC: 0.05, Kind.INT8: 0.05, Kind.INT16X8: 0.02}


@pytest.fixture(scope="module")
def model() -> Any:
    import keras

    keras.utils.set_random_seed(5)
    image = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(6, 3, activation="relu")(image)
    return keras.Model(image, keras.layers.Dense(3)(keras.layers.GlobalAveragePooling2D()(x)))


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(5).normal(size=(64, 8, 8)).astype(np.float32)


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_gives_nearly_the_same_numbers(kind: Kind, model: Any, images: np.ndarray) -> None:
    network = Network(to_tflite(model, kind, images))
    assert network.input.dtype == DTYPE[kind]
    expected = np.array(model(images[..., None]))
    found = np.concatenate([network(image) for image in images])
    assert np.abs(found - expected).max() < CLOSE[kind] * np.ptp(expected)


def test_the_same_model_gives_the_same_bytes(model: Any, images: np.ndarray) -> None:
    assert to_tflite(model, Kind.INT8, images) == to_tflite(model, Kind.INT8, images)


def test_no_examples_no_int8(model: Any) -> None:
    with pytest.raises(ValueError, match="examples"):
        to_tflite(model, Kind.INT8)


def test_the_saved_model_is_removed(model: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    to_tflite(model, Kind.FLOAT32)
    assert list(tmp_path.iterdir()) == []
