"""What the technician's page shows: one line for each part of the kiosk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class HealthRow(Protocol):
    """One part of the kiosk, in words that a technician understands."""

    @property
    def part(self) -> str: ...

    @property
    def status(self) -> str:
        """ "ok", "warning" or "fault"."""

    @property
    def summary(self) -> str: ...

    @property
    def remedy(self) -> str | None:
        """What to do about it; ``None`` where there is nothing to do."""


class HealthRows:
    """The latest rows, replaced as a whole."""

    def __init__(self) -> None:
        self.rows: list[dict[str, str]] = []

    def replace(self, rows: Sequence[HealthRow]) -> None:
        self.rows = [
            {"part": row.part, "status": str(row.status), "summary": row.summary, "remedy": row.remedy or ""} for row in rows
        ]
