"""What a technician must know, kept until it is cleared. One row for each kind, so a fault that repeats fills no disk."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from device.process.moment import Moment
from device.store.moments import moment_columns, moment_from_row

SALVAGED = "store_salvaged"
DEAD_LETTER = "record_not_accepted"


@dataclass(frozen=True)
class Alarm:
    """Something that a person has to look at."""

    kind: str
    detail: str
    """Of the latest time: what happened, to what, what to do. Nothing about a patient."""
    times: int
    last: Moment


def raise_alarm(connection: sqlite3.Connection, kind: str, detail: str, moment: Moment) -> None:
    """Insert an alarm, or count one more of its kind; inside the caller's transaction."""
    connection.execute(
        """INSERT INTO alarms (kind, detail, times, boot_id, monotonic_s, wall, synchronised) VALUES (?, ?, 1, ?, ?, ?, ?)
        ON CONFLICT (kind) DO UPDATE SET detail = excluded.detail, times = times + 1, boot_id = excluded.boot_id,
            monotonic_s = excluded.monotonic_s, wall = excluded.wall, synchronised = excluded.synchronised""",
        (kind, detail, *moment_columns(moment)),
    )


def read_alarms(connection: sqlite3.Connection) -> list[Alarm]:
    """Return all alarms, by kind."""
    rows = connection.execute("SELECT kind, detail, times, boot_id, monotonic_s, wall, synchronised FROM alarms ORDER BY kind")
    return [Alarm(kind, detail, times, moment_from_row(moment)) for kind, detail, times, *moment in rows]


def clear_alarm(connection: sqlite3.Connection, kind: str) -> None:
    """Forget an alarm; inside the caller's transaction."""
    connection.execute("DELETE FROM alarms WHERE kind = ?", (kind,))
