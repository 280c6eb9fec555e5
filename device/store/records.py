"""What is saved about one examination, whatever its modality. Immutable once written."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from device.process.moment import Moment


class Lane(IntEnum):
    """The order in which records leave the kiosk: a lower lane overtakes."""

    URGENT = 0
    ROUTINE = 1


class State(StrEnum):
    """Where a record is on its way."""

    SAVED = "saved"
    SYNCED = "synced"
    """The remote has returned the hash of what it holds."""
    DEAD = "dead"
    """Given up after many tries, or refused for good; the reason is in the outbox. Never purged."""
    PURGED = "purged"
    """Synced, and its payload has been removed here to make room."""


@dataclass(frozen=True)
class Part:
    """One sealed file of a record."""

    name: str
    """``record.json`` (the document), ``capture.npz``, later ``photo.jpg``, ``result.dcm``: a plain file name."""
    media_type: str
    content: bytes = field(repr=False)
    """In clear. The store seals it before it reaches the disk."""


@dataclass(frozen=True)
class NewRecord:
    """A record on its way into the store; `Store.save` makes it durable in one transaction."""

    id: str
    patient: str
    """Patient reference, never a UID or a name."""
    modality: str
    """``thermal``; ``mri`` later."""
    moment: Moment
    lane: Lane
    document: Mapping[str, Any] = field(repr=False)
    """JSON-serialisable; becomes the part ``record.json``. See `docs/record.md` for its keys."""
    parts: tuple[Part, ...]


def new_record_id() -> str:
    """Return 128 random bits as 32 hexadecimal digits; it is the idempotency key everywhere."""
    return secrets.token_hex(16)


@dataclass(frozen=True)
class SavedRecord:
    """A record that is on the disk, and on its way."""

    id: str
    document_sha256: str
    """Of the bytes of ``record.json``, which names the hash of every other part: it stands for the whole record."""
    size_bytes: int
    """Of all parts, in clear."""
