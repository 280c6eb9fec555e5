"""A simulated indicator: remembers what it was told to show."""

from __future__ import annotations

from collections import deque

from drivers.clock import Clock
from drivers.protocols import Signal

LOG_LENGTH = 1000


class SimIndicator:
    """`Indicator` whose lights can be looked at from any thread. Closing it puts them out; it can be used again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.signal = Signal.OFF
        self.log: deque[tuple[float, Signal]] = deque(maxlen=LOG_LENGTH)
        """Monotonic time and signal of each `show`, oldest first; the last 1000."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.signal.value}>"

    def show(self, signal: Signal) -> None:
        self.log.append((self._clock.monotonic(), signal))
        self.signal = signal

    def close(self) -> None:
        self.signal = Signal.OFF
