"""Reading the store, for who holds the key. Opens it read-only: nothing here changes or repairs anything."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from device.process.moment import Moment
from device.store.alarms import Alarm, read_alarms
from device.store.connection import store_path
from device.store.errors import RecordPurged, SealBroken, StoreMissing, UnknownRecord
from device.store.faults import disk_faults, sqlite_faults
from device.store.moments import moment_from_row
from device.store.outbox import read_parts
from device.store.records import Lane, State
from device.store.schema import require_known
from device.store.sealing import DOCUMENT, OpenedRecord, RecordOpener, SealedPart
from device.store.sqlite import connect


@dataclass(frozen=True)
class ListedRecord:
    """What can be said of a record without a key."""

    id: str
    moment: Moment
    lane: Lane
    state: State
    tries: int
    last_error: str | None
    size_bytes: int


@dataclass(frozen=True)
class DescribedRecord:
    """A listed record with what its document says."""

    listed: ListedRecord
    document: dict[str, Any] | None = field(repr=False)
    """``None`` where it was purged, or does not open."""
    problem: str | None
    """Why it does not open; ``None`` where it does, or was purged."""


def list_records(data_dir: Path) -> list[ListedRecord]:
    """Return all records, oldest first. Raises `StoreMissing`, `StoreTooNew`, `StoreCorrupt`."""
    with reading(data_dir) as connection:
        return [listed for _, listed in _listed(connection)]


def describe_records(data_dir: Path, key: RecordOpener) -> list[DescribedRecord]:
    """Return all records, oldest first, with their documents; the images stay sealed, so it is quick.

    One that does not open has its `DescribedRecord.problem` and does not hide the others. Raises what `list_records` raises.
    """
    with reading(data_dir) as connection:
        connection.execute("BEGIN")  # what is listed must not be purged before it is read
        sealed = "SELECT name, media_type, sha256, bytes, sealed FROM parts WHERE record = ? AND name = ?"
        return [
            _described(listed, connection.execute(sealed, (seq, DOCUMENT)).fetchone(), key)
            for seq, listed in _listed(connection)
        ]


def open_record(data_dir: Path, record_id: str, key: RecordOpener) -> OpenedRecord:
    """Open one record; its document has the keys of `docs/record.md`, ``state`` included.

    ``key``: from `device.store.keys.load_opener`. Raises `UnknownRecord`, `RecordPurged`, `SealBroken` and what
    `list_records` raises.
    """
    with reading(data_dir) as connection:
        row = connection.execute(
            "SELECT seq, state FROM records JOIN outbox ON seq = record WHERE id = ?", (record_id,)
        ).fetchone()
        if row is None:
            raise UnknownRecord(f"there is no record {record_id} in {data_dir}; list them with `firstlight records list`")
        seq, state = row
        if state == State.PURGED:
            raise RecordPurged(f"record {record_id} is in the cloud and was removed here to make room; look at it there")
        parts = read_parts(connection, seq)
    opened = key.open(record_id, parts)
    return OpenedRecord({**opened.document, "state": str(State(state))}, opened.parts)


def export_part(data_dir: Path, record_id: str, key: RecordOpener, out: Path, part: str = "capture.npz") -> None:
    """Write one part of a record, in clear and readable by this user alone, to ``out``; an older file there is replaced.

    Raises `UnknownRecord` where the record has no such part, and what `open_record` raises.
    """
    opened = open_record(data_dir, record_id, key)
    if part not in opened.parts:
        raise UnknownRecord(f"record {record_id} has no part {part!r}; it has {', '.join(opened.parts)}")
    draft = out.with_name(f".{out.name}.{secrets.token_hex(8)}")
    with disk_faults(out):
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(opened.parts[part].content)
            draft.replace(out)
        finally:
            draft.unlink(missing_ok=True)


def list_alarms(data_dir: Path) -> list[Alarm]:
    """Return what a technician must look at, by kind. Raises what `list_records` raises."""
    with reading(data_dir) as connection:
        return read_alarms(connection)


def _listed(connection: sqlite3.Connection) -> list[tuple[int, ListedRecord]]:
    rows = connection.execute(
        """SELECT seq, id, lane, state, tries, last_error, bytes, boot_id, monotonic_s, wall, synchronised
        FROM records JOIN outbox ON seq = record ORDER BY seq"""
    ).fetchall()
    return [
        (seq, ListedRecord(record_id, moment_from_row(moment), Lane(lane), State(state), tries, error, size))
        for seq, record_id, lane, state, tries, error, size, *moment in rows
    ]


def _described(listed: ListedRecord, document: tuple[Any, ...] | None, key: RecordOpener) -> DescribedRecord:
    if listed.state is State.PURGED:
        return DescribedRecord(listed, None, None)
    try:
        if document is None:
            raise SealBroken(f"record {listed.id} has no {DOCUMENT}; its store may have been tampered with")
        return DescribedRecord(listed, key.open_document(listed.id, SealedPart(*document)), None)
    except SealBroken as error:
        return DescribedRecord(listed, None, str(error))


@contextmanager
def reading(data_dir: Path) -> Iterator[sqlite3.Connection]:
    path = store_path(data_dir)
    with disk_faults(path), sqlite_faults(path):
        if not path.exists():
            raise StoreMissing(f"there is no store at {path}; start the kiosk once, or name another --data-dir")
        connection = connect(path, read_only=True)
        try:
            require_known(connection, path)
            yield connection
        finally:
            connection.close()
