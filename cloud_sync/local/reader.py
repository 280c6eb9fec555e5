"""Reading the embedded cloud, for its page. Writes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud_sync.local.database import open_database
from cloud_sync.local.files import HashedFiles

LARGEST_SHOWN = 64 << 10
"""Bytes of a document that the page shows. A record of a kiosk has about 2 kB."""
_BATCH = 500
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

    def read_object(self, path: str) -> tuple[bytes, str]:
        """Return the bytes and the media type of the object at ``path``.

        Raises `NotHeld`, `FileDamaged` (the file is no longer what was confirmed), `OSError` and `sqlite3.Error`.
        """
        rows = self._query("SELECT sha256, media_type FROM objects WHERE path = ?", (path,))
        if not rows:
            raise NotHeld("This file of the record is not here. Sync the kiosk again.")
        sha256, media_type = rows[0]
        return self._files.get(sha256), media_type

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
