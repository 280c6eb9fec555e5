"""When something happened, on a machine without a clock battery.

Order comes from (boot id, monotonic time). Wall time is attached together with whether it was synchronised, and is never
used to measure a duration, a deadline or a back-off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Moment:
    """One point in time, as well as the kiosk knows it."""

    boot_id: str
    monotonic_s: float
    wall: datetime
    """UTC, from a clock that may be wrong."""
    synchronised: bool
    """Whether the system clock was set from outside since boot."""


class Timekeeper(Protocol):
    """A monotonic clock to wait on (see `drivers.clock.Clock`) that can also tell the moment."""

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...

    def now(self) -> Moment: ...
