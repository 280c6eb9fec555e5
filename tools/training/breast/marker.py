"""The metal marker below the breasts: found, measured and painted over.

It is larger in the early images, which are all healthy, so a network that sees it learns the date.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

AREA = (12, 700)
"""Pixels of 640×480/16 that a marker covers."""
SURROUNDINGS = 15
"""Side of the median filter, in every second pixel: more than twice a marker's side in area."""
DROPS_K = (1.0, 2.0, 3.0)
"""How much colder than its surroundings a marker is at least; each is tried, since a marker may touch a cold fold."""


def find_marker(celsius: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return where the marker is in a thermogram [120, 160]; all false where none is found.

    It is the most square, cold, compact patch near the body's middle and in the lower two thirds of the image.
    """
    coarse = ndimage.median_filter(celsius[::2, ::2], size=SURROUNDINGS, mode="nearest")
    surroundings = coarse.repeat(2, axis=0).repeat(2, axis=1)
    drop = surroundings - celsius
    best, best_score = np.zeros(celsius.shape, dtype=bool), 0.0
    for level in DROPS_K:
        labels, _ = ndimage.label((drop > level) & (surroundings > np.percentile(celsius, 30)))
        for index, box in enumerate(ndimage.find_objects(labels), start=1):
            patch = labels == index
            score = _squareness(patch, box, drop)
            if score > best_score:
                best, best_score = patch, score
    return best


def paint_over(celsius: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return ``celsius`` with the marker replaced by a smooth continuation of the skin around it."""
    marker = find_marker(celsius)
    if not marker.any():
        return celsius
    hole = ndimage.binary_dilation(marker, iterations=3)
    known = np.where(hole, 0.0, celsius)
    painted = celsius.astype(np.float64)
    for sigma in (12.0, 6.0, 3.0, 1.5):
        weight = ndimage.gaussian_filter((~hole).astype(np.float64), sigma)
        smooth = ndimage.gaussian_filter(known, sigma) / np.maximum(weight, 1e-9)
        near = hole & (weight > 0.05)
        painted[near] = smooth[near]
    return painted.astype(np.float32)


def _squareness(patch: NDArray[np.bool_], box: tuple[slice, slice], drop: NDArray[np.float32]) -> float:
    rows, columns = box
    height, width = rows.stop - rows.start, columns.stop - columns.start
    area = int(patch.sum())
    middle_row, middle_column = (rows.start + rows.stop) / 2, (columns.start + columns.stop) / 2
    fits = AREA[0] <= area <= AREA[1] and 0.55 <= width / height <= 1.8
    if not fits or middle_row < 55 or abs(middle_column - 80) > 28:
        return 0.0
    filled = area / (height * width)
    return filled * float(np.median(drop[patch])) if filled > 0.6 else 0.0
