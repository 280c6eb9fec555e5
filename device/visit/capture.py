"""Averages frames of a body that holds still until the mean is known to the target noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device.visit.body import find_body
from device.visit.gates import failing_position_gate
from device.visit.motion import movement
from device.visit.reasons import Reason
from drivers.protocols import ThermalFrame

FEWEST_FRAMES = 4
"""Before that many the noise is not known well enough to stop by it."""
MOVED_FOR = 4
"""So many frames in a row at another place, alike among themselves: the patient stands there now, start again from them."""


@dataclass(frozen=True, eq=False)
class Captured:
    """One finished capture."""

    celsius: NDArray[np.float32]
    """[24, 32], mean of the frames, °C."""
    noise_k: float
    """Standard error of a mean pixel on the body, K."""
    raw: NDArray[np.uint16]
    """[frames, 2, 834]: the words of each frame that was used."""
    bad: NDArray[np.bool_]
    rejected: int
    """Frames left out because of motion or position."""
    sensor_ambient_c: float
    supply_v: float
    integration_s: float
    """Frames × two subpages ÷ refresh rate: what physics needs for this noise."""
    finished_s: float

    @property
    def frames(self) -> int:
        return int(self.raw.shape[0])


class Capture:
    """A running average that knows its own noise.

    The noise of one frame is estimated from successive differences (von Neumann, Ann. Math. Stat. 12(4):367-395, 1941):
    mean squared difference of neighbouring frames ÷ 2, over all pixels on the body, which slow drift does not inflate. The
    standard error of the mean is that ÷ √frames. Each frame holds two fresh subpages, so frames are independent.
    """

    def __init__(self, target_k: float, refresh_hz: float) -> None:
        """``target_k``: wanted standard error, K; ``refresh_hz``: subpages per second."""
        self._target_k = target_k
        self._refresh_hz = refresh_hz
        self._used: list[ThermalFrame] = []
        self._elsewhere: list[ThermalFrame] = []
        self._mask: NDArray[np.bool_] | None = None
        self._squares = 0.0
        self.rejected = 0
        self.out_of_position = 0
        """Frames in a row in which the person did not stand where the picture can be taken."""

    def add(self, frame: ThermalFrame) -> Reason:
        """Take or reject ``frame``; returns what the patient should do now."""
        body = find_body(frame.celsius)
        wrong = failing_position_gate(body)
        if body is None or wrong is not None:
            self.out_of_position += 1
            self._reject()
            self._elsewhere.clear()
            return wrong[1] if wrong else Reason.NOBODY_THERE
        self.out_of_position = 0
        if not self._used:
            self._mask = body.mask
            self._accept(frame)
        elif movement(frame.celsius, self._mean()).still:
            self._elsewhere.clear()
            self._accept(frame)
        else:
            self._wait_for_stillness(frame, body.mask)
        return Reason.HOLD_STILL

    @property
    def frames(self) -> int:
        return len(self._used)

    @property
    def noise_k(self) -> float:
        """Standard error of the mean so far, K; infinite before two frames."""
        count = len(self._used)
        return float(np.sqrt(self._squares / (2 * (count - 1)) / count)) if count > 1 else float("inf")

    @property
    def progress(self) -> float:
        """0 to 1. The error falls with the root of the frames, so its inverse square grows evenly; less after a motion."""
        if len(self._used) < 2:
            return 0.0
        return min(1.0, (self._target_k / max(self.noise_k, 1e-9)) ** 2)

    @property
    def complete(self) -> bool:
        return len(self._used) >= FEWEST_FRAMES and self.noise_k <= self._target_k

    @property
    def finished_s(self) -> float:
        """Monotonic time at which the last frame that was used had been read."""
        return self._used[-1].finished_s if self._used else float("-inf")

    def result(self) -> Captured:
        """Return the mean and what it was made of. Raises `ValueError` before `complete`."""
        if not self.complete:
            raise ValueError(f"the capture has {len(self._used)} frames and has not reached {self._target_k:g} K yet")
        frames = self._used
        return Captured(
            celsius=self._mean(),
            noise_k=self.noise_k,
            raw=np.stack([frame.raw for frame in frames]),
            bad=np.logical_or.reduce([frame.bad for frame in frames]),
            rejected=self.rejected,
            sensor_ambient_c=float(np.mean([frame.ambient_c for frame in frames])),
            supply_v=float(np.mean([frame.supply_v for frame in frames])),
            integration_s=len(frames) * 2 / self._refresh_hz,
            finished_s=frames[-1].finished_s,
        )

    def _mean(self) -> NDArray[np.float32]:
        mean: NDArray[np.float32] = (
            np.stack([frame.celsius for frame in self._used]).mean(axis=0, dtype=np.float64).astype(np.float32)
        )
        return mean

    def _accept(self, frame: ThermalFrame) -> None:
        self._used.append(frame)
        self._sum_up()

    def _reject(self) -> None:
        """Leave a frame out, and the one before it too: the movement may have begun in it. The ring empties a little."""
        self.rejected += 1
        if self._used:
            self._used.pop()
            self.rejected += 1
            self._sum_up()

    def _wait_for_stillness(self, frame: ThermalFrame, mask: NDArray[np.bool_]) -> None:
        if self._elsewhere and not movement(frame.celsius, self._elsewhere[-1].celsius).still:
            self._elsewhere.clear()
        self._elsewhere.append(frame)
        if len(self._elsewhere) < MOVED_FOR:
            self._reject()
            return
        self.rejected += len(self._used) - (MOVED_FOR - 1)  # those were counted when they came
        self._used, self._elsewhere, self._mask = self._elsewhere, [], mask
        self._sum_up()

    def _sum_up(self) -> None:
        """Sum the mean squared differences of neighbouring frames over the body."""
        pairs = zip(self._used, self._used[1:], strict=False)
        self._squares = sum(float(np.mean((b.celsius - a.celsius)[self._mask] ** 2)) for a, b in pairs)
