"""Making room: payloads that the cloud has confirmed are removed, oldest first. Nothing else ever is."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from device.store.connection import Database
from device.store.faults import disk_faults
from device.store.files import free_bytes
from device.store.records import State

_BATCH = 16
"""Records for each transaction, so that a patient never waits long for the store."""


@dataclass(frozen=True)
class Purged:
    """What was removed."""

    records: int
    size_bytes: int


def purge(database: Database, keep_bytes: int, reserve_bytes: int) -> Purged:
    """Remove synced payloads until at most ``keep_bytes`` are left and ``reserve_bytes`` of the disk are free."""
    records = size = 0
    while True:
        with database.write() as connection:
            batch = _oldest(connection, keep_bytes, _shortage(database, reserve_bytes))
            for seq, _ in batch:
                connection.execute("DELETE FROM parts WHERE record = ?", (seq,))
                connection.execute("UPDATE outbox SET state = ? WHERE record = ?", (State.PURGED, seq))
        if not batch:
            return Purged(records, size)
        _give_space_back(database)
        records += len(batch)
        size += sum(length for _, length in batch)


def _shortage(database: Database, reserve_bytes: int) -> int:
    """Return the bytes that are missing from the reserve; negative where more is free."""
    with disk_faults(database.path):
        return reserve_bytes - free_bytes(database.path.parent)


def _oldest(connection: sqlite3.Connection, keep_bytes: int, short: int) -> list[tuple[int, int]]:
    """Return (seq, bytes) of the next records to purge: as few as needed, at most a batch."""
    synced = "FROM records JOIN outbox ON seq = record WHERE state = 'synced'"
    kept = connection.execute(f"SELECT coalesce(sum(bytes), 0) {synced}").fetchone()[0]
    excess = max(kept - keep_bytes, short)
    batch: list[tuple[int, int]] = []
    for seq, length in connection.execute(f"SELECT seq, bytes {synced} ORDER BY seq LIMIT ?", (_BATCH,)):
        if excess <= 0:
            break
        batch.append((seq, length))
        excess -= length
    return batch


def _give_space_back(database: Database) -> None:
    """Cut the freed pages off the file, and the log to nothing, so that both show as free disk space."""
    _empty_the_log(database)  # first: moving pages needs some room in it
    with database.write() as connection:
        free_pages = connection.execute("PRAGMA freelist_count").fetchone()[0]
        for _ in range(free_pages):  # one by one: Python's sqlite3 steps a pragma without result rows only once
            connection.execute("PRAGMA incremental_vacuum(1)")
    _empty_the_log(database)


def _empty_the_log(database: Database) -> None:
    with database.read() as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
