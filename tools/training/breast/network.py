"""The network: made, fitted and turned into int8. The only file of the breast training that needs TensorFlow."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # its kernels may sum in another order from run to run

import keras
import tensorflow as tf

Images = NDArray[np.float32]

FILTERS = (8, 16, 24)
BATCH = 64
LABEL_SMOOTHING = 0.1
"""Keeps the logits small, so that eight bits resolve them and unseen patients stay inside the quantised range."""
NORMALISATION_MOMENTUM = 0.8
"""Keras' 0.99 needs more steps than a small training set gives, and then hides that the network has learnt."""


def set_up(seed: int, threads: int = 1) -> None:
    """Make what follows repeatable on one machine; before any other use of TensorFlow."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        return  # TensorFlow has started already, in the same process: it keeps its threads


def build(*, mirror: bool) -> Any:
    """Return an untrained network, [n, 24, 32, 1] → [n, 1] (a logit).

    With ``mirror`` the first layer also sees the mirror image, so that it can compare left with right at each place.
    """
    image = keras.Input((24, 32, 1))
    x = keras.layers.Concatenate()([image, keras.ops.flip(image, axis=2)]) if mirror else image
    for index, filters in enumerate(FILTERS):
        x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization(momentum=NORMALISATION_MOMENTUM)(x)
        x = keras.layers.ReLU()(x)
        if index < len(FILTERS) - 1:
            x = keras.layers.MaxPooling2D()(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, keras.layers.Dense(1)(keras.layers.Dropout(0.3)(x)))


def fit(images: Images, label: NDArray[np.int64], *, mirror: bool, epochs: int, seed: int) -> Any:
    """Return a network trained on ``images`` [n, 24, 32]: classes weighted alike, half of the images mirrored at random.

    The label says only whether a patient is sick, not on which side, so it holds for the mirror image too.
    """
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    flipped = np.where((rng.random(len(images)) < 0.5)[:, None, None], images[:, :, ::-1], images)
    weight = np.where(label == 1, 0.5 / (label == 1).mean(), 0.5 / (label == 0).mean())
    model = build(mirror=mirror)
    model.compile(
        optimizer=keras.optimizers.AdamW(2e-3, weight_decay=1e-2),
        loss=keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=LABEL_SMOOTHING),
    )
    model.fit(flipped[..., None], label.astype(np.float32), sample_weight=weight, epochs=epochs, batch_size=BATCH, verbose=0)
    return model


def score(model: Any, images: Images) -> NDArray[np.float64]:
    """Return the float network's logit for each image [n, 24, 32]."""
    return np.asarray(model(images[..., None], training=False), dtype=np.float64)[:, 0]


def to_int8(model: Any, examples: Images) -> bytes:
    """Return ``model`` fully quantised (weights, activations, input and output int8), its ranges taken from ``examples``.

    Through a SavedModel: converting a Keras 3 model's concrete functions writes a broken file.
    """
    with tempfile.TemporaryDirectory() as folder:
        model.export(str(Path(folder) / "saved"), format="tf_saved_model", verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(str(Path(folder) / "saved"))
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([example[None, :, :, None]] for example in examples)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.int8
        converter.inference_output_type = tf.int8
        return bytes(converter.convert())
