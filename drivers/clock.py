"""Time as something that is passed in: durations come from a monotonic clock alone."""

from __future__ import annotations

import time
from typing import Protocol

from drivers.errors import DeadlineExceeded


class Clock(Protocol):
    """A monotonic clock and the way to wait on it."""

    def monotonic(self) -> float:
        """Return seconds since an arbitrary start; it never goes backwards."""

    def sleep(self, seconds: float) -> None:
        """Return after ``seconds`` have passed on this clock."""


class SystemClock:
    """The machine's own monotonic clock."""

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds)


class VirtualClock:
    """A clock that moves only when somebody sleeps on it, so a 16-second capture takes milliseconds.

    It belongs to one thread: a simulated bus charges its transfers to it, a driver waits on it.
    """

    def __init__(self, start_s: float = 0.0) -> None:
        self._now = start_s

    def monotonic(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self._now += seconds


class Deadline:
    """A point in time by which something must have happened."""

    def __init__(self, clock: Clock, seconds: float, what: str) -> None:
        """``what`` completes the sentence "... within N s" of the error that `check` raises."""
        self._clock = clock
        self._seconds = seconds
        self._end = clock.monotonic() + seconds
        self._what = what

    @property
    def remaining_s(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._end - self._clock.monotonic())

    def check(self) -> None:
        """Raise `DeadlineExceeded` once the time is up."""
        if self._clock.monotonic() >= self._end:
            raise DeadlineExceeded(f"{self._what} within {self._seconds:g} s")
