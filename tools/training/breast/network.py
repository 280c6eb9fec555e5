"""The three kinds of network, untrained.

All take [n, 24, 32, 2], the body-relative image and its left-right difference, and give one logit. Those with convolutions are
three networks of other first weights, side by side in one graph, whose mean is the answer: with so few patients one network
depends much on where it began.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from models.preprocess import COLUMNS, ROWS
from tools.training.breast import asymmetry
from tools.training.breast.candidates import Kind
from tools.training.breast.logistic import Logistic

Images = NDArray[np.float32]

MEMBERS = 3
FILTERS, STRIDES = (8, 16, 24), (2, 2, 1)
NORMALISATION_MOMENTUM = 0.8
"""Keras' 0.99 needs more steps than a small training set gives, and then hides that the network has learnt."""


class Linear(keras.layers.Layer):  # type: ignore[misc]
    """A fixed linear map of the last axis, [n, k] → [n, m]."""

    def __init__(self, matrix: NDArray[np.float64], offset: NDArray[np.float64]) -> None:
        super().__init__()
        self.matrix, self.offset = matrix.astype(np.float32), offset.astype(np.float32)

    def call(self, x: Any) -> Any:
        return keras.ops.matmul(x, self.matrix) + self.offset


def asymmetry_layer(image: Any) -> Any:
    """Return what `asymmetry.features` computes, inside a graph: [n, 24, 32, 2] → [n, 6]."""
    a = asymmetry
    ops = keras.ops
    difference = image[..., 1:2]
    size = ops.abs(difference)
    window = size[:, a.TOP : a.BOTTOM, a.LEFT : a.RIGHT]
    places = keras.layers.AveragePooling2D(a.PLACE, a.STEP)(size)
    signed = ops.mean(difference[:, a.TOP : a.BOTTOM, a.LEFT : a.MIDDLE], axis=(1, 2))
    return ops.concatenate(
        [
            ops.mean(window, axis=(1, 2)),
            ops.mean(window * window, axis=(1, 2)),
            ops.mean(size[:, a.TOP : a.HALF, a.LEFT : a.RIGHT], axis=(1, 2)),
            ops.mean(size[:, a.HALF : a.BOTTOM, a.LEFT : a.RIGHT], axis=(1, 2)),
            ops.max(places, axis=(1, 2)),
            ops.abs(signed),
        ],
        axis=-1,
    )


def from_logistic(found: Logistic) -> Any:
    """Return asymmetry features and a logistic regression as a network."""
    image = keras.Input((ROWS, COLUMNS, 2))
    slope = found.weight / found.deviation
    offset = np.array([found.intercept - slope @ found.mean])
    return keras.Model(image, Linear(slope[:, None], offset)(asymmetry_layer(image)))


def build(kind: Kind) -> tuple[Any, Any]:
    """Return an untrained network twice: with one logit for each member, to fit, and with their mean, to use."""
    image = keras.Input((ROWS, COLUMNS, 2))
    extra = []
    if kind is Kind.BOTH:
        extra = [keras.layers.BatchNormalization(momentum=NORMALISATION_MOMENTUM)(asymmetry_layer(image))]
    logits = [_member(image[..., :1], extra) for _ in range(MEMBERS)]
    each = keras.layers.Concatenate()(logits)
    return keras.Model(image, each), keras.Model(image, keras.layers.Average()(logits))


def _member(picture: Any, extra: Sequence[Any]) -> Any:
    x = picture
    for filters, stride in zip(FILTERS, STRIDES, strict=True):
        x = keras.layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization(momentum=NORMALISATION_MOMENTUM)(x)
        x = keras.layers.ReLU()(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    if extra:
        x = keras.layers.Concatenate()([x, *extra])
    return keras.layers.Dense(1)(keras.layers.Dropout(0.3)(x))
