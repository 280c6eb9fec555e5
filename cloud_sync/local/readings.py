"""How far the reading of each record has come: unread, opened by somebody of the site, reviewed by somebody of the site."""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import NamedTuple


class State(NamedTuple):
    reading: str
    last_verdict: str | None


UNREAD = State("unread", None)


class Readings:
    """Kept in memory, since each page of the worklist asks for all of them. Belongs to one thread at a time."""

    def __init__(self, ledger: sqlite3.Connection) -> None:
        self._ledger = ledger
        self._states: dict[tuple[str, str], State] = {}
        self._changes: Counter[str] = Counter()
        self._reloads = 0
        self._data_version = -1

    def refresh(self) -> None:
        """Read them anew if another process wrote to the file (sqlite.org/pragma.html#pragma_data_version)."""
        (version,) = self._ledger.execute("PRAGMA data_version").fetchone()
        if version != self._data_version:
            rows = self._ledger.execute("SELECT site, record, reading, last_verdict FROM readings")
            self._states = {(site, record): State(reading, verdict) for site, record, reading, verdict in rows}
            self._data_version = version
            self._reloads += 1

    def of(self, site: str, record: str) -> State:
        return self._states.get((site, record), UNREAD)

    def version(self, site: str) -> str:
        """Return a text that changes whenever something of ``site`` has."""
        return f"{self._reloads}.{self._changes[site]}"

    def opened(self, site: str, record: str) -> None:
        """Note that somebody has opened ``record``; what was reviewed stays so. Belongs into a transaction."""
        if self.of(site, record) is UNREAD:
            self._write(site, record, State("opened", None))

    def reviewed(self, site: str, record: str, verdict: str) -> None:
        """Note that somebody has signed ``verdict``. Belongs into a transaction."""
        self._write(site, record, State("reviewed", verdict))

    def forget(self) -> None:
        """Read them anew the next time: a transaction was rolled back."""
        self._data_version = -1

    def touched(self, site: str) -> None:
        """Say that something else of ``site`` has changed."""
        self._changes[site] += 1

    def _write(self, site: str, record: str, state: State) -> None:
        self._ledger.execute("INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?)", (site, record, *state))
        self._states[site, record] = state
        self.touched(site)
