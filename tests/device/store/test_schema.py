"""Old stores are brought up to date, newer ones left alone, and a migration is whole or did not happen."""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from device.process.time import VirtualTimekeeper
from device.store import catalogue, schema
from device.store import connection as connection_module
from device.store.catalogue import list_records, open_record
from device.store.connection import store_path
from device.store.database import Store
from device.store.errors import RecordPurged, StoreCorrupt, StoreTooNew
from device.store.outbox import Outbox
from device.store.records import State
from device.store.schema import APPLICATION_ID, STEPS, migrate, require_known, version_of
from device.store.sealing import RecordOpener
from device.store.sqlite import connect
from device.store.tallies import Tally
from tests.device.store.make_fixture import BUNDLE, DEAD, FIXTURES, PURGED, REVOKED, SAVED, SYNCED
from tests.device.store.samples import raw, sample_patient, sample_record, sync_all

NEXT_STEP = ("ALTER TABLE patients ADD COLUMN language TEXT NOT NULL DEFAULT 'en'", "CREATE TABLE visits (n INTEGER) STRICT")
BROKEN_STEP = ("CREATE TABLE visits (n INTEGER) STRICT", "CREATE TABLE visits (n INTEGER) STRICT")


def lay_down(data_dir: Path, version: int) -> None:
    """Put the fixture of a released version where the store would be."""
    path = store_path(data_dir)
    path.parent.mkdir(parents=True)
    connection = sqlite3.connect(path)
    connection.executescript((FIXTURES / f"version-{version}.sql").read_text())
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def fixture_key() -> X25519PrivateKey:
    key = serialization.load_pem_private_key((FIXTURES / "recipient.key").read_bytes(), password=None)
    assert isinstance(key, X25519PrivateKey)
    return key


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Today's software, one step later."""
    steps = (*STEPS, NEXT_STEP)
    monkeypatch.setattr(connection_module, "migrate", partial(migrate, steps=steps))
    for module in (connection_module, catalogue):
        monkeypatch.setattr(module, "require_known", partial(require_known, steps=steps))


def require_everything_is_there(data_dir: Path, store: Store, version: int) -> None:
    opener = RecordOpener(fixture_key())
    assert {entry.id: entry.state for entry in list_records(data_dir)} == {
        PURGED: State.PURGED,
        SYNCED: State.SYNCED,
        DEAD: State.DEAD,
        SAVED: State.SAVED,
    }
    for record_id in (SYNCED, DEAD, SAVED):
        assert open_record(data_dir, record_id, opener).parts["capture.npz"].content == b"image"
    with pytest.raises(RecordPurged):
        open_record(data_dir, PURGED, opener)
    assert store.patient_of(sample_patient().card_ref) == sample_patient(pin_hash="$argon2id$")
    assert store.pin_failures(sample_patient().ref).count == 2
    assert [alarm.kind for alarm in store.alarms()] == ["record_not_accepted"]
    if version >= 2:
        assert store.tallies(BUNDLE) == [Tally("2026-W47", "body_c", "10", 1), Tally("2026-W47", "outcome", "abstained", 1)]
    assert store.is_revoked(REVOKED) == (version >= 3)


def test_there_is_a_fixture_for_every_version() -> None:
    assert sorted(path.name for path in FIXTURES.glob("version-*.sql")) == [
        f"version-{n}.sql" for n in range(1, len(STEPS) + 1)
    ]


@pytest.mark.parametrize("version", range(1, len(STEPS) + 1))
def test_todays_software_opens_every_released_store(data_dir: Path, timekeeper: VirtualTimekeeper, version: int) -> None:
    lay_down(data_dir, version)
    recipient = fixture_key().public_key().public_bytes_raw()
    with Store.open(data_dir, timekeeper, recipient=recipient, reserve_bytes=0) as store:
        require_everything_is_there(data_dir, store, version)
        new = store.save(sample_record())
    with Outbox.open(data_dir, timekeeper) as outbox:
        assert sync_all(outbox) == [SAVED, new.id]


@pytest.mark.parametrize("version", range(1, len(STEPS) + 1))
def test_a_migrated_store_has_the_tables_of_a_new_one(tmp_path: Path, timekeeper: VirtualTimekeeper, version: int) -> None:
    def tables(data_dir: Path) -> list[tuple[str, str]]:
        with raw(data_dir) as connection:
            return connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").fetchall()

    lay_down(tmp_path / "old", version)
    for name in ("old", "new"):
        Store.open(tmp_path / name, timekeeper).close()
    assert tables(tmp_path / "old") == tables(tmp_path / "new")


@pytest.mark.usefixtures("next_version")
def test_a_store_of_version_1_is_migrated_when_a_newer_software_opens_it(data_dir: Path, timekeeper: VirtualTimekeeper) -> None:
    lay_down(data_dir, 1)
    recipient = fixture_key().public_key().public_bytes_raw()
    with Store.open(data_dir, timekeeper, recipient=recipient, reserve_bytes=0) as store:
        require_everything_is_there(data_dir, store, 1)
        store.save(sample_record())
    with raw(data_dir) as connection:
        assert version_of(connection) == len(STEPS) + 1
        assert connection.execute("SELECT language FROM patients").fetchall() == [("en",)]
        assert connection.execute("SELECT count(*) FROM visits").fetchone() == (0,)


def test_a_migration_happens_once(data_dir: Path, timekeeper: VirtualTimekeeper) -> None:
    Store.open(data_dir, timekeeper).close()
    connection = connect(store_path(data_dir))
    assert migrate(connection, (*STEPS, NEXT_STEP)) == 1
    assert migrate(connection, (*STEPS, NEXT_STEP)) == 0
    connection.close()


def test_a_migration_that_fails_leaves_the_store_as_it_was(data_dir: Path, timekeeper: VirtualTimekeeper) -> None:
    lay_down(data_dir, 1)
    with raw(data_dir) as connection:
        before = list(connection.iterdump())
    connection = connect(store_path(data_dir))
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        migrate(connection, (*STEPS, NEXT_STEP[:1], BROKEN_STEP))
    assert version_of(connection) == 1
    connection.close()
    with raw(data_dir) as connection:
        assert list(connection.iterdump()) == before


def test_a_store_of_a_newer_version_is_not_touched(data_dir: Path, timekeeper: VirtualTimekeeper) -> None:
    lay_down(data_dir, 1)
    with raw(data_dir) as connection:
        connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    before = store_path(data_dir).read_bytes()
    for refuse in (
        lambda: Store.open(data_dir, timekeeper),
        lambda: Outbox.open(data_dir, timekeeper),
        lambda: list_records(data_dir),
    ):
        with pytest.raises(
            StoreTooNew, match=f"has version {len(STEPS) + 1}, this software knows {len(STEPS)}; install the newer"
        ):
            refuse()
    assert store_path(data_dir).read_bytes() == before
    assert not list(store_path(data_dir).parent.glob("salvaged-*"))


def test_another_programs_database_is_no_store(data_dir: Path) -> None:
    store_path(data_dir).parent.mkdir(parents=True)
    with raw(data_dir) as connection:
        connection.execute("CREATE TABLE addresses (name TEXT)")
        with pytest.raises(StoreCorrupt, match="is no store of Firstlight"):
            require_known(connection, store_path(data_dir))


def test_every_table_is_strict_and_every_small_one_is_checked(data_dir: Path, timekeeper: VirtualTimekeeper) -> None:
    Store.open(data_dir, timekeeper).close()
    with raw(data_dir) as connection:
        tables = connection.execute(
            "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'"
        )
        assert dict(tables.fetchall()) == dict.fromkeys((*schema.SMALL_TABLES, "parts"), 1)
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
