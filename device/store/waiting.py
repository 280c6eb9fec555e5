"""What waits to leave the kiosk, sealed as it lies, for a way that cannot answer at once (a USB stick). Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from device.store.catalogue import reading
from device.store.outbox import Leased, read_parts
from device.store.records import Lane, State


def waiting_records(data_dir: Path) -> Iterator[Leased]:
    """Yield every record that no cloud has confirmed, laid-aside ones too: urgent ones first, then the oldest.

    One is in memory at a time. One that is synced meanwhile is left out. No key is needed. Raises `StoreMissing`,
    `StoreTooNew`, `StoreCorrupt` and the faults of the disk.
    """
    with reading(data_dir) as connection:
        waiting = connection.execute(
            "SELECT record FROM outbox WHERE state IN (?, ?) ORDER BY lane, record", (State.SAVED, State.DEAD)
        ).fetchall()
        for (seq,) in waiting:
            row = connection.execute(
                """SELECT id, lane, tries, document_sha256 FROM records JOIN outbox ON seq = record
                WHERE seq = ? AND state IN (?, ?)""",
                (seq, State.SAVED, State.DEAD),
            ).fetchone()
            parts = read_parts(connection, seq)
            if row is not None and parts:
                record_id, lane, tries, sha256 = row
                yield Leased(record_id, Lane(lane), tries, sha256, parts)
