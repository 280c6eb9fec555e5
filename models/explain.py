"""Where in the image an answer comes from, by covering one place after another (Zeiler & Fergus, ECCV 2014, section 4)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

PATCH, STEP = 6, 4
"""Side of the cover and distance between covers in pixels: 6 × 8 places, each pixel under one to four of them."""


def occlusion_map(
    image: NDArray[np.float32], neutral: float, probability: Callable[[NDArray[np.float32]], float]
) -> NDArray[np.float32]:
    """Return by how much ``probability`` falls when each place of ``image`` [24, 32] is covered with ``neutral``.

    Float32 of the image's shape, the mean over the covers that hide a pixel. Positive: this place speaks for a finding.
    """
    whole = probability(image)
    fall, covers = np.zeros(image.shape), np.zeros(image.shape)
    for row in _starts(image.shape[0]):
        for column in _starts(image.shape[1]):
            place = (slice(max(row, 0), row + PATCH), slice(max(column, 0), column + PATCH))
            covered = image.copy()
            covered[place] = neutral
            fall[place] += whole - probability(covered)
            covers[place] += 1
    return (fall / covers).astype(np.float32)


def _starts(length: int) -> range:
    return range((STEP - PATCH) // 2, length, STEP)
