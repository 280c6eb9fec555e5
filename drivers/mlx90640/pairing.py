"""Which two subpages make one frame: the sensor numbers them 0 and 1 only, so time has to tell whether one was missed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivers.errors import BadFrame
from drivers.mlx90640.calibration import Floats
from drivers.mlx90640.temperature import Surroundings

_TOLERANCE = 0.125
"""Share of two periods kept as a margin for the sensor's oscillator and the bus."""
_REPEATS = 2


@dataclass(frozen=True, eq=False)
class Subpage:
    """One measurement of half of the pixels. It was finished after ``after_s`` and not later than ``cleared_s``."""

    number: int
    words: NDArray[np.uint16]
    """[834]: RAM, control register, status register."""
    celsius: Floats
    """[384], in the order of the subpage's pixels."""
    surroundings: Surroundings
    after_s: float
    seen_s: float
    cleared_s: float


class Pairing:
    """Joins consecutive subpages. A subpage whose partner was missed is dropped, never combined with an older one."""

    def __init__(self, period_s: float) -> None:
        self._window_s = 2 * period_s * (1 - _TOLERANCE)
        self._waiting: Subpage | None = None
        self._repeats = 0

    def drop(self) -> None:
        """Forget what waits for its partner."""
        self._waiting = None

    def add(self, new: Subpage) -> tuple[Subpage, Subpage] | None:
        """Return subpages 0 and 1 once they are consecutive; raises `BadFrame` where the sensor repeats one of them."""
        old, self._waiting = self._waiting, new
        if old is None:
            return None
        if new.number == old.number:
            # Two periods later the same number is right; sooner than that the sensor has left out the other half.
            self._repeats = self._repeats + 1 if new.seen_s < old.after_s + self._window_s else 0
            if self._repeats >= _REPEATS:
                raise BadFrame(
                    f"The thermal sensor measures subpage {new.number} only, so half of the picture is missing. Re-open it."
                )
            return None
        self._repeats = 0
        # The old one was still the latest when it was cleared, so its partner's successor but one (the next with the
        # partner's number) is finished more than two periods after that.
        if new.seen_s > old.cleared_s + self._window_s:
            return None
        self._waiting = None
        return (old, new) if old.number == 0 else (new, old)
