"""How often a passphrase may be tried."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

FREE_TRIES = 5
FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 300.0
_REMEMBERED = 1000
"""Names; the ones that were tried least recently are forgotten, so that made-up names cannot fill the memory."""


class Throttle:
    """After `FREE_TRIES` failures a name pauses for `FIRST_PAUSE_S`, and twice as long after each further one.

    Measured on the monotonic clock, so setting the wall clock shortens nothing.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait_s(self, name: str) -> float:
        """Return how long ``name`` must still wait, 0 when it may try now."""
        failures, last = self._failures.get(name, (0, 0.0))
        if failures < FREE_TRIES:
            return 0.0
        pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (failures - FREE_TRIES))
        return max(0.0, last + pause - self._monotonic())

    def failed(self, name: str) -> None:
        failures, _ = self._failures.pop(name, (0, 0.0))
        self._failures[name] = (min(failures + 1, FREE_TRIES + 16), self._monotonic())
        if len(self._failures) > _REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, name: str) -> None:
        self._failures.pop(name, None)
