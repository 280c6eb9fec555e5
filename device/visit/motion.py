"""How far the body moved between two thermal frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.visit.body import smoothed

LARGEST_SHIFT_PX = 0.5
"""Blur up to half a pixel (1.5 cm at arm's length with the 110° lens) is below what the optics resolve."""
LARGEST_CHANGE = 0.01
"""Share of the picture that may change otherwise: a hand or an arm covers more."""
_CHANGED_K = 1.5
"""After smoothing, the difference of two frames of the noisier sensor at 8 Hz has a standard deviation of 0.33 K: 4.5 times."""


@dataclass(frozen=True)
class Movement:
    """What changed from one frame to another, apart from a common offset (which is the sensor's, not the body's)."""

    shift_px: float
    """Length of the shift that explains the difference best."""
    changed: float
    """Share of the picture that the shift does not explain."""

    @property
    def still(self) -> bool:
        return self.shift_px <= LARGEST_SHIFT_PX and self.changed <= LARGEST_CHANGE


def movement(frame: NDArray[np.floating[Any]], reference: NDArray[np.floating[Any]]) -> Movement:
    """Compare two frames ([24, 32], °C).

    The shift is the least-squares solution of the brightness-constancy equation over the whole picture (Lucas and Kanade,
    IJCAI 1981, one step), which the outline of a body against a colder room determines to about 0.02 pixels. A step larger
    than a pixel leaves a remainder that counts as change.
    """
    now, before = smoothed(frame), smoothed(reference)
    down, across = np.gradient((now + before) / 2)
    difference = now - before
    terms = np.stack([across.ravel(), down.ravel(), np.ones(difference.size)], axis=1)
    solution, *_ = np.linalg.lstsq(terms, difference.ravel(), rcond=None)
    rest = difference.ravel() - terms @ solution
    return Movement(float(np.hypot(solution[0], solution[1])), float((np.abs(rest) > _CHANGED_K).mean()))
