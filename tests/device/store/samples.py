"""Records and patients to save."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from device.process.moment import Moment, moment_to_json
from device.process.time import VirtualTimekeeper
from device.store.outbox import Outbox
from device.store.patients import Patient
from device.store.records import Lane, NewRecord, Part, new_record_id

MOMENT = VirtualTimekeeper(100.0).now()


def sample_record(
    *,
    record_id: str | None = None,
    lane: Lane = Lane.ROUTINE,
    image: bytes | None = b"image" * 1000,
    moment: Moment = MOMENT,
    **more: object,
) -> NewRecord:
    record_id = record_id or new_record_id()
    document = {
        "schema": 1,
        "id": record_id,
        "patient": "P-ABCD-2345-X7",
        "modality": "thermal",
        **moment_to_json(moment),
        "quality": {"noise_k": 0.098},
        **more,
    }
    parts = () if image is None else (Part("capture.npz", "application/x-npz", image),)
    return NewRecord(record_id, "P-ABCD-2345-X7", "thermal", moment, lane, document, parts)


def sample_patient(number: int = 1, pin_hash: str | None = None) -> Patient:
    return Patient(f"P-ABCD-2345-{number:02}", f"{number:064x}", pin_hash, False, MOMENT, "2026-1")


def sync_all(outbox: Outbox) -> list[str]:
    """Lease and acknowledge everything that is due; return the ids in their order."""
    ids = []
    while leased := outbox.lease(10, 60.0):
        for record in leased:
            outbox.acknowledge(record.id, record.document_sha256)
            ids.append(record.id)
    return ids


@contextmanager
def raw(data_dir: Path) -> Iterator[sqlite3.Connection]:
    """Look into the store behind its back."""
    connection = sqlite3.connect(data_dir / "store" / "store.db", isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()
