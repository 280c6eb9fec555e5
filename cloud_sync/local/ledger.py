"""The portal's own database, beside the cloud's: accounts, sessions, who opened what when, and what doctors signed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cloud_sync.local.database import CloudTooNew, use_wal
from cloud_sync.local.files import private_folder

NAME = "portal.db"
_LAYOUT_1 = (
    "CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, phc TEXT NOT NULL, created_at TEXT NOT NULL) STRICT",
    """CREATE TABLE IF NOT EXISTS opened (
        account TEXT NOT NULL, path TEXT NOT NULL, opened_at TEXT NOT NULL, PRIMARY KEY (account, path)
    ) STRICT, WITHOUT ROWID""",
)
_LAYOUT_2 = (
    "ALTER TABLE accounts ADD COLUMN role TEXT NOT NULL DEFAULT 'doctor'",
    "ALTER TABLE accounts ADD COLUMN site TEXT",
    "ALTER TABLE accounts ADD COLUMN disabled_at TEXT",
    "ALTER TABLE accounts ADD COLUMN totp_secret BLOB",
    "ALTER TABLE accounts ADD COLUMN totp_pending BLOB",
    "ALTER TABLE accounts ADD COLUMN totp_used_step INTEGER",
    """CREATE TABLE sessions (
        token_sha256 TEXT PRIMARY KEY, account TEXT NOT NULL, boot_id TEXT NOT NULL, began_s REAL NOT NULL, used_s REAL NOT NULL
    ) STRICT""",
    """CREATE TABLE audit (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, site TEXT NOT NULL, uid TEXT NOT NULL,
        name TEXT NOT NULL, action TEXT NOT NULL, record TEXT, patient TEXT, at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX audit_of_site ON audit (site, seq)",
    "CREATE INDEX audit_of_record ON audit (site, record, seq)",
    "CREATE INDEX audit_of_person ON audit (site, uid, seq)",
    """CREATE TABLE openings (
        uid TEXT NOT NULL, site TEXT NOT NULL, record TEXT NOT NULL, entry TEXT NOT NULL, boot_id TEXT NOT NULL,
        at_s REAL NOT NULL,
        PRIMARY KEY (uid, site, record)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE reviews (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, site TEXT NOT NULL, record TEXT NOT NULL,
        record_sha256 TEXT NOT NULL, patient TEXT, author TEXT NOT NULL, author_name TEXT NOT NULL, verdict TEXT NOT NULL,
        note TEXT NOT NULL, supersedes TEXT, at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX reviews_of_record ON reviews (site, record, seq)",
    """CREATE TABLE readings (
        site TEXT NOT NULL, record TEXT NOT NULL, reading TEXT NOT NULL, last_verdict TEXT, PRIMARY KEY (site, record)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE assignments (
        site TEXT NOT NULL, patient TEXT NOT NULL, uid TEXT NOT NULL, assigned_at TEXT NOT NULL,
        PRIMARY KEY (uid, site, patient)
    ) STRICT, WITHOUT ROWID""",
    # What was written about somebody's reading, and what somebody signed, is never changed, not by a fault of this program.
    *(
        f"CREATE TRIGGER {table}_stays_on_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'the table {table} is append-only'); END"
        for table in ("audit", "reviews")
        for verb in ("UPDATE", "DELETE")
    ),
    # Before this layout it was only remembered that an account had opened sites/SITE/records/RECORD; that table stays.
    """INSERT OR IGNORE INTO readings
    SELECT substr(rest, 1, instr(rest, '/') - 1), substr(rest, instr(rest, '/') + length('/records/')), 'opened', NULL
    FROM (SELECT substr(path, 1 + length('sites/')) AS rest FROM opened)""",
)
_LAYOUT_3 = tuple(
    # "INSERT OR REPLACE" removes a row without a word to the triggers above (sqlite.org/lang_conflict.html).
    f"CREATE TRIGGER {table}_stays_on_replace BEFORE INSERT ON {table} "
    f"WHEN EXISTS (SELECT 1 FROM {table} WHERE seq = NEW.seq OR id = NEW.id) "
    f"BEGIN SELECT RAISE(ABORT, 'the table {table} is append-only'); END"
    for table in ("audit", "reviews")
)
_STEPS = (_LAYOUT_1, _LAYOUT_2, _LAYOUT_3)
"""Each makes the next version out of the one before. One that was released is never edited: a new one is added after it."""
VERSION = len(_STEPS)
TIMEOUT_S = 5.0


def open_ledger(folder: Path) -> sqlite3.Connection:
    """Open or make it in ``folder``, for one thread at a time. Raises `OSError`, `sqlite3.Error` and `CloudTooNew`."""
    private_folder(folder)
    path = folder / NAME
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(path, timeout=TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        use_wal(connection, TIMEOUT_S)
        connection.execute("PRAGMA synchronous=FULL")  # an audit entry is on the disk before the record is handed out
        with transaction(connection):
            _bring_up(connection)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of the block is written, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def now_text() -> str:
    """Return the cloud's own time; nothing is measured with it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _bring_up(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise CloudTooNew(f"{NAME} has layout {version}, this Firstlight knows {VERSION}: update Firstlight")
    for step in _STEPS[version:]:
        for statement in step:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version={VERSION}")
