"""The tables, as numbered steps. A step that was released is never edited: a new one is added below it.

A store's version is the number of steps that have been applied to it (`PRAGMA user_version`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from device.store.errors import StoreCorrupt, StoreTooNew

APPLICATION_ID = 0x46_4C_53_54
"""``FLST``, in the file's header (`PRAGMA application_id`): this is a store of Firstlight and nothing else."""

STEPS: Sequence[Sequence[str]] = (
    (
        """CREATE TABLE records (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE CHECK (length(id) = 32),
            boot_id TEXT NOT NULL,
            monotonic_s REAL NOT NULL,
            wall TEXT NOT NULL,
            synchronised INTEGER NOT NULL CHECK (synchronised IN (0, 1)),
            document_sha256 TEXT NOT NULL CHECK (length(document_sha256) = 64),
            bytes INTEGER NOT NULL
        ) STRICT""",
        """CREATE TRIGGER records_are_immutable BEFORE UPDATE ON records
            BEGIN SELECT RAISE(ABORT, 'a record is immutable'); END""",
        """CREATE TRIGGER records_stay BEFORE DELETE ON records
            BEGIN SELECT RAISE(ABORT, 'a record stays'); END""",
        """CREATE TABLE parts (
            record INTEGER NOT NULL REFERENCES records (seq),
            name TEXT NOT NULL,
            media_type TEXT NOT NULL,
            sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
            bytes INTEGER NOT NULL,
            sealed BLOB NOT NULL,
            UNIQUE (record, name)
        ) STRICT""",
        """CREATE TRIGGER parts_are_immutable BEFORE UPDATE ON parts
            BEGIN SELECT RAISE(ABORT, 'a part is immutable'); END""",
        """CREATE TRIGGER parts_stay_until_synced BEFORE DELETE ON parts
            WHEN NOT EXISTS (SELECT 1 FROM outbox WHERE record = OLD.record AND state = 'synced')
            BEGIN SELECT RAISE(ABORT, 'the payload is not in the cloud yet'); END""",
        """CREATE TABLE outbox (
            record INTEGER PRIMARY KEY REFERENCES records (seq),
            lane INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('saved', 'synced', 'dead', 'purged')),
            tries INTEGER NOT NULL DEFAULT 0,
            lease_holder TEXT,
            lease_boot_id TEXT,
            lease_until_s REAL,
            next_try_boot_id TEXT,
            next_try_s REAL,
            last_error TEXT,
            remote_sha256 TEXT,
            CHECK (state NOT IN ('synced', 'purged') OR remote_sha256 IS NOT NULL)
        ) STRICT""",
        "CREATE INDEX outbox_waiting ON outbox (lane, record) WHERE state = 'saved'",
        """CREATE TABLE patients (
            ref TEXT PRIMARY KEY,
            card_ref TEXT NOT NULL UNIQUE,
            pin_hash TEXT,
            confirmed INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
            consent_version TEXT NOT NULL,
            boot_id TEXT NOT NULL,
            monotonic_s REAL NOT NULL,
            wall TEXT NOT NULL,
            synchronised INTEGER NOT NULL CHECK (synchronised IN (0, 1))
        ) STRICT""",
        """CREATE TABLE pin_failures (
            patient TEXT PRIMARY KEY REFERENCES patients (ref),
            count INTEGER NOT NULL,
            boot_id TEXT NOT NULL,
            monotonic_s REAL NOT NULL,
            wall TEXT NOT NULL,
            synchronised INTEGER NOT NULL CHECK (synchronised IN (0, 1))
        ) STRICT""",
        """CREATE TABLE alarms (
            kind TEXT PRIMARY KEY,
            detail TEXT NOT NULL,
            times INTEGER NOT NULL,
            boot_id TEXT NOT NULL,
            monotonic_s REAL NOT NULL,
            wall TEXT NOT NULL,
            synchronised INTEGER NOT NULL CHECK (synchronised IN (0, 1))
        ) STRICT""",
    ),
    (
        """CREATE TABLE tallies (
            seq INTEGER PRIMARY KEY,
            period TEXT NOT NULL,
            bundle TEXT NOT NULL CHECK (length(bundle) = 64),
            statistic TEXT NOT NULL,
            cell TEXT NOT NULL,
            times INTEGER NOT NULL CHECK (times > 0),
            UNIQUE (period, bundle, statistic, cell)
        ) STRICT""",
    ),
    (
        """CREATE TABLE revoked_cards (
            card_ref TEXT PRIMARY KEY CHECK (length(card_ref) = 64),
            boot_id TEXT NOT NULL,
            monotonic_s REAL NOT NULL,
            wall TEXT NOT NULL,
            synchronised INTEGER NOT NULL CHECK (synchronised IN (0, 1))
        ) STRICT""",
    ),
)

SMALL_TABLES = ("records", "outbox", "patients", "pin_failures", "alarms", "tallies", "revoked_cards")
"""All but the payloads: checking these whenever the store is opened is quick, however many images it holds."""


def version_of(connection: sqlite3.Connection) -> int:
    """Return how many steps have been applied. Raises `sqlite3.DatabaseError` where the file is no database."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def definitions(connection: sqlite3.Connection) -> list[tuple[str, str, str | None]]:
    """Return type, name and SQL of everything in the schema. One flipped bit there can remove a rule or rename a column."""
    return connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").fetchall()


def require_known(connection: sqlite3.Connection, path: Path, steps: Sequence[Sequence[str]] = STEPS) -> None:
    """Raise `StoreTooNew` or `StoreCorrupt` unless this software can read the store or bring it up to date."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = version_of(connection)
    if application != APPLICATION_ID or version < 1:
        raise StoreCorrupt(f"{path} is no store of Firstlight (application id {application:#x}, version {version})")
    if version > len(steps):
        raise StoreTooNew(
            f"the store {path} has version {version}, this software knows {len(steps)}; install the newer Firstlight again"
        )


def migrate(connection: sqlite3.Connection, steps: Sequence[Sequence[str]] = STEPS) -> int:
    """Apply the steps that are missing, all in one transaction; return how many.

    Killed or refused in the middle, the store stays as it was. Raises `sqlite3.DatabaseError`.
    """
    missing = steps[version_of(connection) :]
    if not missing:
        return 0
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in missing:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(steps)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return len(missing)
