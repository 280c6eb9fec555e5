"""When something happened, on a machine without a clock battery.

Order comes from (boot id, monotonic time). Wall time is attached together with whether it was synchronised, and is never
used to measure a duration, a deadline or a back-off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class Moment:
    """One point in time, as well as the kiosk knows it."""

    boot_id: str
    monotonic_s: float
    wall: datetime
    """UTC, from a clock that may be wrong."""
    synchronised: bool
    """Whether the system clock was set from outside since boot."""

    def seconds_since(self, earlier: Moment) -> float | None:
        """Return the seconds from ``earlier`` to this moment, ``None`` where a reboot lies between: then nobody knows."""
        return self.monotonic_s - earlier.monotonic_s if self.boot_id == earlier.boot_id else None


class Timekeeper(Protocol):
    """A monotonic clock to wait on (see `drivers.clock.Clock`) that can also tell the moment."""

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...

    def now(self) -> Moment: ...


def wall_text(wall: datetime) -> str:
    """Return ``2026-11-20T09:30:12.123Z``. Raises `ValueError` for a time without a zone."""
    if wall.tzinfo is None:
        raise ValueError(f"{wall.isoformat()} has no time zone; pass an aware datetime")
    return wall.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_to_json(moment: Moment) -> dict[str, Any]:
    """Return the four keys that `docs/record.md` gives to the time of a capture, wall time to the millisecond."""
    return {
        "captured_at": wall_text(moment.wall),
        "clock_synchronised": moment.synchronised,
        "boot_id": moment.boot_id,
        "monotonic_s": moment.monotonic_s,
    }


def moment_from_json(document: Mapping[str, Any]) -> Moment:
    """Read back what `moment_to_json` wrote; other keys are ignored.

    Raises `ValueError` when a key is missing or holds something else.
    """
    try:
        return Moment(
            boot_id=str(document["boot_id"]),
            monotonic_s=float(document["monotonic_s"]),
            wall=datetime.fromisoformat(document["captured_at"]).astimezone(UTC),
            synchronised=bool(document["clock_synchronised"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no moment: {error!r}; it takes captured_at, clock_synchronised, boot_id, monotonic_s") from error
