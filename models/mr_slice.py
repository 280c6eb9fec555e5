"""From the pixels of one MR slice to what the brain networks were trained on: checked, scaled by its own intensities, square.

MR intensities have no unit: the same tissue is 80 on one scanner and 2,000 on another. So every slice is scaled by its own
percentiles, and nothing else about its absolute values reaches a network.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import BadInput

SMALLEST, LARGEST = 32, 4096
"""Rows and columns of a slice that can be read."""
BACKGROUND, BRIGHTEST = 1.0, 99.5
"""Percentiles that become 0 and 1; single hot pixels (vessels, artefacts) are clipped."""
LARGEST_VALUE = 1e30
"""Far beyond any scanner, and far enough below float32's end that differences of two values stay finite."""


def checked(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """Return ``pixels`` as float32 [rows, columns]; raises `BadInput` for what is no slice.

    A slice is an array with two axes of 32 to 4096, of integers or floats, all finite, and not all the same (as float32).
    A mask on it is ignored: what is masked was measured all the same.
    """
    if not isinstance(pixels, np.ndarray) or pixels.ndim != 2:
        shape = getattr(pixels, "shape", type(pixels).__name__)
        raise BadInput(f"the slice has the shape {shape}; give one grey image, [rows, columns]")
    pixels = np.asarray(pixels)
    if pixels.dtype.kind not in "iuf":
        raise BadInput(f"the slice has the dtype {pixels.dtype}; give integers or floats")
    if not all(SMALLEST <= length <= LARGEST for length in pixels.shape):
        raise BadInput(f"the slice has {pixels.shape} pixels; a slice has {SMALLEST} to {LARGEST} along each side")
    broken = int(pixels.size - np.isfinite(pixels).sum())
    if broken:
        raise BadInput(f"{broken} of {pixels.size} pixels of the slice are no numbers; decode it again from its source")
    lowest, highest = float(pixels.min()), float(pixels.max())
    if max(-lowest, highest) > LARGEST_VALUE:
        raise BadInput(f"the slice holds {lowest:g} to {highest:g}; no scanner measures such values: decode it again")
    values = np.asarray(pixels, dtype=np.float32)
    if values.min() == values.max():
        raise BadInput(f"every pixel of the slice is {lowest:g}; it shows nothing")
    return values.copy() if values is pixels else values


def scaled(slice_: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a checked slice with its background at 0 and its bright tissue at 1, float32 of the same shape."""
    low, high = np.percentile(slice_, [BACKGROUND, BRIGHTEST])
    if high <= low:  # less than one pixel in two hundred differs from the background
        low, high = float(slice_.min()), float(slice_.max())
    return np.asarray(np.clip((slice_ - low) / (high - low), 0.0, 1.0), dtype=np.float32)


def square(image: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Return ``image`` [rows, columns] (or [rows, columns, channels]) padded with 0 to a square, then resized to ``side``."""
    import cv2

    rows, columns = image.shape[:2]
    longest = max(rows, columns)
    top, left = (longest - rows) // 2, (longest - columns) // 2
    padding = ((top, longest - rows - top), (left, longest - columns - left), *((0, 0) for _ in image.shape[2:]))
    padded = np.pad(image, padding)
    method = cv2.INTER_AREA if longest >= side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(padded, (side, side), interpolation=method), dtype=np.float32)
