"""From the store to a stick: what waits is copied as it lies, sealed; the kiosk need not be able to open it."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud_sync.usb.bundle import MAGIC, SUFFIX, PartEntry, RecordEntry, as_json
from cloud_sync.usb.errors import stick_faults
from cloud_sync.usb.signed import write_table
from device.store.outbox import Leased

LARGEST_BUNDLE = 1 << 30
"""Bytes; FAT32, which sticks are sold with, takes no file of 4 GiB."""
MOST_RECORDS = 5000


@dataclass(frozen=True)
class Written:
    path: Path
    records: int
    size_bytes: int


def write_bundles(
    records: Iterable[Leased], stick: Path, site: str, kiosk: str, key: Ed25519PrivateKey, *, largest: int = LARGEST_BUNDLE
) -> list[Written]:
    """Write ``records`` to new files in the folder ``stick`` and return them; one record is in memory at a time.

    Each file is whole and on the stick, or not there: one that was begun when the stick was pulled has another name.
    Nothing on the kiosk changes: a record is synced when a receipt says so. Raises `StickUnusable` and what ``records`` raises.
    """
    written: list[Written] = []
    waiting = iter(records)
    first = next(waiting, None)
    while first is not None:
        done, first = _write_one(first, waiting, stick, site, kiosk, key, largest)
        written.append(done)
    return written


def _write_one(
    first: Leased, rest: Iterator[Leased], stick: Path, site: str, kiosk: str, key: Ed25519PrivateKey, largest: int
) -> tuple[Written, Leased | None]:
    path = stick / f"firstlight-{_plain(site)}-{_plain(kiosk)}-{secrets.token_hex(4)}{SUFFIX}"
    entries: list[RecordEntry] = []
    following: Leased | None = first
    with _whole_file(path) as file:
        file.write(MAGIC)
        while following is not None and len(entries) < MOST_RECORDS and file.tell() < largest:
            entries.append(_append(file, following))
            following = next(rest, None)
        write_table(file, MAGIC, {"site": site, "kiosk": kiosk, "records": [as_json(entry) for entry in entries]}, key)
        size_bytes = file.tell()
    return Written(path, len(entries), size_bytes), following


def _append(file: BinaryIO, record: Leased) -> RecordEntry:
    parts = []
    for part in record.parts:
        offset, digest = file.tell(), hashlib.sha256(part.sealed).hexdigest()
        file.write(part.sealed)
        parts.append(PartEntry(part.name, part.media_type, part.sha256, part.size_bytes, offset, len(part.sealed), digest))
    return RecordEntry(record.id, record.lane, record.document_sha256, tuple(parts))


@contextmanager
def _whole_file(path: Path) -> Iterator[BinaryIO]:
    draft = path.with_name(f"{path.name}.part")
    with stick_faults(path.parent):
        try:
            with draft.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            _sync_folder(path.parent)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


def write_whole(path: Path, magic: bytes, table: dict[str, object], key: Ed25519PrivateKey) -> None:
    """Write a file that is a signed table and nothing else. Raises `StickUnusable`."""
    with _whole_file(path) as file:
        file.write(magic)
        write_table(file, magic, table, key)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]", "_", name)[:40]
