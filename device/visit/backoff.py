"""How long to leave a broken device alone before the next attempt."""

from __future__ import annotations

FIRST_S, LONGEST_S = 0.1, 30.0


class Backoff:
    """Doubles from 0.1 s to 30 s with each failure in a row. Nobody else tries, so there is no jitter."""

    def __init__(self) -> None:
        self._wait_s = FIRST_S
        self._next_s = float("-inf")

    def due(self, now_s: float) -> bool:
        return now_s >= self._next_s

    def failed(self, now_s: float) -> None:
        self._next_s = now_s + self._wait_s
        self._wait_s = min(2 * self._wait_s, LONGEST_S)

    def worked(self) -> None:
        self._wait_s = FIRST_S
        self._next_s = float("-inf")
