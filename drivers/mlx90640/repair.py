"""Filling in the pixels that the factory marked as bad, from the good ones around them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivers.protocols import COLUMNS, ROWS


class Repair:
    """The places [24, 32] that are bad, and which neighbours stand in for each."""

    def __init__(self, bad: NDArray[np.bool_]) -> None:
        self.bad = bad
        self._neighbours = [
            (int(row), int(column), _good_around(bad, int(row), int(column))) for row, column in np.argwhere(bad)
        ]

    def apply(self, image: NDArray[np.float32]) -> None:
        """Replace the bad places of ``image`` in place by the mean of their good neighbours."""
        for row, column, (rows, columns) in self._neighbours:
            image[row, column] = image[rows, columns].mean()


def _good_around(bad: NDArray[np.bool_], row: int, column: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices of the nearest good places: the ring around, or a wider one where all of that is bad."""
    for reach in range(1, max(ROWS, COLUMNS)):
        top, left = max(0, row - reach), max(0, column - reach)
        rows, columns = np.nonzero(~bad[top : row + reach + 1, left : column + reach + 1])
        if rows.size:
            return rows + top, columns + left
    raise ValueError("Every pixel is bad.")
