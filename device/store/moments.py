"""A `Moment` as four columns: boot_id, monotonic_s, wall (ISO 8601, UTC), synchronised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from device.process.moment import Moment, wall_text
from device.store.errors import StoreCorrupt


def moment_columns(moment: Moment) -> tuple[str, float, str, int]:
    return (moment.boot_id, moment.monotonic_s, wall_text(moment.wall), int(moment.synchronised))


def moment_from_row(columns: Sequence[Any]) -> Moment:
    """Read the four columns back. Raises `StoreCorrupt` where the time is none."""
    boot_id, monotonic_s, wall, synchronised = columns
    try:
        return Moment(boot_id, monotonic_s, datetime.fromisoformat(wall), bool(synchronised))
    except ValueError as error:
        raise StoreCorrupt(
            f"the store holds {wall!r} where a time should be; its next use salvages what can be read"
        ) from error
