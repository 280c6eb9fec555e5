"""What has to leave the kiosk, as the sync process uses it: lease, send, acknowledge. It changes no record.

A lease and a back-off are points on the monotonic clock of one boot. After a reboot nobody holds a lease and every record
is due at once, so no clock that is ten years off, or jumps, keeps a record here. Sending a record twice changes nothing:
its id is the idempotency key.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from device.process.moment import Timekeeper
from device.store.alarms import DEAD_LETTER, Alarm, clear_alarm, raise_alarm, read_alarms
from device.store.connection import Database
from device.store.counts import Counts, count
from device.store.errors import UnknownRecord, WrongHash
from device.store.records import Lane, State
from device.store.retention import Purged, purge
from device.store.revoked import revoke_card
from device.store.sealing import SealedPart

_LONGEST_ERROR = 500


@dataclass(frozen=True)
class Leased:
    """A record that is ours to send until the lease ends."""

    id: str
    lane: Lane
    tries: int
    """How often it has been leased, this time included; without the times that `Outbox.retry` did not count."""
    document_sha256: str
    """Of ``record.json`` in clear; what the remote must confirm."""
    parts: tuple[SealedPart, ...]
    """``record.json`` first."""


class Outbox:
    """The sync process's end of the store. Every method raises `StoreError` where the disk or the file fails.

    After `StoreCorrupt` the object stays usable: the next call salvages the store and goes on with a new one.
    """

    def __init__(self, database: Database, timekeeper: Timekeeper) -> None:
        """For `open`."""
        self._database = database
        self._timekeeper = timekeeper
        self._holder = secrets.token_hex(8)

    @classmethod
    def open(cls, data_dir: Path, timekeeper: Timekeeper) -> Outbox:
        """Open the store in ``data_dir`` as the kiosk would: whoever starts first creates it."""
        return cls(Database(data_dir, timekeeper), timekeeper)

    def lease(self, limit: int, lease_s: float) -> list[Leased]:
        """Take up to ``limit`` records that are due, for ``lease_s`` seconds: urgent ones first, then the oldest.

        Their sealed content is in memory, so keep ``limit`` small. Nobody else is given them while the lease lasts.
        """
        with self._database.write() as connection:
            due = self._due(connection, limit)
            return self._take(connection, [seq for seq, _, _ in due], lease_s)

    def lease_batch(self, limit: int, most_bytes: int, lease_s: float) -> list[Leased]:
        """Take records that may travel together: of one lane, and ``most_bytes`` in clear or a single one that has more.

        Otherwise as `lease`.
        """
        with self._database.write() as connection:
            taken: list[int] = []
            size = 0
            due = self._due(connection, limit)
            for seq, lane, clear_bytes in due:
                size += clear_bytes
                if taken and (lane != due[0][1] or size > most_bytes):
                    break
                taken.append(seq)
            return self._take(connection, taken, lease_s)

    def urgent_is_due(self) -> bool:
        """Return whether an urgent record waits for somebody to take it."""
        with self._database.read() as connection:
            due = self._due(connection, 1)
            return bool(due) and due[0][1] == Lane.URGENT

    def _due(self, connection: sqlite3.Connection, limit: int) -> list[tuple[int, int, int]]:
        """Return (record, lane, bytes in clear) of what is due and nobody has: urgent ones first, then the oldest."""
        now = self._timekeeper.now()
        return connection.execute(
            """SELECT record, lane, bytes FROM outbox JOIN records ON seq = record WHERE state = 'saved'
            AND (lease_boot_id IS NULL OR lease_boot_id <> :boot OR lease_until_s <= :now)
            AND (next_try_boot_id IS NULL OR next_try_boot_id <> :boot OR next_try_s <= :now)
            ORDER BY lane, record LIMIT :limit""",
            {"boot": now.boot_id, "now": now.monotonic_s, "limit": limit},
        ).fetchall()

    def _take(self, connection: sqlite3.Connection, records: list[int], lease_s: float) -> list[Leased]:
        now = self._timekeeper.now()
        taken = []
        for record in records:
            taken += connection.execute(
                """UPDATE outbox SET lease_holder = ?, lease_boot_id = ?, lease_until_s = ?, tries = tries + 1
                WHERE record = ? RETURNING lane, record, tries""",
                (self._holder, now.boot_id, now.monotonic_s + lease_s, record),
            ).fetchall()
        return [_leased(connection, record, Lane(lane), tries) for lane, record, tries in sorted(taken)]

    def acknowledge(self, record_id: str, remote_sha256: str) -> None:
        """The remote holds the record and returned this hash of its ``record.json``: it is synced.

        It does not matter who held the lease: what the remote confirms is true. May be repeated. Raises `WrongHash` for
        any other hash (the record stays due), `UnknownRecord`.
        """
        with self._database.write() as connection:
            _acknowledge(connection, record_id, remote_sha256)

    def acknowledge_all(self, confirmed: Sequence[tuple[str, str]]) -> None:
        """Do what `acknowledge` does with each (record id, hash), in one transaction: for all of them or none."""
        with self._database.write() as connection:
            for record_id, remote_sha256 in confirmed:
                _acknowledge(connection, record_id, remote_sha256)

    def retry(self, record_id: str, delay_s: float, error: str, *, counted: bool = True) -> bool:
        """Give a leased record back; it is due again in ``delay_s`` seconds (or after a reboot).

        ``counted``: whether this was a try in the sense of `Leased.tries`; weeks without a network say nothing of a record.
        Returns ``False``, and changes nothing, where the lease is not ours any more: its new holder decides.
        """
        now = self._timekeeper.now()
        with self._database.write() as connection:
            seq, _ = _find(connection, record_id)
            cursor = connection.execute(
                f"""UPDATE outbox SET {_RELEASED}, next_try_boot_id = ?, next_try_s = ?, last_error = ?, tries = tries - ?
                WHERE record = ? AND state = ? AND lease_holder = ?""",
                (
                    now.boot_id,
                    now.monotonic_s + delay_s,
                    error[:_LONGEST_ERROR],
                    int(not counted),
                    seq,
                    State.SAVED,
                    self._holder,
                ),
            )
            return cursor.rowcount == 1

    def bury(self, record_id: str, reason: str) -> bool:
        """Give a leased record up, with a reason and an alarm; it is never purged, and `revive` undoes it.

        Returns ``False``, and changes nothing, where the lease is not ours any more.
        """
        with self._database.write() as connection:
            seq, _ = _find(connection, record_id)
            cursor = connection.execute(
                f"UPDATE outbox SET state = ?, last_error = ?, {_RELEASED} WHERE record = ? AND state = ? AND lease_holder = ?",
                (State.DEAD, reason[:_LONGEST_ERROR], seq, State.SAVED, self._holder),
            )
            if cursor.rowcount == 1:
                detail = f"record {record_id} was given up: {reason[:_LONGEST_ERROR]}; remove the cause, then send it again"
                raise_alarm(connection, DEAD_LETTER, detail, self._timekeeper.now())
            return cursor.rowcount == 1

    def revive(self, record_id: str) -> bool:
        """Put a record that was given up back among those that are due; return whether it had been given up."""
        with self._database.write() as connection:
            seq, _ = _find(connection, record_id)
            statement = f"UPDATE outbox SET {_REVIVED} WHERE record = ? AND state = ?"
            return connection.execute(statement, (State.SAVED, seq, State.DEAD)).rowcount == 1

    def make_due(self, *, given_up: bool = False) -> None:
        """End every wait, because a person asked; with ``given_up`` also put back what was given up, and drop its alarm."""
        with self._database.write() as connection:
            connection.execute("UPDATE outbox SET next_try_boot_id = NULL, next_try_s = NULL WHERE state = ?", (State.SAVED,))
            if given_up:
                connection.execute(f"UPDATE outbox SET {_REVIVED} WHERE state = ?", (State.SAVED, State.DEAD))
                clear_alarm(connection, DEAD_LETTER)

    def release_leases(self) -> int:
        """End every lease, and return how many there were. Only for who knows that no other process is sending: then what
        is leased was leased by processes that were killed, and need not wait for the end of their leases.
        """
        with self._database.write() as connection:
            statement = f"UPDATE outbox SET {_RELEASED} WHERE state = ? AND lease_holder IS NOT NULL"
            return connection.execute(statement, (State.SAVED,)).rowcount

    def counts(self) -> Counts:
        """Return how many records wait, are synced, dead and purged."""
        with self._database.read() as connection:
            return count(connection)

    def alarms(self) -> list[Alarm]:
        """Return what a technician must look at, by kind."""
        with self._database.read() as connection:
            return read_alarms(connection)

    def raise_alarm(self, kind: str, detail: str) -> None:
        """Note something that a technician must look at. ``detail``: what happened, to what, what to do; no patient."""
        with self._database.write() as connection:
            raise_alarm(connection, kind, detail, self._timekeeper.now())

    def revoke_card(self, card_ref: str) -> bool:
        """Take a card out of use, because the clinic says so; return whether it was in use before. May be repeated."""
        with self._database.write() as connection:
            return revoke_card(connection, card_ref, self._timekeeper.now())

    def purge(self, keep_bytes: int, reserve_bytes: int = 0) -> Purged:
        """Remove synced payloads, oldest first, until at most ``keep_bytes`` of them are left and ``reserve_bytes`` of
        the disk are free. Unsynced and dead ones are never touched.
        """
        return purge(self._database, keep_bytes, reserve_bytes)

    def close(self) -> None:
        """Close the store; further use raises `StoreClosed`. May be called twice."""
        self._database.close()

    def __enter__(self) -> Outbox:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


_RELEASED = "lease_holder = NULL, lease_boot_id = NULL, lease_until_s = NULL"
_REVIVED = f"state = ?, tries = 0, next_try_boot_id = NULL, next_try_s = NULL, {_RELEASED}"


def _acknowledge(connection: sqlite3.Connection, record_id: str, remote_sha256: str) -> None:
    seq, expected = _find(connection, record_id)
    if remote_sha256 != expected:
        raise WrongHash(f"the remote confirms {remote_sha256} for record {record_id}, saved was {expected}; it stays unsynced")
    connection.execute(
        f"""UPDATE outbox SET state = ?, remote_sha256 = ?, last_error = NULL, {_RELEASED}
        WHERE record = ? AND state <> ?""",
        (State.SYNCED, remote_sha256, seq, State.PURGED),
    )


def _find(connection: sqlite3.Connection, record_id: str) -> tuple[int, str]:
    row = connection.execute("SELECT seq, document_sha256 FROM records WHERE id = ?", (record_id,)).fetchone()
    if row is None:
        raise UnknownRecord(f"there is no record {record_id} in this store; list them with `firstlight records list`")
    return row[0], row[1]


def _leased(connection: sqlite3.Connection, seq: int, lane: Lane, tries: int) -> Leased:
    record_id, digest = connection.execute("SELECT id, document_sha256 FROM records WHERE seq = ?", (seq,)).fetchone()
    return Leased(record_id, lane, tries, digest, read_parts(connection, seq))


def read_parts(connection: sqlite3.Connection, seq: int) -> tuple[SealedPart, ...]:
    """Return the sealed parts of a record in the order in which they were saved, ``record.json`` first."""
    rows = connection.execute(
        "SELECT name, media_type, sha256, bytes, sealed FROM parts WHERE record = ? ORDER BY rowid", (seq,)
    )
    return tuple(SealedPart(*row) for row in rows)
