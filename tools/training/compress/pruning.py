"""Magnitude pruning while fine-tuning: the smallest weights are set to nothing, a few more with each step.

The share follows the cubic schedule of Zhu & Gupta, "To prune, or not to prune" (2017, arXiv:1710.01878, equation 1): fast
while there is much to spare, slower at the end, then time to recover.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tools.training.compress.trained import every_layer

SMALLEST_KERNEL = 1_000
"""Weights; smaller kernels cost little and hurt much (depthwise ones, the first and the last layer)."""
EVERY = 10
"""Steps between two choices of what is pruned."""
UNTIL = 0.6
"""Share of the steps after which nothing more is pruned."""


def share_at(step: int, steps: int, final: float) -> float:
    """Return the share of weights that is pruned at ``step`` of ``steps``."""
    progress = min(1.0, step / max(1.0, UNTIL * steps))
    return final * (1 - (1 - progress) ** 3)


def prunable(model: Any) -> list[Any]:
    """Return the kernels that are pruned; biases, normalisation and depthwise convolutions stay whole."""
    return [
        layer.kernel
        for layer in every_layer(model)
        if isinstance(layer, (keras.layers.Conv2D, keras.layers.Conv2DTranspose, keras.layers.Dense))
        and int(np.prod(layer.kernel.shape)) >= SMALLEST_KERNEL
    ]


def sparsity(model: Any) -> float:
    """Return the share of zeros among the prunable weights; 0 where there are none."""
    kernels = [np.asarray(kernel.numpy()) for kernel in prunable(model)]
    return float(sum((one == 0).sum() for one in kernels) / max(1, sum(one.size for one in kernels)))


class Pruning(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Prunes ``kernels`` to ``final``; what was pruned stays pruned, also when a training goes on after it was interrupted.

    Each kernel is pruned to the same share. The step is read from the optimiser, and a pruned weight is the smallest there is,
    so nothing has to be remembered.
    """

    def __init__(self, kernels: list[Any], final: float, steps: int) -> None:
        super().__init__()
        self._kernels, self._final, self._steps = kernels, final, steps
        self._masks: list[NDArray[np.bool_]] | None = None

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        step = int(self.model.optimizer.iterations.numpy())
        if self._masks is None or step % EVERY == 0 or step >= self._steps:
            share = share_at(step, self._steps, self._final)
            self._masks = [kept(kernel.numpy(), share) for kernel in self._kernels]
        for kernel, mask in zip(self._kernels, self._masks, strict=True):
            kernel.assign(kernel.numpy() * mask)


def kept(weights: NDArray[np.float32], share: float) -> NDArray[np.bool_]:
    """Return where ``weights`` stay when the smallest ``share`` of them is pruned."""
    count = round(share * weights.size)
    if count == 0:
        return np.ones(weights.shape, dtype=bool)
    mask = np.ones(weights.size, dtype=bool)
    mask[np.argpartition(np.abs(weights).ravel(), count - 1)[:count]] = False
    return mask.reshape(weights.shape)
