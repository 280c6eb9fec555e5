"""Sealing with HPKE (RFC 9180): who writes a record cannot read it again, who holds the private key can.

Suite: X25519, HKDF-SHA256, AES-256-GCM. Each part is sealed on its own, with record id and part name as `info`, so a
sealed part that is put under another record or another name does not open.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from device.store.errors import SealBroken
from device.store.records import Part

DOCUMENT = "record.json"

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True)
class SealedPart:
    """One part as it lies on the disk."""

    name: str
    media_type: str
    sha256: str
    """Of the content in clear."""
    size_bytes: int
    """Length of the content in clear."""
    sealed: bytes = field(repr=False)


@dataclass(frozen=True)
class OpenedRecord:
    """A record in clear."""

    document: dict[str, Any] = field(repr=False)
    parts: Mapping[str, Part] = field(repr=False)
    """Every part by name, ``record.json`` included (its content is exactly what was hashed)."""


class Sealer:
    """Seals for one recipient."""

    def __init__(self, recipient: X25519PublicKey) -> None:
        self._recipient = recipient

    def seal(self, record_id: str, part: Part) -> SealedPart:
        sealed = _SUITE.encrypt(part.content, self._recipient, info=_info(record_id, part.name))
        return SealedPart(part.name, part.media_type, hashlib.sha256(part.content).hexdigest(), len(part.content), sealed)


class RecordOpener:
    """Opens what was sealed to one private key."""

    def __init__(self, key: X25519PrivateKey | bytes) -> None:
        """``key``: the private key, or its 32 raw bytes (see `device.store.keys` for the files)."""
        self._key = X25519PrivateKey.from_private_bytes(key) if isinstance(key, bytes) else key

    def open(self, record_id: str, parts: Iterable[SealedPart]) -> OpenedRecord:
        """Open all parts of a record and check them against their hashes and against the document's own list.

        Raises `SealBroken`.
        """
        opened = {part.name: self.open_part(record_id, part) for part in parts}
        if DOCUMENT not in opened:
            raise SealBroken(f"record {record_id} has no {DOCUMENT}; its store may have been tampered with")
        document, listed = _read_document(record_id, opened[DOCUMENT].content)
        found = {name: hashlib.sha256(part.content).hexdigest() for name, part in opened.items() if name != DOCUMENT}
        if listed != found:
            wrong = ", ".join(sorted(name for name in listed.keys() | found.keys() if listed.get(name) != found.get(name)))
            raise SealBroken(
                f"record {record_id}: {wrong} differ from what {DOCUMENT} lists; the store may have been tampered with"
            )
        return OpenedRecord(document, opened)

    def open_document(self, record_id: str, part: SealedPart) -> dict[str, Any]:
        """Open ``record.json`` alone; the files that it lists are not looked at. Raises `SealBroken`."""
        return _read_document(record_id, self.open_part(record_id, part).content)[0]

    def open_part(self, record_id: str, part: SealedPart) -> Part:
        """Open one part. Raises `SealBroken`."""
        try:
            content = _SUITE.decrypt(part.sealed, self._key, info=_info(record_id, part.name))
        except (InvalidTag, ValueError) as error:
            raise SealBroken(
                f"{part.name} of record {record_id} does not open; it was sealed to another key, or is damaged"
            ) from error
        if hashlib.sha256(content).hexdigest() != part.sha256:
            raise SealBroken(
                f"{part.name} of record {record_id} is not what its hash says; the store may have been tampered with"
            )
        return Part(part.name, part.media_type, content)


def _read_document(record_id: str, content: bytes) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the document and the hashes that it lists, by part."""
    try:
        document: dict[str, Any] = json.loads(content)
        return document, {name: entry["sha256"] for name, entry in document["parts"].items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SealBroken(f"{DOCUMENT} of record {record_id} is no document; the store may have been tampered with") from error


def _info(record_id: str, part_name: str) -> bytes:
    return b"\0".join((b"firstlight record part 1", record_id.encode(), part_name.encode()))
