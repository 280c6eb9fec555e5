"""From a Keras 3 model to a TensorFlow Lite file, in the kinds that a kiosk's runtime can run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Kind(StrEnum):
    """How weights and activations are held in the file."""

    FLOAT32 = "float32"
    DYNAMIC = "dynamic"
    """int8 weights, float activations. For comparisons only: tflite-runtime 2.14 does not know its FULLY_CONNECTED."""
    INT8 = "int8"
    """Weights, activations, input and output."""
    INT16X8 = "int16x8"
    """int8 weights, int16 activations, input and output."""

    @property
    def calibrated(self) -> bool:
        """Whether the converter needs examples, from which it takes the ranges of the activations."""
        return self in (Kind.INT8, Kind.INT16X8)


def to_tflite(model: Any, kind: Kind, examples: Iterable[NDArray[Any]] = ()) -> bytes:
    """Return ``model`` (one input, Keras 3) as a TensorFlow Lite file.

    ``examples`` are inputs as the model sees them in use, each without the batch axis; a last axis of length one may be
    lacking. The first axis of the file's tensors is 1. The same model and examples give the same bytes.

    It goes through a SavedModel, because converting the concrete functions of a Keras 3 model writes a broken file.
    Raises `ValueError` where a kind needs examples and there are none.
    """
    import tensorflow as tf

    inputs = list(examples) if kind.calibrated else []
    if kind.calibrated and not inputs:
        raise ValueError(f"{kind} takes the ranges of its activations from examples; give some")
    shape = (1, *model.input_shape[1:])
    with tempfile.TemporaryDirectory() as folder:
        model.export(str(Path(folder) / "saved"), format="tf_saved_model", verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(str(Path(folder) / "saved"))
        if kind is not Kind.FLOAT32:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if kind.calibrated:
            converter.representative_dataset = lambda: ([_batch(example, shape)] for example in inputs)
            converter.target_spec.supported_ops = [_operations(tf, kind)]
            converter.inference_input_type = converter.inference_output_type = tf.int8 if kind is Kind.INT8 else tf.int16
        return bytes(converter.convert())


def _batch(example: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.float32]:
    return np.asarray(example, dtype=np.float32).reshape(shape)


def _operations(tf: Any, kind: Kind) -> Any:
    sets = tf.lite.OpsSet
    if kind is Kind.INT8:
        return sets.TFLITE_BUILTINS_INT8
    return sets.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
