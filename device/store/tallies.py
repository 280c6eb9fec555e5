"""How often something was seen in each week: what a model's images and answers look like, in counts.

A count says that so many images of a week had a statistic between two quantiles of the model's training. It holds no reference
to a patient or a record, no time finer than the week, and no measured value, so nothing leads from it to anybody.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from device.process.moment import Moment

KEPT_PERIODS = 53
"""A year of weeks."""


@dataclass(frozen=True)
class Tally:
    """One count."""

    period: str
    """See `period_of`."""
    statistic: str
    cell: str
    """Which of the statistic's cells, or which outcome."""
    times: int


def period_of(moment: Moment) -> str:
    """Return the ISO week of ``moment`` in UTC, ``2026-W48``; where the clock was never set, the boot, ``boot-`` and its id.

    A machine without a clock battery may be wrong by years, so a week is never guessed.
    """
    if not moment.synchronised:
        return f"boot-{moment.boot_id}"
    year, week, _ = moment.wall.isocalendar()
    return f"{year}-W{week:02}"


def add_tallies(connection: sqlite3.Connection, bundle: str, cells: Mapping[str, str], moment: Moment) -> None:
    """Count one more in the cell of each statistic; inside the caller's transaction.

    ``bundle``: hash of the model's bundle. ``cells``: cell by statistic. The oldest periods beyond `KEPT_PERIODS` are removed.
    """
    period = period_of(moment)
    begins = connection.execute("SELECT 1 FROM tallies WHERE period = ? LIMIT 1", (period,)).fetchone() is None
    connection.executemany(
        """INSERT INTO tallies (period, bundle, statistic, cell, times) VALUES (?, ?, ?, ?, 1)
        ON CONFLICT (period, bundle, statistic, cell) DO UPDATE SET times = times + 1""",
        [(period, bundle, statistic, cell) for statistic, cell in cells.items()],
    )
    if begins:
        connection.execute(
            """DELETE FROM tallies WHERE period NOT IN
            (SELECT period FROM tallies GROUP BY period ORDER BY min(seq) DESC LIMIT ?)""",
            (KEPT_PERIODS,),
        )


def read_tallies(connection: sqlite3.Connection, bundle: str) -> list[Tally]:
    """Return the counts of one bundle, the period that began first before the others."""
    rows = connection.execute(
        """SELECT period, statistic, cell, times FROM tallies JOIN
        (SELECT period, min(seq) AS began FROM tallies GROUP BY period) USING (period)
        WHERE bundle = ? ORDER BY began, seq""",
        (bundle,),
    )
    return [Tally(*row) for row in rows]
