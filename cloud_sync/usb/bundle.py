"""What a bundle says about the records in it: the table behind their sealed bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud_sync.usb.errors import BundleDamaged, WrongKiosk, stick_faults
from cloud_sync.usb.registry import RegisteredKey
from cloud_sync.usb.signed import read_table
from device.store.outbox import Leased
from device.store.records import Lane
from device.store.sealing import SealedPart

MAGIC = b"FLUSB\0\0\1"
SUFFIX = ".flusb"
LARGEST_PART = 256 << 20
"""Bytes of one sealed part; the largest that a kiosk writes today is a photograph of some MB."""


@dataclass(frozen=True)
class PartEntry:
    """Where one sealed part lies in the file."""

    name: str
    media_type: str
    sha256: str
    """Of the content in clear."""
    size_bytes: int
    """Of the content in clear."""
    offset: int
    sealed_bytes: int
    sealed_sha256: str


@dataclass(frozen=True)
class RecordEntry:
    id: str
    lane: Lane
    document_sha256: str
    parts: tuple[PartEntry, ...]


@dataclass(frozen=True)
class Bundle:
    """A bundle whose signature was checked, and whose kiosk is the one that signed. Its records are read one at a time."""

    path: Path
    site: str
    kiosk: str
    records: tuple[RecordEntry, ...]

    def read(self) -> Iterator[Leased]:
        """Yield each record, sealed, as the store had it. Raises `BundleDamaged` and `StickUnusable`."""
        for entry in self.records:
            with stick_faults(self.path), self.path.open("rb") as file:
                parts = []
                for part in entry.parts:
                    file.seek(part.offset)
                    sealed = file.read(part.sealed_bytes)
                    if hashlib.sha256(sealed).hexdigest() != part.sealed_sha256:
                        raise BundleDamaged(
                            f"record {entry.id} in {self.path.name} is damaged: write the bundle anew, the kiosk still has it"
                        )
                    parts.append(SealedPart(part.name, part.media_type, part.sha256, part.size_bytes, sealed))
            yield Leased(entry.id, entry.lane, 1, entry.document_sha256, tuple(parts))


def open_bundle(path: Path, registered: Mapping[str, RegisteredKey]) -> Bundle:
    """Return the bundle at ``path``, which must be of the very kiosk whose key has signed it.

    Raises `BundleDamaged`, `SignerUnknown`, `WrongKiosk`, `BundleTooNew` and `StickUnusable`.
    """
    table, signer = read_table(path, MAGIC, {name: each.key for name, each in registered.items()})
    try:
        bundle = Bundle(path, str(table["site"]), str(table["kiosk"]), tuple(_record(entry) for entry in table["records"]))
    except (KeyError, TypeError, ValueError) as error:
        raise BundleDamaged(f"the table of {path.name} lacks something, though it is signed: report it") from error
    owner = registered[signer]
    if (bundle.site, bundle.kiosk) != (owner.site, owner.kiosk):
        raise WrongKiosk(
            f"{path.name} says that it is of {bundle.site}/{bundle.kiosk}, and is signed with key {signer} of {owner.name}: "
            "nothing of it was sent; find out who wrote it. If that kiosk has a new name, move its key there"
        )
    return bundle


def as_json(entry: RecordEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "lane": int(entry.lane),
        "document_sha256": entry.document_sha256,
        "parts": [vars(part) for part in entry.parts],
    }


def _record(entry: dict[str, Any]) -> RecordEntry:
    parts = tuple(PartEntry(**part) for part in entry["parts"])
    for part in parts:
        if not 0 <= part.sealed_bytes <= LARGEST_PART or part.offset < len(MAGIC):
            raise ValueError("a part lies outside the file")
    return RecordEntry(str(entry["id"]), Lane(entry["lane"]), str(entry["document_sha256"]), parts)
