"""What one pass over the outbox did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Confirmed:
    id: str
    sha256: str
    """Of the document as the remote holds it; equal to our own."""


@dataclass(frozen=True)
class Failed:
    id: str
    error: str
    """Name of the error's class."""
    reason: str
    given_up: bool
    """It was laid aside (a dead letter); otherwise it will be tried again."""


@dataclass
class SyncReport:
    """Grows while the pass goes on."""

    confirmed: list[Confirmed] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    remaining: int = 0
    """Records that still wait, those that another process is sending included."""
    dead: int = 0
    """Records that were laid aside, now or earlier."""

    stuck: str | None = None
    """Why the process that made this report is of no more use; ``None`` where it is fine."""

    def as_json(self) -> dict[str, Any]:
        return {
            "confirmed": [vars(confirmed) for confirmed in self.confirmed],
            "failed": [vars(failed) for failed in self.failed],
            "remaining": self.remaining,
            "dead": self.dead,
        }
