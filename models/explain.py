"""Where in the image an answer comes from, by covering one place after another (Zeiler & Fergus, ECCV 2014, section 4)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

PATCH, STEP = 6, 4
"""For a thermal image [24, 32]: side of the cover and distance between covers, 6 × 8 places, each pixel under one to four."""


def occlusion_map(
    image: NDArray[np.float32],
    neutral: float,
    probability: Callable[[NDArray[np.float32]], float],
    *,
    patch: int = PATCH,
    step: int = STEP,
) -> NDArray[np.float32]:
    """Return by how much ``probability`` falls when each place of ``image`` [rows, columns] is covered with ``neutral``.

    Float32 of the image's shape, the mean over the covers that hide a pixel. Positive: this place speaks for the answer.
    ``patch``, at least ``step``: the cover's side; ``step``: the distance between covers.
    """
    whole = probability(image)
    fall, covers = np.zeros(image.shape), np.zeros(image.shape)
    for row in _starts(image.shape[0], patch, step):
        for column in _starts(image.shape[1], patch, step):
            place = (slice(max(row, 0), row + patch), slice(max(column, 0), column + patch))
            covered = image.copy()
            covered[place] = neutral
            fall[place] += whole - probability(covered)
            covers[place] += 1
    return (fall / covers).astype(np.float32)


def _starts(length: int, patch: int, step: int) -> range:
    return range((step - patch) // 2, length, step)
