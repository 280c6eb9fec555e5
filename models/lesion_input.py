"""From one to three MR series of the same slice to what the lesion network takes, and its answer back to the slice's own grid.

The head is cut out before the slice is made small: in a third of the slices it fills less than three quarters of the field of
view, and a lesion there would shrink to a few cells. The cut never goes below half of the slice, so that the top of a head
still looks like the top of a head.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import mr_slice
from models.errors import BadInput

NAME = "head_cut_144"
"""Of this preparation, on the card."""
SERIES: tuple[str, ...] = ("t1", "flair", "t1c")
"""T1 before contrast, FLAIR, T1 after contrast; the network's channels in this order. A missing one is 0."""
SIDE, CELLS = 144, 72
"""Pixels along the network's input, cells along its answer."""
TISSUE = 0.1
"""Scaled intensity above which a pixel may be head."""
MARGIN, LEAST = 1.06, 0.5
"""The cut's side: that of the head times the one, and at least the longest side of the slice times the other."""


@dataclass(frozen=True)
class Cut:
    """A square in the slice, in its pixels; it may reach beyond the slice's edges."""

    top: int
    left: int
    side: int
    rows: int
    columns: int
    """Of the whole slice."""

    def wider(self, factor: float) -> Cut:
        """Return the square around the same middle with a side ``factor`` times as long."""
        side = round(self.side * factor)
        more = (side - self.side) // 2
        return Cut(self.top - more, self.left - more, side, self.rows, self.columns)

    def out(self, image: NDArray[np.float32], side: int) -> NDArray[np.float32]:
        """Return the square of ``image`` [rows, columns] at ``side`` × ``side`` pixels; what lies outside the slice is 0."""
        import cv2

        whole = np.zeros((self.side, self.side), dtype=np.float32)
        here, there = self._overlap()
        whole[here] = image[there]
        method = cv2.INTER_AREA if self.side >= side else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(whole, (side, side), interpolation=method), dtype=np.float32)

    def back(self, cells: NDArray[np.float32], outside: float = 0.0) -> NDArray[np.float32]:
        """Return a map [n, n] of the square on the slice's own grid, float32 [rows, columns]; ``outside`` beyond the square."""
        import cv2

        large = cv2.resize(cells.astype(np.float32), (self.side, self.side), interpolation=cv2.INTER_LINEAR)
        whole = np.full((self.rows, self.columns), outside, dtype=np.float32)
        here, there = self._overlap()
        whole[there] = large[here]
        return whole

    def _overlap(self) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        """Return the part that square and slice share, in the pixels of each."""
        top, left = max(self.top, 0), max(self.left, 0)
        bottom, right = min(self.top + self.side, self.rows), min(self.left + self.side, self.columns)
        here = (slice(top - self.top, bottom - self.top), slice(left - self.left, right - self.left))
        return here, (slice(top, bottom), slice(left, right))


def checked(series: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
    """Return the series scaled by `models.mr_slice`, each float32 [rows, columns] in 0 to 1.

    Raises `BadInput` for none at all, an unknown name, something that is no slice, or slices of different shapes.
    """
    unknown = sorted(set(map(str, series)) - set(SERIES))
    if unknown or not series:
        given = ", ".join(unknown) or "no series at all"
        raise BadInput(f"the lesion model was given {given}; it takes one or more of {', '.join(SERIES)}")
    found = {name: mr_slice.scaled(mr_slice.checked(pixels)) for name, pixels in series.items()}
    shapes = {name: pixels.shape for name, pixels in found.items()}
    if len(set(shapes.values())) > 1:
        listed = ", ".join(f"{name} {rows}×{columns}" for name, (rows, columns) in shapes.items())
        raise BadInput(f"the series have different shapes ({listed}); resample them to one grid first")
    return found


def head(series: Mapping[str, NDArray[np.float32]]) -> Cut:
    """Return the square around the head: the smallest among the series', since some have a bright background."""
    boxes = [_box(pixels) for pixels in series.values()]
    top, left, height, width = min(boxes, key=lambda box: box[2] * box[3])
    rows, columns = next(iter(series.values())).shape
    side = max(round(max(height, width) * MARGIN), round(max(rows, columns) * LEAST))
    return Cut(top + (height - side) // 2, left + (width - side) // 2, side, rows, columns)


def prepare(series: Mapping[str, NDArray[np.float32]], cut: Cut, side: int = SIDE) -> NDArray[np.float32]:
    """Return the cut of `checked` series, float32 [side, side, 3] in 0 to 1, in the order of `SERIES`; a missing one is 0."""
    image = np.zeros((side, side, len(SERIES)), dtype=np.float32)
    for name, pixels in series.items():
        image[..., SERIES.index(name)] = cut.out(pixels, side)
    return image


def _box(scaled: NDArray[np.float32]) -> tuple[int, int, int, int]:
    """Return top, left, height and width of the largest connected piece of tissue; of the whole slice if there is none."""
    import cv2

    _, _, stats, _ = cv2.connectedComponentsWithStats((scaled > TISSUE).astype(np.uint8), connectivity=4)
    if len(stats) < 2:
        return 0, 0, *scaled.shape
    left, top, width, height, _ = (int(number) for number in stats[1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))])
    return top, left, height, width
