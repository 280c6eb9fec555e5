"""Who opened which record when. An entry is on the disk before the record is handed out, and nobody changes it."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from typing import Any

from cloud_sync.local.accounts import Person
from cloud_sync.local.faults import BadRequest, NotAllowed
from cloud_sync.local.ledger import now_text
from device.process.time import boot_id

DOCUMENT_S = 60.0
"""How long after an opening its document is handed out."""
PARTS_S = 12 * 3600.0
"""How long after an opening its parts and reviews are."""
PAGE = 100
_COLUMNS = ("id", "uid", "name", "action", "record", "patient", "at")


class Audit:
    """Belongs to one thread at a time."""

    def __init__(self, ledger: sqlite3.Connection, monotonic: Callable[[], float]) -> None:
        self._ledger = ledger
        self._monotonic = monotonic

    def note(self, person: Person, action: str, record: str | None = None, patient: str | None = None) -> str:
        """Write that ``person`` does ``action`` now, and return the entry's id."""
        entry = secrets.token_hex(16)
        row = (entry, person.site, person.uid, person.name, action, record, patient, now_text())
        self._ledger.execute(
            "INSERT INTO audit (id, site, uid, name, action, record, patient, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row
        )
        return entry

    def note_opening(self, person: Person, record: str, patient: str | None) -> None:
        """Write that ``person`` opens ``record``; from now on it is handed out. Belongs into a transaction."""
        entry = self.note(person, "open_record", record, patient)
        row = (person.uid, person.site, record, entry, boot_id(), self._monotonic())
        self._ledger.execute("INSERT OR REPLACE INTO openings VALUES (?, ?, ?, ?, ?, ?)", row)

    def require_opened(self, person: Person, record: str, within_s: float) -> None:
        """Raise `NotAllowed` unless ``person`` opened ``record`` in the last ``within_s`` seconds, of this boot."""
        row = self._ledger.execute(
            "SELECT at_s FROM openings WHERE uid = ? AND site = ? AND record = ? AND boot_id = ?",
            (person.uid, person.site, record, boot_id()),
        ).fetchone()
        if row is None or not 0 <= self._monotonic() - row[0] <= within_s:
            raise NotAllowed("Open the record first: each reading is written down.")

    def page(self, site: str, *, record: str | None, uid: str | None, after: str | None) -> dict[str, Any]:
        """Return a page of entries, the newest first, and where the next one begins."""
        conditions, values = ["site = ?"], [site]
        for column, value in (("record", record), ("uid", uid)):
            if value is not None:
                conditions.append(f"{column} = ?")
                values.append(value)
        before = _cursor(after)
        where = " AND ".join([*conditions, "seq < ?"])
        query = f"SELECT seq, {', '.join(_COLUMNS)} FROM audit WHERE {where} ORDER BY seq DESC LIMIT ?"
        rows = self._ledger.execute(query, (*values, before, PAGE + 1)).fetchall()
        items = [dict(zip(_COLUMNS, row[1:], strict=True)) for row in rows[:PAGE]]
        return {"items": items, "next": str(rows[PAGE - 1][0]) if len(rows) > PAGE else None}


def _cursor(after: str | None) -> int:
    if after is None:
        return (1 << 63) - 1
    if not (after.isascii() and after.isdecimal() and len(after) <= 18):
        raise BadRequest("This is no place in the list.")
    return int(after)
