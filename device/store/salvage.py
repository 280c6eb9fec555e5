"""Going on after damage: keep the old file, copy what can be read into a new one, and raise an alarm.

What is copied: patients, revoked cards, PIN failures, alarms, tallies, every record's row, and the payloads that are not in
the cloud yet. Synced payloads stay in the kept copy (the records count as purged), so this takes no longer for a kiosk that
holds years.

Steps, each safe to be killed in: build ``store.db.draft`` → name it ``store.db.ready-N`` (from here on it is the store)
→ move the old file and its log to ``salvaged-N.db`` → give the new one its name. Only under the exclusive `FolderLock`.
A process that still has the old file open does no harm: SQLite leaves the log alone when its database was moved.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from device.process.moment import Moment
from device.store.alarms import SALVAGED, raise_alarm
from device.store.files import sync_folder
from device.store.records import Lane, State
from device.store.sqlite import connect, create, seal_draft

_DAMAGE = (sqlite3.DatabaseError, UnicodeDecodeError)
"""How damage shows; the latter where SQLite quotes it in a message."""

_PROBE = 100_000
"""How many row ids are tried one by one inside a gap that cannot be walked."""


@dataclass
class _Tally:
    patients: int = 0
    records: int = 0
    incomplete: int = 0
    """Records that were not in the cloud yet and whose payload cannot be read."""
    unreadable: int = 0
    """Rows."""


def draft_path(path: Path) -> Path:
    """Where a store is built before it gets the name ``path``; on the same disk."""
    return path.with_name(f"{path.name}.draft")


def salvage(path: Path, moment: Moment, reason: str) -> Path:
    """Replace the damaged store at ``path`` by a new one with everything readable; return where the old one is kept.

    Raises `OSError` or `sqlite3.Error` where the new one cannot be written; then the old one stays in place.
    """
    draft = draft_path(path)
    draft.unlink(missing_ok=True)
    number = 1 + max((int(kept.stem.removeprefix("salvaged-")) for kept in path.parent.glob("salvaged-*.db")), default=0)
    kept = _kept(path, number)
    try:
        new = create(draft)
        try:
            tally = _copy(path, new)
            raise_alarm(new, SALVAGED, _sentence(tally, kept, reason), moment)
        except BaseException:
            new.close()
            raise
        seal_draft(new, draft)
        draft.rename(path.with_name(f"{path.name}.ready-{number}"))
    finally:
        draft.unlink(missing_ok=True)
    finish_salvage(path)
    return kept


def finish_salvage(path: Path) -> None:
    """Do the last steps of a salvage, also of one that was killed in the middle. Does nothing without one."""
    for ready in path.parent.glob(f"{path.name}.ready-*"):
        kept = _kept(path, int(ready.name.rpartition("-")[2]))
        sync_folder(path.parent)
        for suffix in ("", "-wal"):
            old = path.with_name(path.name + suffix)
            if old.exists():
                old.rename(kept.with_name(kept.name + suffix))
        path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
        ready.rename(path)
        sync_folder(path.parent)


def _kept(path: Path, number: int) -> Path:
    return path.with_name(f"salvaged-{number}.db")


def _sentence(tally: _Tally, kept: Path, reason: str) -> str:
    """Say what happened, what was saved, what was not, and what to do."""
    lost = (
        f"; {tally.incomplete} records and {tally.unreadable} rows could not be read"
        if tally.incomplete + tally.unreadable
        else ""
    )
    return (
        f"{reason}. Copied: {tally.patients} patients, {tally.records} records{lost}. The old file is kept as {kept}: "
        f"have it examined, then delete it, and replace the SD card if this happens again"
    )


def _copy(path: Path, new: sqlite3.Connection) -> _Tally:
    tally = _Tally()
    try:
        old = connect(path, read_only=True)
    except _DAMAGE:
        return tally  # nothing at all can be read
    try:
        new.execute("BEGIN IMMEDIATE")
        tally.patients = _copy_table(old, new, "patients", tally)
        for table in ("pin_failures", "alarms", "tallies", "revoked_cards"):
            _copy_table(old, new, table, tally)
        tally.records = _copy_table(old, new, "records", tally)
        _copy_table(old, new, "outbox", tally)
        _give_every_record_a_place_in_the_outbox(new)
        _copy_table(old, new, "parts", tally, skip=_synced(new))
        _settle_incomplete_records(new, path, tally)
        new.execute("COMMIT")
    finally:
        old.close()
    return tally


def _copy_table(
    old: sqlite3.Connection, new: sqlite3.Connection, table: str, tally: _Tally, skip: frozenset[int] = frozenset()
) -> int:
    """Copy every row that can be read and still obeys the new table's rules; return how many. ``skip``: of `records.seq`."""
    known = [row[1] for row in new.execute(f"PRAGMA table_info({table})")]
    columns = [name for name in known if name in _columns(old, table)]
    if not columns:
        return 0
    names = ", ".join(columns)
    insert = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"
    copied = 0
    for rowid in _row_ids(old, table):
        try:
            if skip and old.execute(f"SELECT record FROM {table} WHERE rowid = ?", (rowid,)).fetchone()[0] in skip:
                continue
            row = old.execute(f"SELECT {names} FROM {table} WHERE rowid = ?", (rowid,)).fetchone()
            if row is not None:
                new.execute(insert, row)
                copied += 1
        except (*_DAMAGE, TypeError) as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
                raise  # no room for the new store: that is not the old one's damage
            tally.unreadable += 1
    return copied


def _columns(old: sqlite3.Connection, table: str) -> list[str]:
    """Return the columns that the damaged store has in a table; none where that cannot be told."""
    try:
        return [row[1] for row in old.execute(f"PRAGMA table_info({table})")]
    except _DAMAGE:
        return []


def _row_ids(old: sqlite3.Connection, table: str) -> list[int]:
    """Return the row ids that may exist: walk from both ends up to the damage, and try each one in between."""
    forwards, whole = _walk(old, table, "ASC")
    if whole:
        return forwards
    backwards, _ = _walk(old, table, "DESC")
    first = forwards[-1] + 1 if forwards else 1
    last = backwards[-1] if backwards else first + 1000
    return sorted({*forwards, *backwards, *range(first, min(last, first + _PROBE))})


def _walk(old: sqlite3.Connection, table: str, order: str) -> tuple[list[int], bool]:
    found: list[int] = []
    try:
        for (rowid,) in old.execute(f"SELECT rowid FROM {table} NOT INDEXED ORDER BY rowid {order}"):
            found.append(rowid)  # not list(): what was read before the damage counts
    except _DAMAGE:
        return found, False
    return found, True


def _give_every_record_a_place_in_the_outbox(new: sqlite3.Connection) -> None:
    """Where it is unknown whether a record was sent, or how urgent it is: send it now. The remote knows what it holds."""
    new.execute(
        "INSERT INTO outbox (record, lane, state) SELECT seq, ?, ? FROM records WHERE seq NOT IN (SELECT record FROM outbox)",
        (Lane.URGENT, State.SAVED),
    )


def _synced(new: sqlite3.Connection) -> frozenset[int]:
    return frozenset(row[0] for row in new.execute("SELECT record FROM outbox WHERE state IN ('synced', 'purged')"))


def _settle_incomplete_records(new: sqlite3.Connection, path: Path, tally: _Tally) -> None:
    """Synced payloads were left behind; an unsynced record whose payload is damaged is a dead letter, never dropped."""
    new.execute("UPDATE outbox SET state = ? WHERE state = ?", (State.PURGED, State.SYNCED))
    cursor = new.execute(
        """UPDATE outbox SET state = ?, last_error = ? WHERE state IN ('saved', 'dead') AND
        (SELECT bytes FROM records WHERE seq = outbox.record)
            <> (SELECT coalesce(sum(bytes), 0) FROM parts WHERE record = outbox.record)""",
        (State.DEAD, f"its payload could not be read when {path.name} was salvaged; see the kept copy"),
    )
    tally.incomplete = cursor.rowcount
