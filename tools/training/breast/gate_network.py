"""The chest gate's network as a TensorFlow Lite file. Needs TensorFlow, but trains nothing."""

from __future__ import annotations

import numpy as np

from models.preprocess import COLUMNS, ROWS
from tools.training import convert
from tools.training.breast.gate import POOL, Fitted
from tools.training.run import set_up


def to_file(gate: Fitted) -> bytes:
    """Return the network of ``gate``, float32 [1, 24, 32, 1] → [1, 1]: it is small, and nothing is lost on the way."""
    set_up(0)
    import keras

    hidden, last = gate.layers
    image = keras.Input((ROWS, COLUMNS, 1))
    x = keras.layers.Flatten()(keras.layers.AveragePooling2D(POOL)(image))
    first = keras.layers.Dense(len(hidden.offset), activation="relu")
    second = keras.layers.Dense(1)
    model = keras.Model(image, second(first(x)))
    first.set_weights([hidden.weight.astype(np.float32), hidden.offset.astype(np.float32)])
    second.set_weights([last.weight.astype(np.float32), last.offset.astype(np.float32)])
    return convert.to_tflite(model, convert.Kind.FLOAT32)
