"""A `Moment` as four columns: boot_id, monotonic_s, wall (ISO 8601, UTC), synchronised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from device.process.moment import Moment, wall_text


def moment_columns(moment: Moment) -> tuple[str, float, str, int]:
    return (moment.boot_id, moment.monotonic_s, wall_text(moment.wall), int(moment.synchronised))


def moment_from_row(columns: Sequence[Any]) -> Moment:
    boot_id, monotonic_s, wall, synchronised = columns
    return Moment(boot_id, monotonic_s, datetime.fromisoformat(wall), bool(synchronised))
