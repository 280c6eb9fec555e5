"""How well an outline agrees with an expert's: Dice and the 95 % Hausdorff distance, and where a map points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def dice(found: Mask, truth: Mask) -> float:
    """Return twice the shared pixels over all pixels of both (Dice, Ecology 26:297, 1945); 1 where both are empty."""
    both = int(found.sum()) + int(truth.sum())
    return 2 * int((found & truth).sum()) / both if both else 1.0


def hausdorff95(found: Mask, truth: Mask) -> float:
    """Return the 95 % Hausdorff distance between two outlines, in pixels; NaN where one of them is empty.

    The larger of the two directed ones; each is the 95th percentile of the distances from the edge pixels of one mask to the
    nearest edge pixel of the other (Huttenlocher et al., IEEE PAMI 15:850, 1993, equation 6, for the ranked distance).
    """
    if not found.any() or not truth.any():
        return float("nan")
    one, other = _edge(found), _edge(truth)
    return max(float(np.percentile(_distance_to(other)[one], 95)), float(np.percentile(_distance_to(one)[other], 95)))


def points_at(scores: NDArray[np.float32], truth: Mask) -> bool:
    """Return whether the highest value of a map [rows, columns] lies in ``truth`` (pointing game, without a margin).

    Where several pixels share the highest value, the middle one in reading order counts.
    """
    highest = np.flatnonzero(scores.ravel() == scores.max())
    return bool(truth.ravel()[highest[len(highest) // 2]])


def _edge(mask: Mask) -> Mask:
    import cv2

    padded = np.pad(mask.astype(np.uint8), 1)
    inner = cv2.erode(padded, np.ones((3, 3), dtype=np.uint8))[1:-1, 1:-1]
    return np.asarray(mask & (inner == 0), dtype=bool)


def _distance_to(edge: Mask) -> NDArray[np.float32]:
    import cv2

    away = (~edge).astype(np.uint8)
    return np.asarray(cv2.distanceTransform(away, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), dtype=np.float32)
