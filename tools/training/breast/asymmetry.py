"""Six plain numbers about how much the two sides of a chest differ: the classical reading of a thermogram.

They have the same meaning and units on a grid of 24×32 and on any multiple of it, and do not tell an image from its mirror
image: the label says whether a patient is sick, never on which side. `network.asymmetry_layer` computes them inside
a network; a test compares the two.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.preprocess import ROWS
from tools.training.scores import Floats

NAMES = (
    "mean difference",
    "mean square of the difference",
    "mean difference, upper half",
    "mean difference, lower half",
    "largest difference of a place of 4×4 pixels",
    "difference of the sides' means",
)
TOP, HALF, BOTTOM = 4, 13, 22
LEFT, MIDDLE, RIGHT = 3, 16, 29
"""The window that a chest fills, in rows and columns of 24×32."""
PLACE, STEP = 4, 2


def features(inputs: NDArray[np.float32]) -> Floats:
    """Return [n, 6] for inputs [n, rows, columns, 2] of `models.preprocess.with_difference`, on 24×32 or k times that."""
    k = inputs.shape[1] // ROWS
    difference = inputs[..., 1].astype(np.float64)
    size = np.abs(difference)
    window = size[:, TOP * k : BOTTOM * k, LEFT * k : RIGHT * k]
    return np.stack(
        [
            window.mean(axis=(1, 2)),
            (window**2).mean(axis=(1, 2)),
            size[:, TOP * k : HALF * k, LEFT * k : RIGHT * k].mean(axis=(1, 2)),
            size[:, HALF * k : BOTTOM * k, LEFT * k : RIGHT * k].mean(axis=(1, 2)),
            _places(size, PLACE * k, STEP * k).max(axis=(1, 2)),
            np.abs(difference[:, TOP * k : BOTTOM * k, LEFT * k : MIDDLE * k].mean(axis=(1, 2))),
        ],
        axis=1,
    )


def _places(images: Floats, side: int, step: int) -> Floats:
    """Return the means of all squares of ``side`` that begin at a multiple of ``step``, [n, rows, columns]."""
    total = np.zeros((len(images), images.shape[1] + 1, images.shape[2] + 1))
    total[:, 1:, 1:] = images.cumsum(axis=1).cumsum(axis=2)
    sums = total[:, side:, side:] - total[:, :-side, side:] - total[:, side:, :-side] + total[:, :-side, :-side]
    return np.asarray(sums[:, ::step, ::step] / side**2)
