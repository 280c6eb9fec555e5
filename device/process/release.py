"""When this software was made. Raised with each release; no correct clock can show an earlier time."""

from __future__ import annotations

from datetime import UTC, datetime

BUILT = datetime(2026, 11, 20, tzinfo=UTC)
