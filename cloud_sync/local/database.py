"""The index of the embedded cloud: documents, where the objects lie, commands and heartbeats, in one SQLite file."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from cloud_sync.local.files import flush_folder, private_folder

NAME = "cloud.db"
_STEPS = (
    """
CREATE TABLE documents (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE,
    content BLOB NOT NULL,
    sha256 TEXT NOT NULL,
    received_at TEXT NOT NULL
) STRICT;
CREATE TABLE objects (
    path TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    received_at TEXT NOT NULL
) STRICT;
CREATE TABLE commands (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    queued_at TEXT NOT NULL,
    acknowledged_at TEXT,
    accepted INTEGER,
    detail TEXT
) STRICT;
""",
    """
CREATE TABLE heartbeats (
    path TEXT PRIMARY KEY,
    content TEXT NOT NULL,
    received_at TEXT NOT NULL
) STRICT;
""",
)
"""Each makes the next version out of the one before. One that was released is never edited: a new one is added below it."""
VERSION = len(_STEPS)
_STEP_S = 0.01


class CloudTooNew(ValueError):
    """The folder was written by a newer Firstlight."""


def open_database(folder: Path, timeout_s: float) -> sqlite3.Connection:
    """Open the index in ``folder``, making both if they are missing.

    A commit is on the disk when it returns (WAL with ``synchronous=FULL``).
    Raises `OSError`, `sqlite3.Error` and `CloudTooNew`.
    """
    private_folder(folder)
    path = folder / NAME
    if not path.exists():
        # SQLite makes the files beside it (-wal, -shm) with the mode of the file itself.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        flush_folder(folder)
    connection = sqlite3.connect(path, timeout=timeout_s, isolation_level=None, check_same_thread=False)
    try:
        use_wal(connection, timeout_s)
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def use_wal(connection: sqlite3.Connection, timeout_s: float) -> None:
    """Switch to write-ahead logging. Raises `sqlite3.Error`.

    Where two processes do so at once in a new file, SQLite tells one of them that it is locked, at once and whatever its busy
    timeout: waiting could be a deadlock for all it knows. Trying again is none.
    """
    until_s = time.monotonic() + timeout_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= until_s:
                raise
            time.sleep(_STEP_S)


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA synchronous=FULL")
    if _version(connection) == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)  # another process may have been faster
        if version > VERSION:
            raise CloudTooNew(f"the folder has layout {version}, this Firstlight knows {VERSION}: update Firstlight")
        for step in _STEPS[version:]:
            for statement in filter(str.strip, step.split(";")):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version={VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
