"""Fine-tuning with quantisation in mind (Jacob et al., CVPR 2018): the network learns while its numbers are already rounded.

Weights are rounded for each output channel, activations for each tensor, as the converter will do it. Gradients pass the
rounding unchanged (straight-through estimator; Bengio et al., 2013, arXiv:1308.3432). Afterwards the weights, not rounded, go
through the usual full-integer conversion.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tools.training.compress.trained import every_layer

LEVELS = 255
"""Steps between the lowest and the highest int8 activation."""
FUSED = (keras.layers.BatchNormalization, keras.layers.ReLU, keras.layers.Activation)
"""They become part of what stands before them, so there is no tensor in between that would be rounded."""
PASSING = (
    keras.layers.Dropout,
    keras.layers.SpatialDropout2D,
    keras.layers.Flatten,
    keras.layers.Reshape,
    keras.layers.MaxPooling2D,
    keras.layers.UpSampling2D,
    keras.layers.ZeroPadding2D,
)
"""They hand on numbers that were rounded before."""
KERNELS = (keras.layers.Conv2D, keras.layers.Dense, keras.layers.DepthwiseConv2D, keras.layers.Conv2DTranspose)


class Rounded(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Hands on its input in 256 steps over the batch's range; the range always contains 0, which stays exact."""

    def call(self, x: Any) -> Any:
        ops = keras.ops
        low, high = ops.minimum(ops.min(x), 0.0), ops.maximum(ops.max(x), 0.0)
        scale = ops.maximum((high - low) / LEVELS, 1e-9)
        zero = ops.round(-low / scale)
        rounded = (ops.clip(ops.round(x / scale) + zero, 0, LEVELS) - zero) * scale
        return x + ops.stop_gradient(rounded - x)


def with_rounded_activations(model: Any) -> Any:
    """Return ``model`` with rounded activations (its input is not); both have the same layers and so the same weights."""
    rounds = {id(layer) for layer in every_layer(model) if _is_rounded(layer)}

    def call(layer: Any, *arguments: Any, **named: Any) -> Any:
        found = layer(*arguments, **named)
        return Rounded()(found) if id(layer) in rounds and not isinstance(found, (list, tuple)) else found

    bare = keras.Model(model.inputs, model.outputs)  # not compiled: how it was is not to be copied
    return keras.models.clone_model(bare, clone_function=lambda layer: layer, call_function=call, recursive=True)


def _is_rounded(layer: Any) -> bool:
    if isinstance(layer, PASSING):
        return False
    after = [node.operation for node in layer._outbound_nodes]
    return not after or not all(isinstance(one, FUSED) for one in after)


def kernels(model: Any) -> list[tuple[Any, int]]:
    """Return every kernel of ``model`` and the axis of its output channels."""
    found = []
    for layer in every_layer(model):
        if isinstance(layer, KERNELS):
            between = isinstance(layer, (keras.layers.DepthwiseConv2D, keras.layers.Conv2DTranspose))
            found.append((layer.kernel, 2 if between else layer.kernel.ndim - 1))
    return found


def rounded_weights(weights: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """Return ``weights`` in 255 symmetrical steps for each channel along ``axis``, as TensorFlow Lite holds them."""
    others = tuple(index for index in range(weights.ndim) if index != axis % weights.ndim)
    scale = np.maximum(np.abs(weights).max(axis=others, keepdims=True) / 127, 1e-12)
    return np.asarray(np.rint(weights / scale) * scale, dtype=np.float32)


class RoundedWeights(keras.callbacks.Callback):  # type: ignore[misc]
    """Each step is computed with rounded weights, and what it changes is applied to the exact ones."""

    def __init__(self, pairs: list[tuple[Any, int]]) -> None:
        super().__init__()
        self._pairs = pairs
        self._exact: list[NDArray[np.float32]] = []
        self._rounded: list[NDArray[np.float32]] = []

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._exact = [variable.numpy() for variable, _ in self._pairs]
        self._rounded = [rounded_weights(one, axis) for one, (_, axis) in zip(self._exact, self._pairs, strict=True)]
        for value, (variable, _) in zip(self._rounded, self._pairs, strict=True):
            variable.assign(value)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        for exact, rounded, (variable, _) in zip(self._exact, self._rounded, self._pairs, strict=True):
            variable.assign(exact + (variable.numpy() - rounded))
