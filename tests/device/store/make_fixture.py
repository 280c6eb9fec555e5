"""Write today's store as a fixture for the software of tomorrow; see ``fixtures/README.md``."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from device.process.time import VirtualTimekeeper
from device.store.connection import store_path
from device.store.database import Store
from device.store.keys import public_pem
from device.store.outbox import Outbox
from device.store.records import Lane
from device.store.schema import APPLICATION_ID, STEPS
from tests.device.store.samples import sample_patient, sample_record

FIXTURES = Path(__file__).parent / "fixtures"
BUNDLE = "b" * 64
REVOKED = "c" * 64
SAVED, SYNCED, DEAD, PURGED = ("1" * 32, "2" * 32, "3" * 32, "4" * 32)


def fill(data_dir: Path, recipient: bytes) -> None:
    timekeeper = VirtualTimekeeper(100.0)
    with (
        Store.open(data_dir, timekeeper, recipient=recipient, reserve_bytes=0) as store,
        Outbox.open(data_dir, timekeeper) as outbox,
    ):
        for record_id in (PURGED, SYNCED):
            saved = store.save(sample_record(record_id=record_id, image=b"image"))
            outbox.acknowledge(saved.id, saved.document_sha256)
            outbox.purge(saved.size_bytes if record_id == SYNCED else 0)
        store.save(sample_record(record_id=DEAD, image=b"image"))
        outbox.lease(1, 60.0)
        outbox.bury(DEAD, "refused")
        store.register(sample_patient(pin_hash="$argon2id$"), sample_record(record_id=SAVED, image=b"image", lane=Lane.URGENT))
        store.add_pin_failure(sample_patient().ref)
        store.add_pin_failure(sample_patient().ref)
        outbox.revoke_card(REVOKED)
        store.tally(BUNDLE, {"body_c": "10", "outcome": "abstained"})


def main() -> None:
    key = serialization.load_pem_private_key((FIXTURES / "recipient.key").read_bytes(), password=None)
    out = FIXTURES / f"version-{len(STEPS)}.sql"
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), public_pem(key.public_key()))  # type: ignore[arg-type]
        connection = sqlite3.connect(store_path(Path(folder)))
        lines = [*connection.iterdump(), f"PRAGMA application_id = {APPLICATION_ID};", f"PRAGMA user_version = {len(STEPS)};"]
        connection.close()
    with out.open("x") as file:  # one that was released is never written again
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
