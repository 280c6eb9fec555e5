"""The gate's network: built, trained and turned into int8. The only file of the gate's training that needs TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.brain_gate import REFUSALS, SIDE
from tools.training.convert import Kind, to_tflite
from tools.training.run import Run, seed_of

FILTERS = ((8, 2), (16, 2), (24, 1), (32, 2), (48, 2))
"""Filters and stride of each convolution."""
BATCH = 128
NORMALISATION_MOMENTUM = 0.9
LABEL_SMOOTHING = 0.02
EXAMPLES = 400
"""From which the converter takes the ranges of the activations."""

Images = NDArray[np.uint8]


def build() -> Any:
    """Return an untrained network, [n, 64, 64, 1] of 0 to 1 → [n, 5] logits: a proper slice, and each kind of refusal."""
    import keras

    image = keras.Input((SIDE, SIDE, 1))
    x = image
    for filters, stride in FILTERS:
        x = keras.layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization(momentum=NORMALISATION_MOMENTUM)(x)
        x = keras.layers.ReLU()(x)
    x = keras.layers.Dropout(0.2)(keras.layers.Flatten()(x))
    return keras.Model(image, keras.layers.Dense(1 + len(REFUSALS))(x))


def fit(run: Run, name: str, images: Images, label: NDArray[np.int64], epochs: int) -> Any:
    """Return a network trained on ``images`` [n, 64, 64] and ``label`` (indices of the outputs)."""
    import keras

    keras.backend.clear_session()
    keras.utils.set_random_seed(seed_of(run.seed, name))
    model = build()
    steps = -(-len(images) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(1e-4, epochs * steps, warmup_target=2e-3, warmup_steps=steps, alpha=0.01)
    model.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=1e-3),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=LABEL_SMOOTHING),
        metrics=["accuracy"],
    )
    targets = np.eye(1 + len(REFUSALS), dtype=np.float32)[label]
    run.fit(model, lambda epoch: _batches(images, targets, seed_of(run.seed, name, "order", epoch)), epochs=epochs, name=name)
    return model


def _batches(images: Images, targets: NDArray[np.float32], seed: int) -> Any:
    """Return one epoch: in an order of its own, half of the images mirrored left to right (a head has two alike halves)."""
    import tensorflow as tf

    rng = np.random.default_rng(seed)
    order, mirrored = rng.permutation(len(images)), rng.random(len(images)) < 0.5
    mixed = images[order]
    mixed[mirrored] = mixed[mirrored, :, ::-1]
    pairs = tf.data.Dataset.from_tensor_slices((mixed[..., None], targets[order])).batch(BATCH)
    return pairs.map(lambda image, target: (tf.cast(image, tf.float32) / 255.0, target))


def logits(model: Any, images: Images) -> NDArray[np.float64]:
    """Return the float network's logits, [n, 5]."""
    parts = [
        model(images[i : i + 512, ..., None].astype(np.float32) / 255.0, training=False) for i in range(0, len(images), 512)
    ]
    return np.concatenate([np.asarray(part, dtype=np.float64) for part in parts])


def to_int8(model: Any, images: Images, seed: int) -> bytes:
    """Return the network fully quantised, its ranges taken from some of ``images``."""
    chosen = np.random.default_rng(seed).choice(len(images), min(EXAMPLES, len(images)), replace=False)
    return to_tflite(model, Kind.INT8, [images[i].astype(np.float32) / 255.0 for i in chosen])
