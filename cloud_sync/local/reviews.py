"""What doctors signed: written once each, by their author, at the server's own time."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from typing import Any

from cloud_sync.local.accounts import Person
from cloud_sync.local.faults import BadRequest, NotAllowed
from cloud_sync.local.ledger import now_text

VERDICTS = ("agree", "disagree", "recall", "not_assessable")
LONGEST_NOTE = 4000
SCHEMA = 1
_COLUMNS = (
    "id",
    "record",
    "record_sha256",
    "patient",
    "author",
    "author_name",
    "verdict",
    "note",
    "supersedes",
    "at",
)


@dataclass(frozen=True)
class Signed:
    """What a doctor's page sends."""

    record_sha256: str
    """Of the document that they saw."""
    verdict: str
    note: str
    supersedes: str | None


class Reviews:
    """Belongs to one thread at a time."""

    def __init__(self, ledger: sqlite3.Connection) -> None:
        self._ledger = ledger

    def add(self, author: Person, record: str, patient: str | None, signed: Signed) -> dict[str, Any]:
        """Keep what ``author`` signed, and return it. Raises `BadRequest` and `NotAllowed`. Belongs into a transaction."""
        if signed.verdict not in VERDICTS:
            raise BadRequest("This is no verdict.")
        if len(signed.note) > LONGEST_NOTE:
            raise BadRequest(f"The note has {len(signed.note)} characters; {LONGEST_NOTE} are possible.")
        if signed.supersedes is not None and not self._is_own(author, record, signed.supersedes):
            raise NotAllowed("Only an own earlier review of this record can be taken back by a new one.")
        values = (
            secrets.token_hex(16),
            record,
            signed.record_sha256,
            patient,
            author.uid,
            author.name,
            signed.verdict,
            signed.note,
            signed.supersedes,
            now_text(),
        )
        places = ", ".join("?" * (len(_COLUMNS) + 1))
        self._ledger.execute(f"INSERT INTO reviews (site, {', '.join(_COLUMNS)}) VALUES ({places})", (author.site, *values))
        return _as_json(values)

    def of_record(self, site: str, record: str) -> list[dict[str, Any]]:
        """Return all reviews of a record, the oldest first."""
        query = f"SELECT {', '.join(_COLUMNS)} FROM reviews WHERE site = ? AND record = ? ORDER BY seq"
        return [_as_json(row) for row in self._ledger.execute(query, (site, record))]

    def _is_own(self, author: Person, record: str, review: str) -> bool:
        query = "SELECT 1 FROM reviews WHERE id = ? AND site = ? AND record = ? AND author = ?"
        return self._ledger.execute(query, (review, author.site, record, author.uid)).fetchone() is not None


def _as_json(values: tuple[Any, ...]) -> dict[str, Any]:
    return {"schema": SCHEMA, **dict(zip(_COLUMNS, values, strict=True))}
