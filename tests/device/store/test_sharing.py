"""Two processes of different users share the store through a group; nobody else gets in; umasks do not matter."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from device.process.time import VirtualTimekeeper
from device.store.catalogue import list_records
from device.store.database import Store
from device.store.errors import StoreReadOnly
from device.store.files import make_folder
from device.store.keys import create_keys, load_recipient
from device.store.outbox import Outbox
from device.store.records import State
from tests.device.store.samples import sample_record, sync_all
from tests.device.users import open_to_all, run_as

KIOSK, SYNC, STRANGER = 30001, 30002, 30003
SHARED, OTHER = 30000, 30009

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become two other users")


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_every_file_is_for_user_and_group_whatever_the_umask(
    data_dir: Path, open_store: Callable[[], Store], open_outbox: Callable[[], Outbox], umask: int
) -> None:
    before = os.umask(umask)
    try:
        store, outbox = open_store(), open_outbox()
        store.save(sample_record())
        sync_all(outbox)
        found = modes(data_dir / "store")
    finally:
        os.umask(before)
    assert found == dict.fromkeys(("store.db", "store.db-wal", "store.db-shm", "store.lock"), 0o660)
    assert stat.S_IMODE((data_dir / "store").stat().st_mode) == 0o2770


def test_a_folder_that_the_installer_made_keeps_its_mode(data_dir: Path, open_store: Callable[[], Store]) -> None:
    make_folder(data_dir / "store", 0o2750)
    open_store()
    assert stat.S_IMODE((data_dir / "store").stat().st_mode) == 0o2750


@needs_root
@pytest.mark.parametrize("first", ["kiosk", "sync"])
def test_the_users_of_one_group_work_on_one_store(data_dir: Path, timekeeper: VirtualTimekeeper, first: str) -> None:
    create_keys(data_dir)
    recipient = load_recipient(data_dir).public_bytes_raw()
    data_dir.chmod(0o755)
    make_folder(data_dir / "store", 0o2770)
    os.chown(data_dir / "store", 0, SHARED)
    open_to_all(data_dir)
    record = sample_record()

    def kiosk() -> None:
        with Store.open(data_dir, timekeeper, recipient=recipient, reserve_bytes=0) as store:
            store.save(record)

    def sync() -> None:
        with Outbox.open(data_dir, timekeeper) as outbox:
            sync_all(outbox)

    def stranger() -> None:
        with pytest.raises(StoreReadOnly):
            Outbox.open(data_dir, timekeeper)

    if first == "sync":
        run_as(SYNC, SHARED, 0o077, sync)
    run_as(KIOSK, SHARED, 0o022, kiosk)
    run_as(SYNC, SHARED, 0o077, sync)
    run_as(KIOSK, SHARED, 0o077, kiosk)
    run_as(STRANGER, OTHER, 0o022, stranger)
    assert [(entry.id, entry.state) for entry in list_records(data_dir)] == [(record.id, State.SYNCED)]
    assert {path.stat().st_gid for path in (data_dir / "store").iterdir()} == {SHARED}


@needs_root
def test_a_store_salvaged_by_one_user_serves_the_other(data_dir: Path, timekeeper: VirtualTimekeeper) -> None:
    data_dir.mkdir(mode=0o755)
    make_folder(data_dir / "store", 0o2770)
    os.chown(data_dir / "store", 0, SHARED)
    open_to_all(data_dir)
    recipient = bytes(range(32))

    def kiosk() -> None:
        with Store.open(data_dir, timekeeper, recipient=recipient, reserve_bytes=0) as store:
            store.save(sample_record())

    def sync() -> None:
        with Outbox.open(data_dir, timekeeper) as outbox:
            assert [alarm.kind for alarm in outbox.alarms()] == ["store_salvaged"]
            assert outbox.lease(5, 60.0) == []

    run_as(KIOSK, SHARED, 0o077, kiosk)
    (data_dir / "store" / "store.db").write_bytes(b"garbage" * 1000)
    run_as(SYNC, SHARED, 0o077, sync)
    run_as(KIOSK, SHARED, 0o077, kiosk)
    assert set(modes(data_dir / "store").values()) == {0o660}
