"""A disk that is full, read-only or broken: a typed error, nothing half-written, and business as usual once there is room."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.process.time import VirtualTimekeeper
from device.store.catalogue import list_records, open_record
from device.store.connection import store_path
from device.store.database import Store
from device.store.errors import (
    StoreBusy,
    StoreCorrupt,
    StoreError,
    StoreFailing,
    StoreFull,
    StoreMissing,
    StoreReadOnly,
)
from device.store.faults import disk_faults, sqlite_faults
from device.store.keys import create_keys, load_opener
from device.store.outbox import Outbox
from device.store.sqlite import connect
from tests.device.store.samples import raw, sample_record, sync_all
from tests.device.users import unprivileged

BALLAST = 1024 * 1024
RESERVE = 8 * 1024 * 1024
"""A checkpoint needs room in the file for what is in the log, which holds up to 4 MiB."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 16 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk], capture_output=True, check=False, timeout=30
    )
    if mounted.returncode != 0:
        pytest.skip(f"this user may not mount a small disk: {mounted.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True, timeout=30)


def fill_up(disk: Path) -> Path:
    """Write until nothing fits any more; return the file that takes the room."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    assert os.statvfs(disk).f_bavail == 0
    return ballast


def save_until_full(store: Store) -> list[str]:
    saved: list[str] = []
    while len(saved) < 10_000:
        record = sample_record(image=bytes(20_000))
        try:
            saved.append(store.save(record).id)
        except StoreFull:
            break
    return saved


def test_a_disk_that_fills_up_loses_nothing_and_keeps_no_half(small_disk: Path, timekeeper: VirtualTimekeeper) -> None:
    data_dir = small_disk / "data"
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(BALLAST))
    with Store.open(data_dir, timekeeper, reserve_bytes=0) as store:
        saved = save_until_full(store)
        assert len(saved) > 10
        assert store.counts().saved == len(saved)
        ballast.unlink()
        saved.append(store.save(sample_record()).id)
    opener = load_opener(data_dir)
    assert [entry.id for entry in list_records(data_dir)] == saved
    for record_id in saved:
        open_record(data_dir, record_id, opener)
    with raw(data_dir) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_full_disk_can_be_synced_and_purged_empty(small_disk: Path, timekeeper: VirtualTimekeeper) -> None:
    data_dir = small_disk / "data"
    with Store.open(data_dir, timekeeper, reserve_bytes=RESERVE) as store, Outbox.open(data_dir, timekeeper) as outbox:
        while True:
            try:
                store.accepting()
            except StoreFull:
                break
            store.save(sample_record(image=bytes(20_000)))
        sync_all(outbox)
        assert outbox.purge(10**9, RESERVE + BALLAST).records > 10
        store.accepting()


def test_a_store_cannot_be_made_on_a_full_disk(small_disk: Path, timekeeper: VirtualTimekeeper) -> None:
    data_dir = small_disk / "data"
    create_keys(data_dir)
    ballast = fill_up(small_disk)
    with pytest.raises(StoreFull, match="free some space"):
        Store.open(data_dir, timekeeper)
    assert not store_path(data_dir).exists()
    ballast.unlink()
    with Store.open(data_dir, timekeeper) as store:
        assert store.alarms() == []


def test_keys_are_not_half_written_on_a_full_disk(small_disk: Path) -> None:
    data_dir = small_disk / "data"
    ballast = fill_up(small_disk)
    with pytest.raises(StoreFull):
        create_keys(data_dir)
    ballast.unlink()
    create_keys(data_dir)
    assert load_opener(data_dir)


def test_a_store_opens_on_a_full_disk_or_says_why_not(small_disk: Path, timekeeper: VirtualTimekeeper) -> None:
    data_dir = small_disk / "data"
    with Store.open(data_dir, timekeeper, reserve_bytes=0) as store:
        saved = store.save(sample_record())
    ballast = fill_up(small_disk)
    with pytest.raises(StoreFull), Store.open(data_dir, timekeeper, reserve_bytes=0) as store:
        store.save(sample_record(image=bytes(100_000)))
    assert not list(store_path(data_dir).parent.glob("salvaged-*"))
    ballast.unlink()
    with Store.open(data_dir, timekeeper, reserve_bytes=0) as store:
        assert [entry.id for entry in list_records(data_dir)] == [saved.id]


def test_a_damaged_store_on_a_full_disk_stays_where_it_is(small_disk: Path, timekeeper: VirtualTimekeeper) -> None:
    data_dir = small_disk / "data"
    Store.open(data_dir, timekeeper).close()
    store_path(data_dir).write_bytes(b"garbage" * 1000)
    ballast = fill_up(small_disk)
    with pytest.raises(StoreFull):
        Store.open(data_dir, timekeeper)
    assert store_path(data_dir).read_bytes() == b"garbage" * 1000
    ballast.unlink()
    with Store.open(data_dir, timekeeper) as store:
        assert [alarm.kind for alarm in store.alarms()] == ["store_salvaged"]


def test_a_store_that_may_not_grow_is_full(store: Store, data_dir: Path) -> None:
    """The same without a disk of its own: SQLite itself refuses another page."""
    store.save(sample_record())
    path = store_path(data_dir)
    with raw(data_dir) as connection:
        connection.execute("PRAGMA max_page_count = 1")
        with pytest.raises(StoreFull, match="the disk is full"), sqlite_faults(path):
            connection.execute("INSERT INTO alarms VALUES ('x', ?, 1, '', 0.0, '', 0)", ("y" * 100_000,))
    assert store.counts().saved == 1
    assert store.alarms() == []


def test_a_disk_mounted_read_only_says_so(small_disk: Path, timekeeper: VirtualTimekeeper) -> None:
    data_dir = small_disk / "data"
    with Store.open(data_dir, timekeeper, reserve_bytes=0) as store:
        saved = store.save(sample_record())
    before = store_path(data_dir).read_bytes()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True, timeout=30)
    for open_it in (Store.open, Outbox.open):
        with pytest.raises(StoreReadOnly, match="the disk is mounted read-only: a worn SD card does that to itself"):
            open_it(data_dir, timekeeper)
    assert store_path(data_dir).read_bytes() == before
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True, timeout=30)
    with Store.open(data_dir, timekeeper, reserve_bytes=0) as store:
        store.accepting()
        assert [entry.id for entry in list_records(data_dir)] == [saved.id]


def test_a_disk_that_becomes_read_only_while_the_kiosk_runs(
    store: Store, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.accepting()
    status = os.statvfs(data_dir)
    fields = [*status[:8], status.f_flag | os.ST_RDONLY, status.f_namemax]
    monkeypatch.setattr(os, "statvfs", lambda path: os.statvfs_result(fields))
    with pytest.raises(StoreReadOnly, match="is mounted read-only; check it with dmesg"):
        store.accepting()


def test_writing_to_what_may_only_be_read(store: Store, data_dir: Path) -> None:
    path = store_path(data_dir)
    connection = connect(path, read_only=True)
    with pytest.raises(StoreReadOnly, match=r"store.db cannot be written \(SQLITE_READONLY\); "), sqlite_faults(path):
        connection.execute("DELETE FROM alarms")
    connection.close()


def test_a_folder_of_another_user_is_refused(data_dir: Path, timekeeper: VirtualTimekeeper) -> None:
    Store.open(data_dir, timekeeper).close()
    with unprivileged(), pytest.raises(StoreReadOnly, match="run as a user who may write to"):
        Outbox.open(data_dir, timekeeper)


def test_a_file_where_the_folder_should_be(data_dir: Path, timekeeper: VirtualTimekeeper) -> None:
    data_dir.mkdir()
    (data_dir / "store").write_text("not a folder")
    with pytest.raises(StoreMissing, match="check the data directory"):
        Store.open(data_dir, timekeeper)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, StoreFull),
        (errno.EDQUOT, StoreFull),
        (errno.EROFS, StoreReadOnly),
        (errno.EACCES, StoreReadOnly),
        (errno.ENOENT, StoreMissing),
        (errno.EIO, StoreFailing),
    ],
)
def test_every_fault_of_the_disk_has_a_type(tmp_path: Path, number: int, expected: type[StoreError]) -> None:
    with pytest.raises(expected, match=re.escape(str(tmp_path))) as caught, disk_faults(tmp_path):
        raise OSError(number, os.strerror(number))
    assert isinstance(caught.value, OSError) or expected is StoreCorrupt


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_CORRUPT, StoreCorrupt),
        (sqlite3.SQLITE_NOTADB, StoreCorrupt),
        (sqlite3.SQLITE_FULL, StoreFull),
        (sqlite3.SQLITE_READONLY, StoreReadOnly),
        (sqlite3.SQLITE_READONLY_DBMOVED, StoreReadOnly),
        (sqlite3.SQLITE_BUSY, StoreBusy),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, StoreBusy),
        (sqlite3.SQLITE_IOERR_WRITE, StoreFailing),
        (sqlite3.SQLITE_CANTOPEN, StoreFailing),
    ],
)
def test_every_fault_of_sqlite_has_a_type(tmp_path: Path, code: int, expected: type[StoreError]) -> None:
    error = sqlite3.OperationalError("made up")
    error.sqlite_errorcode, error.sqlite_errorname = code, "SQLITE_X"
    with pytest.raises(expected, match=re.escape(str(tmp_path))), sqlite_faults(tmp_path / "store.db"):
        raise error


def test_an_input_output_error_on_a_full_disk_means_full(small_disk: Path) -> None:
    fill_up(small_disk)
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_IOERR_SHMSIZE, "SQLITE_IOERR_SHMSIZE"
    with pytest.raises(StoreFull), sqlite_faults(small_disk / "store.db"):
        raise error


def test_a_fault_of_the_program_keeps_its_own_name(store: Store, data_dir: Path) -> None:
    with raw(data_dir) as connection, pytest.raises(sqlite3.OperationalError, match="no such table"), sqlite_faults(data_dir):
        connection.execute("SELECT * FROM nowhere")


def test_a_store_that_is_held_too_long_is_busy(store: Store, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with store._database.read() as connection:
        connection.execute("PRAGMA busy_timeout = 1")
    with raw(data_dir) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="another process holds the store"):
            store.save(sample_record())
        other.execute("ROLLBACK")
    store.save(sample_record())
    assert store.counts().saved == 1
