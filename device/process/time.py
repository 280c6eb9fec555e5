"""The two timekeepers: the machine's own, and one that moves only when somebody sleeps on it.

A Pi has no clock battery. After a power cut its wall clock shows the last shutdown, 1970, or whatever a network said, so
nothing here guesses: "synchronised" is what the kernel or systemd-timesyncd says, and never of a time before `BUILT`.
"""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from device.process.moment import Moment
from device.process.release import BUILT
from device.process.synchronised import system_clock_synchronised

BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")


@cache
def boot_id() -> str:
    """Return what names this boot of the machine; the same in every process until it restarts.

    Where the system has none, it is random for each process. That errs to the safe side: another process then takes this
    one's leases and back-offs for those of an earlier boot, so at worst something is sent twice (which changes nothing).
    """
    try:
        return str(uuid.UUID(BOOT_ID_FILE.read_text().strip()))
    except (OSError, ValueError):
        return str(uuid.uuid4())


class SystemTimekeeper:
    """The machine's monotonic and wall clocks."""

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds)

    def now(self) -> Moment:
        wall = datetime.now(UTC)
        return Moment(boot_id(), time.monotonic(), wall, wall >= BUILT and system_clock_synchronised())


class VirtualTimekeeper:
    """A clock that moves only when somebody sleeps on it; its wall clock can be set wrong and can jump.

    It belongs to one thread.
    """

    def __init__(
        self,
        start_s: float = 0.0,
        *,
        wall: datetime = BUILT + timedelta(hours=9, minutes=30),
        synchronised: bool = True,
        boot: str = "00000000-0000-4000-8000-000000000001",
    ) -> None:
        """``start_s``: what the monotonic clock shows now; ``wall``: what the wall clock shows now (aware)."""
        self._now_s = start_s
        self._boot = boot
        self.synchronised = synchronised
        self.set_wall(wall)

    def monotonic(self) -> float:
        return self._now_s

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self._now_s += seconds

    def now(self) -> Moment:
        wall = self._wall_at_zero + timedelta(seconds=self._now_s)
        return Moment(self._boot, self._now_s, wall, self.synchronised and wall >= BUILT)

    def set_wall(self, wall: datetime) -> None:
        """Set the wall clock; the monotonic clock does not notice."""
        self._wall_at_zero = wall.astimezone(UTC) - timedelta(seconds=self._now_s)

    def jump(self, by: timedelta) -> None:
        """Move the wall clock, forwards or backwards; the monotonic clock does not notice."""
        self._wall_at_zero += by

    def reboot(self, *, boot: str | None = None, start_s: float = 0.0) -> None:
        """Start another boot: another boot id, the monotonic clock at ``start_s``, the wall clock where it stood."""
        wall = self.now().wall
        self._boot = boot or str(uuid.uuid4())
        self._now_s = start_s
        self.set_wall(wall)
