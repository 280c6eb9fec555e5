"""A record that `save` returned for is there, whole, sealed and immutable; one that it refused left nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from device.store.catalogue import list_records, open_record
from device.store.database import Store
from device.store.errors import BadRecord, DuplicateRecord, PatientExists, StoreClosed, StoreError
from device.store.records import Lane, Part, State
from device.store.sealing import RecordOpener
from tests.device.store.samples import MOMENT, raw, sample_patient, sample_record


def test_a_saved_record_opens_again(store: Store, data_dir: Path, opener: RecordOpener) -> None:
    record = sample_record(lane=Lane.URGENT, note="día")
    saved = store.save(record)
    opened = open_record(data_dir, record.id, opener)
    assert opened.document == {
        **record.document,
        "parts": {
            "capture.npz": {"media_type": "application/x-npz", "sha256": sha256(b"image" * 1000).hexdigest(), "bytes": 5000}
        },
        "state": "saved",
    }
    assert opened.parts["capture.npz"] == record.parts[0]
    content = opened.parts["record.json"].content
    assert sha256(content).hexdigest() == saved.document_sha256
    assert "state" not in json.loads(content)
    assert saved.size_bytes == 5000 + len(content)


def test_what_is_listed_needs_no_key(store: Store, data_dir: Path) -> None:
    first, second = sample_record(), sample_record(lane=Lane.URGENT, image=None)
    store.save(first)
    store.save(second)
    listed = list_records(data_dir)
    assert [entry.id for entry in listed] == [first.id, second.id]
    assert [entry.lane for entry in listed] == [Lane.ROUTINE, Lane.URGENT]
    assert (listed[0].moment, listed[0].state, listed[0].tries, listed[0].last_error) == (MOMENT, State.SAVED, 0, None)


def test_nothing_about_the_patient_is_in_clear_on_the_disk(store: Store, data_dir: Path) -> None:
    store.save(sample_record(image=b"secret image" * 100, finding="secret finding"))
    files = b"".join(path.read_bytes() for path in (data_dir / "store").iterdir())
    assert len(files) > 5000
    for secret in (b"secret", b"P-ABCD-2345-X7", b"thermal", b"noise_k"):
        assert secret not in files


def test_saved_is_saved_for_another_process_too(store: Store, open_store: Callable[[], Store]) -> None:
    store.save(sample_record())
    assert open_store().counts().saved == 1


def test_saving_the_same_record_again_changes_nothing(store: Store) -> None:
    record = sample_record()
    assert store.save(record) == store.save(record)
    assert store.counts().saved == 1


def test_another_record_under_the_same_id_is_refused(store: Store, data_dir: Path, opener: RecordOpener) -> None:
    record = sample_record()
    store.save(record)
    with pytest.raises(DuplicateRecord, match=f"another record has been saved as {record.id}"):
        store.save(sample_record(record_id=record.id, image=b"another"))
    assert open_record(data_dir, record.id, opener).parts["capture.npz"].content == b"image" * 1000


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"value": float("nan")}, "is no JSON"),
        ({"value": np.zeros(3)}, "is no JSON"),
        ({"value": b"bytes"}, "is no JSON"),
        ({"value": "\ud800"}, "is no JSON"),
        ({"state": "synced"}, "holds 'state', which the store adds"),
        ({"parts": {}}, "holds 'parts', which the store adds"),
        ({"id": "0" * 32}, "has another id"),
    ],
    ids=["NaN", "array", "bytes", "surrogate", "state", "parts", "id"],
)
def test_a_document_that_cannot_be_kept_is_refused(store: Store, more: dict[str, Any], message: str) -> None:
    record = sample_record()
    with pytest.raises(BadRecord, match=message):
        store.save(replace(record, document={**record.document, **more}))
    assert store.counts().saved == 0


@pytest.mark.parametrize("name", ["", "../x", "a/b", "Capture.npz", ".hidden", "record.json", "a\0b", "x" * 65])
def test_a_part_needs_a_plain_file_name(store: Store, name: str) -> None:
    with pytest.raises(BadRecord, match="a part cannot be called"):
        store.save(replace(sample_record(), parts=(Part(name, "image/png", b""),)))
    assert store.counts().saved == 0


def test_a_part_given_twice_is_refused(store: Store) -> None:
    part = Part("a.png", "image/png", b"")
    with pytest.raises(BadRecord, match=r"has the part 'a.png' twice"):
        store.save(replace(sample_record(), parts=(part, part)))


@pytest.mark.parametrize("record_id", ["", "1", "G" * 32, "A" * 32, "0" * 33])
def test_an_id_of_another_form_is_refused(store: Store, record_id: str) -> None:
    record = sample_record()
    with pytest.raises(BadRecord, match="is no record id"):
        store.save(replace(record, id=record_id, document={**record.document, "id": record_id}))


def test_a_patient_and_their_consent_are_saved_together(store: Store, data_dir: Path) -> None:
    patient = sample_patient()
    consent = sample_record(image=None)
    store.register(patient, consent)
    assert store.patient_of(patient.card_ref) == patient
    assert [entry.id for entry in list_records(data_dir)] == [consent.id]


def test_a_patient_without_a_consent_is_not_registered(store: Store) -> None:
    saved = sample_record()
    store.save(saved)
    with pytest.raises(DuplicateRecord):
        store.register(sample_patient(), sample_record(record_id=saved.id, image=b"another"))
    assert store.patient_of(sample_patient().card_ref) is None


def test_a_consent_for_a_card_that_is_taken_is_not_saved(store: Store) -> None:
    store.register(sample_patient(1), sample_record())
    with pytest.raises(PatientExists, match="belongs to patient P-ABCD-2345-01 already"):
        store.register(replace(sample_patient(2), card_ref=sample_patient(1).card_ref), sample_record())
    with pytest.raises(PatientExists):
        store.register(replace(sample_patient(2), ref=sample_patient(1).ref), sample_record())
    assert store.counts().saved == 1


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE records SET wall = '1970'", "a record is immutable"),
        ("DELETE FROM records", "a record stays"),
        ("UPDATE parts SET sealed = x'00'", "a part is immutable"),
        ("DELETE FROM parts", "the payload is not in the cloud yet"),
        ("UPDATE outbox SET state = 'lost'", "CHECK constraint failed"),
        ("UPDATE outbox SET state = 'synced'", "CHECK constraint failed"),
        ("UPDATE outbox SET tries = 'many'", "cannot store TEXT value in INTEGER"),
    ],
)
def test_the_file_itself_refuses_what_must_not_happen(store: Store, data_dir: Path, statement: str, message: str) -> None:
    store.save(sample_record())
    with raw(data_dir) as connection, pytest.raises(sqlite3.IntegrityError, match=message):
        connection.execute(statement)


def test_a_dead_letters_payload_cannot_be_deleted_either(store: Store, data_dir: Path) -> None:
    store.save(sample_record())
    with raw(data_dir) as connection:
        connection.execute("UPDATE outbox SET state = 'dead'")
        with pytest.raises(sqlite3.IntegrityError, match="not in the cloud"):
            connection.execute("DELETE FROM parts")


def test_commits_are_synced_to_the_disk(store: Store) -> None:
    with store._database.read() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1


def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreClosed, match="was closed; open it again"):
        store.save(sample_record())
    assert issubclass(StoreClosed, StoreError)


def test_a_visit_writes_little_besides_its_images(store: Store, data_dir: Path) -> None:
    """At most 200 kB for a visit: what save, lease and acknowledge append to the log, and the log's share of a checkpoint."""
    from device.process.time import VirtualTimekeeper
    from device.store.outbox import Outbox

    visits = 20
    log = data_dir / "store" / "store.db-wal"
    with raw(data_dir) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with Outbox.open(data_dir, VirtualTimekeeper()) as outbox:
        for _ in range(visits):
            store.save(sample_record(image=None, padding="x" * 3000))
            (leased,) = outbox.lease(1, 60.0)
            outbox.acknowledge(leased.id, leased.document_sha256)
    appended = log.stat().st_size
    with raw(data_dir) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    assert 0 < (appended + pages * 4096) / visits <= 200_000
