"""Reading the embedded cloud, for its portal. Writes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud_sync.local.database import open_database
from cloud_sync.local.files import HashedFiles

LARGEST_SHOWN = 64 << 10
"""Bytes of a document that the portal shows. A record of a kiosk has about 2 kB."""
_BATCH = 500
_LAST = "\U0010ffff"
"""Comes after every character of a path."""
_SELECT = (
    "SELECT seq, path, CASE WHEN length(content) <= ? THEN content END, length(content), sha256, received_at FROM documents"
)


@dataclass(frozen=True)
class Held:
    """One document as the cloud holds it."""

    seq: int
    """Grows with each document that arrives."""
    path: str
    content: bytes | None
    """``None`` where it is too large to be shown."""
    size: int
    sha256: str
    received_at: str
    """ISO 8601, UTC, by the cloud's own clock."""


class NotHeld(LookupError):
    """The cloud holds nothing of that name; the message is for the doctor."""


class CloudReader:
    """Belongs to one thread at a time; opened on first use and again after a fault."""

    def __init__(self, folder: Path, *, timeout_s: float = 5.0) -> None:
        self._folder = folder
        self._timeout_s = timeout_s
        self._files = HashedFiles(folder / "objects")
        self._connection: sqlite3.Connection | None = None

    def documents_after(self, seq: int) -> Iterator[Held]:
        """Yield the documents that arrived after the one numbered ``seq``, in the order of their arrival.

        Raises `OSError` and `sqlite3.Error`.
        """
        while rows := self._query(f"{_SELECT} WHERE seq > ? ORDER BY seq LIMIT ?", (LARGEST_SHOWN, seq, _BATCH)):
            yield from (Held(*row) for row in rows)
            seq = rows[-1][0]

    def document(self, path: str) -> Held:
        """Return the document at ``path``; raises `NotHeld`, `OSError` and `sqlite3.Error`."""
        rows = self._query(f"{_SELECT} WHERE path = ?", (LARGEST_SHOWN, path))
        if not rows:
            raise NotHeld("There is no such record here. The link may be old.")
        return Held(*rows[0])

    def documents_below(self, prefix: str) -> list[Held]:
        """Return the documents whose path begins with ``prefix``, at most 1,000. Raises `OSError` and `sqlite3.Error`."""
        query = f"{_SELECT} WHERE path >= ? AND path < ? ORDER BY path LIMIT 1000"
        return [Held(*row) for row in self._query(query, (LARGEST_SHOWN, prefix, prefix + _LAST))]

    def heartbeats_below(self, prefix: str) -> list[tuple[str, str, str]]:
        """Return path, content (JSON) and time of receipt of the heartbeats. Raises `OSError` and `sqlite3.Error`."""
        columns, where = "path, substr(content, 1, ?), received_at", "path >= ? AND path < ?"
        query = f"SELECT {columns} FROM heartbeats WHERE {where} ORDER BY path LIMIT 1000"
        return [(path, content, at) for path, content, at in self._query(query, (LARGEST_SHOWN, prefix, prefix + _LAST))]

    def read_object(self, path: str) -> bytes:
        """Return the bytes of the object at ``path``.

        Raises `NotHeld`, `FileDamaged` (the file is no longer what was confirmed), `OSError` and `sqlite3.Error`.
        """
        rows = self._query("SELECT sha256 FROM objects WHERE path = ?", (path,))
        if not rows:
            raise NotHeld("This file of the record is not here. Sync the kiosk again.")
        return self._files.get(rows[0][0])

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _query(self, statement: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        try:
            if self._connection is None:
                self._connection = open_database(self._folder, self._timeout_s)
                self._connection.execute("PRAGMA query_only=ON")
            return self._connection.execute(statement, values).fetchall()
        except (OSError, sqlite3.Error):
            self.close()
            raise
