"""How Firstlight opens SQLite: durable on commit, quick, and strict."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from device.store.files import SHARED_FILE, sync_file
from device.store.schema import STEPS, migrate

BUSY_S = 5.0
"""How long SQLite itself waits for another writer."""

LOG_LIMIT = 4 * 1024 * 1024
"""The write-ahead log is cut to this after a checkpoint, so one large record does not occupy its size for ever."""


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open a database that exists. Transactions are explicit; any thread may use it, one at a time.

    A commit is on the disk when it returns (WAL with ``synchronous=FULL``: one fsync of the log). Raises `sqlite3.Error`.
    """
    mode = "ro" if read_only else "rw"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute(f"PRAGMA journal_size_limit = {LOG_LIMIT}")
    except BaseException:
        connection.close()
        raise
    return connection


def create(path: Path) -> sqlite3.Connection:
    """Create an empty store that nobody sees yet, and open it for filling; `seal_draft` makes it last.

    Its file is shared with the group, and so are the log and the shared memory: SQLite copies the mode from it.
    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, SHARED_FILE))
    path.chmod(SHARED_FILE)
    connection = connect(path)
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # before the first table, so that purging frees disk space
    connection.execute("PRAGMA synchronous = OFF")  # a draft is synced once, when it is complete
    migrate(connection, STEPS)
    return connection


def seal_draft(connection: sqlite3.Connection, path: Path) -> None:
    """Switch a draft to WAL, close it and put it on the disk; renaming it is the caller's."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    sync_file(path)
