"""How fast things leave: one allowance of bytes for all threads, and a way to let something urgent go first."""

from __future__ import annotations

import threading
from typing import Protocol

_STEP_S = 0.1
"""How soon a waiting thread notices that it is to give way."""
_PIECE_S = 0.25
_SMALLEST_PIECE, _LARGEST_PIECE = 1 << 10, 64 << 10


class Clock(Protocol):
    """What `Pace` needs of a `Timekeeper`."""

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class GivenWay(Exception):
    """The thread is to end what it sends, because something more urgent waits."""


class Pace:
    """Bytes per second over all threads that send."""

    def __init__(self, clock: Clock, bytes_per_s: float | None = None) -> None:
        """``bytes_per_s``: ``None`` for no limit."""
        self._clock = clock
        self._rate = bytes_per_s
        self._lock = threading.Lock()
        self._free_s = clock.monotonic()
        self._giving_way = threading.Event()

    @property
    def piece_bytes(self) -> int:
        """How much to send at once, so that nothing that is under way keeps an urgent record waiting."""
        if self._rate is None:
            return _LARGEST_PIECE
        return max(_SMALLEST_PIECE, min(_LARGEST_PIECE, int(self._rate * _PIECE_S)))

    @property
    def limited(self) -> bool:
        return self._rate is not None

    def give_way(self, wanted: bool) -> None:
        """While ``wanted``, `take` raises `GivenWay`, and what was promised to those who wait is free again."""
        if wanted:
            self._giving_way.set()
            with self._lock:
                self._free_s = self._clock.monotonic()
        else:
            self._giving_way.clear()

    def take(self, size: int) -> None:
        """Wait until ``size`` bytes may leave. Raises `GivenWay`."""
        if self._giving_way.is_set():
            raise GivenWay
        if self._rate is None:
            return
        with self._lock:
            at_s = max(self._free_s, self._clock.monotonic())
            self._free_s = at_s + size / self._rate
        while (wait_s := at_s - self._clock.monotonic()) > 0:
            self._clock.sleep(min(_STEP_S, wait_s))
            if self._giving_way.is_set():
                raise GivenWay
