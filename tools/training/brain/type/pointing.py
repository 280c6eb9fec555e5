"""Whether a map points at the tumour: the pointing game (Zhang et al., IJCV 126:1084-1102, 2018, section 5.1)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Maps = NDArray[np.float32]

TOLERANCE = 8
"""Pixels of what the network sees, half a cell of its evidence: so near to the tumour a second figure counts as a hit."""


def hits(maps: Maps, mask: Maps, tolerance: int = 0) -> NDArray[np.bool_]:
    """Return for each slice whether the highest place of its map [n, rows, columns] lies in its tumour [n, side, side].

    A coarser map is interpolated to the mask's grid first. ``tolerance``: how many pixels beside the tumour count as in it.
    """
    return np.array([_hit(one, _grown(tumour, tolerance)) for one, tumour in zip(maps, mask, strict=True)])


def chance(mask: Maps, image: Maps, tolerance: int = 0) -> float:
    """Return how often a place chosen blindly in the head lies in the tumour."""
    shares = []
    for tumour, picture in zip(mask, image, strict=True):
        head = picture > 0
        shares.append((_grown(tumour, tolerance) & head).sum() / max(int(head.sum()), 1))
    return float(np.mean(shares))


def _hit(one: Maps, tumour: NDArray[np.bool_]) -> bool:
    import cv2

    fine = cv2.resize(np.ascontiguousarray(one, dtype=np.float32), tumour.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return bool(tumour[np.unravel_index(int(fine.argmax()), fine.shape)])


def _grown(tumour: Maps, tolerance: int) -> NDArray[np.bool_]:
    import cv2

    inside = (tumour >= 0.5).astype(np.uint8)
    size = 2 * tolerance + 1
    return np.asarray(cv2.dilate(inside, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))), dtype=bool)
