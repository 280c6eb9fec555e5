"""The timer unit of a simulated MFRC522 (data sheet, section 8.5)."""

from __future__ import annotations

from drivers.clock import Clock
from drivers.sim.rf_field import CARRIER_HZ


class Mfrc522Timer:
    """Counts down from a reload value; its owner looks whether it has run out."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tick_s = 1 / CARRIER_HZ
        self.end_s: float | None = None
        """When it runs out; ``None`` while it stands still."""

    def start(self, at_s: float, prescaler: int, reload: int) -> None:
        self._tick_s = (2 * prescaler + 1) / CARRIER_HZ
        self.end_s = at_s + (reload + 1) * self._tick_s

    def stop(self) -> None:
        self.end_s = None

    @property
    def count(self) -> int:
        """What TCounterValReg shows: ticks left, 16 bits."""
        left_s = 0.0 if self.end_s is None else self.end_s - self._clock.monotonic()
        return int(left_s / self._tick_s) & 0xFFFF
