"""Where the head lies in a slice, and the square around it that a network sees.

The head fills between half and all of a slice, as the field of view was chosen. Cut to the head, a small network spends its
pixels on the brain, and a head has the same size whatever was around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.mr_slice import square

TISSUE = 0.08
"""Of the scaled slice's range: darker is air. Bone and air inside the head do not matter, since only the outline counts."""
LEAST_SHARE = 0.05
"""Of the slice's pixels: a smaller bright region is no head, and the whole slice is kept."""
MARGIN = 0.02
"""Of the head's longer side, kept on each side of it."""


@dataclass(frozen=True)
class Frame:
    """A part of a slice: rows ``top`` to ``bottom`` and columns ``left`` to ``right``, both ends exclusive."""

    top: int
    bottom: int
    left: int
    right: int

    def cut(self, image: NDArray[np.float32], side: int) -> NDArray[np.float32]:
        """Return this part of ``image`` [rows, columns], padded with 0 to a square and resized, float32 [side, side]."""
        return square(image[self.top : self.bottom, self.left : self.right], side)

    def back(self, grid: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
        """Return ``grid`` [n, n], which lies over the square of `cut`, on the slice's pixels: float32 of ``shape``.

        Outside of the frame it is 0.
        """
        import cv2

        rows, columns = self.bottom - self.top, self.right - self.left
        longest = max(rows, columns)
        above, before = (longest - rows) // 2, (longest - columns) // 2
        whole = cv2.resize(grid, (longest, longest), interpolation=cv2.INTER_LINEAR)
        result = np.zeros(shape, dtype=np.float32)
        result[self.top : self.bottom, self.left : self.right] = whole[above : above + rows, before : before + columns]
        return result


def find(scaled: NDArray[np.float32]) -> Frame:
    """Return the frame around the largest bright region of a scaled slice [rows, columns] (`models.mr_slice.scaled`).

    It is the whole slice where no region is large enough to be a head.
    """
    import cv2

    rows, columns = scaled.shape
    smooth = cv2.blur(scaled, (5, 5))  # noise in the air is brighter than TISSUE at single pixels
    count, _, stats, _ = cv2.connectedComponentsWithStats((smooth > TISSUE).astype(np.uint8), connectivity=8)
    largest = max(range(1, count), key=lambda region: int(stats[region, cv2.CC_STAT_AREA]), default=0)
    if largest == 0 or stats[largest, cv2.CC_STAT_AREA] < LEAST_SHARE * scaled.size:
        return Frame(0, rows, 0, columns)
    left, top, width, height = (int(value) for value in stats[largest, :4])
    margin = round(MARGIN * max(width, height))
    return Frame(
        max(top - margin, 0), min(top + height + margin, rows), max(left - margin, 0), min(left + width + margin, columns)
    )
