"""From a `NewRecord` to rows: checked, hashed and sealed before the transaction, inserted within it."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import dataclass
from hashlib import sha256

from device.store.errors import BadRecord, DuplicateRecord
from device.store.moments import moment_columns
from device.store.records import NewRecord, Part, SavedRecord, State
from device.store.sealing import DOCUMENT, SealedPart, Sealer

_ID = re.compile(r"[0-9a-f]{32}")
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_ADDED_HERE = ("parts", "state")


@dataclass(frozen=True)
class SealedRecord:
    """A record that is ready to be inserted."""

    record: NewRecord
    saved: SavedRecord
    parts: tuple[SealedPart, ...]


def seal_record(record: NewRecord, sealer: Sealer) -> SealedRecord:
    """Check a record, add the list of its parts to its document, and seal everything. Raises `BadRecord`."""
    _require_sound(record)
    document = Part(DOCUMENT, "application/json", _document_with_parts(record))
    parts = tuple(sealer.seal(record.id, part) for part in (document, *record.parts))
    saved = SavedRecord(record.id, parts[0].sha256, sum(part.size_bytes for part in parts))
    return SealedRecord(record, saved, parts)


def insert_record(connection: sqlite3.Connection, sealed: SealedRecord) -> SavedRecord:
    """Insert a record, its parts and its place in the outbox; inside the caller's transaction.

    The same record again changes nothing, so saving may be repeated after a fault. Raises `DuplicateRecord` for another
    one under the same id.
    """
    record, saved = sealed.record, sealed.saved
    if known := connection.execute("SELECT document_sha256 FROM records WHERE id = ?", (record.id,)).fetchone():
        if known[0] != saved.document_sha256:
            raise DuplicateRecord(f"another record has been saved as {record.id}; take a new id from new_record_id()")
        return saved
    seq = connection.execute(
        """INSERT INTO records (id, boot_id, monotonic_s, wall, synchronised, document_sha256, bytes)
        VALUES (?, ?, ?, ?, ?, ?, ?)""",
        (record.id, *moment_columns(record.moment), saved.document_sha256, saved.size_bytes),
    ).lastrowid
    connection.executemany(
        "INSERT INTO parts (record, name, media_type, sha256, bytes, sealed) VALUES (?, ?, ?, ?, ?, ?)",
        [(seq, part.name, part.media_type, part.sha256, part.size_bytes, part.sealed) for part in sealed.parts],
    )
    connection.execute("INSERT INTO outbox (record, lane, state) VALUES (?, ?, ?)", (seq, record.lane, State.SAVED))
    return saved


def _document_with_parts(record: NewRecord) -> bytes:
    """Return the bytes of ``record.json``: what the caller gave, and the hash of every part beside it."""
    parts = {
        part.name: {"media_type": part.media_type, "sha256": sha256(part.content).hexdigest(), "bytes": len(part.content)}
        for part in record.parts
    }
    try:
        return json.dumps({**record.document, "parts": parts}, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError) as error:  # an ndarray, a NaN, a lone surrogate, a circle
        raise BadRecord(
            f"the document of record {record.id} is no JSON: {error}; pass plain numbers, texts and lists"
        ) from error


def _require_sound(record: NewRecord) -> None:
    if not _ID.fullmatch(record.id):
        raise BadRecord(f"{record.id!r} is no record id; take one from new_record_id()")
    if record.document.get("id") != record.id:
        raise BadRecord(f"the document of record {record.id} has another id, or none; put the record's own there")
    if given := [key for key in _ADDED_HERE if key in record.document]:
        raise BadRecord(f"the document of record {record.id} holds {given[0]!r}, which the store adds; leave it out")
    names = [part.name for part in record.parts]
    for name in names:
        if not _FILE_NAME.fullmatch(name) or name == DOCUMENT:
            raise BadRecord(f"record {record.id}: a part cannot be called {name!r}; use a plain lower-case file name")
        if names.count(name) > 1:
            raise BadRecord(f"record {record.id} has the part {name!r} twice; give each its own name")
