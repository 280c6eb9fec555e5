"""Only what the cloud has confirmed is ever removed, the oldest first, no more than needed, and the disk gets the room."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.process.time import VirtualTimekeeper
from device.store.catalogue import list_records, open_record
from device.store.connection import store_path
from device.store.database import Store
from device.store.errors import RecordPurged, StoreFull
from device.store.outbox import Outbox
from device.store.records import State
from device.store.retention import Purged
from device.store.sealing import RecordOpener
from tests.device.store.samples import sample_record, sync_all

IMAGE = 50_000
ANY_DISK = 10**18
"""More than any disk has free, in bytes."""


def save(store: Store, number: int) -> list[str]:
    return [store.save(sample_record(image=bytes(IMAGE))).id for _ in range(number)]


def purged(data_dir: Path) -> list[str]:
    return [entry.id for entry in list_records(data_dir) if entry.state == State.PURGED]


def test_the_oldest_synced_payloads_go_first_and_no_more_than_needed(store: Store, outbox: Outbox, data_dir: Path) -> None:
    ids = save(store, 40)
    sync_all(outbox)
    size = list_records(data_dir)[0].size_bytes
    assert outbox.purge(size * 10) == Purged(30, size * 30)
    assert purged(data_dir) == ids[:30]
    assert outbox.purge(size * 10) == Purged(0, 0)
    assert (outbox.counts().synced, outbox.counts().purged) == (10, 30)


def test_unsynced_and_dead_ones_are_never_purged(store: Store, outbox: Outbox, data_dir: Path, opener: RecordOpener) -> None:
    dead, *waiting = save(store, 4)
    outbox.lease(1, 60.0)
    outbox.bury(dead, "refused")
    outbox.lease(1, 60.0)
    assert outbox.purge(0, ANY_DISK) == Purged(0, 0)
    for record_id in (dead, *waiting):
        assert open_record(data_dir, record_id, opener).parts["capture.npz"].content == bytes(IMAGE)


def test_below_the_reserve_everything_synced_goes(store: Store, outbox: Outbox, data_dir: Path) -> None:
    synced = save(store, 20)
    sync_all(outbox)
    waiting = save(store, 2)
    assert outbox.purge(10**12, ANY_DISK).records == 20
    assert purged(data_dir) == synced
    assert outbox.counts().saved == len(waiting)


def test_with_room_enough_nothing_goes(store: Store, outbox: Outbox) -> None:
    save(store, 3)
    sync_all(outbox)
    assert outbox.purge(10**12, 1) == Purged(0, 0)


def test_the_file_gets_smaller(store: Store, outbox: Outbox, data_dir: Path) -> None:
    save(store, 60)
    sync_all(outbox)
    outbox.purge(0)
    assert store_path(data_dir).stat().st_size < 120_000


def test_a_purged_record_is_remembered_but_not_opened(
    store: Store, outbox: Outbox, data_dir: Path, opener: RecordOpener
) -> None:
    (record_id,) = save(store, 1)
    sync_all(outbox)
    outbox.purge(0)
    assert list_records(data_dir)[0].state == State.PURGED
    with pytest.raises(RecordPurged, match="is in the cloud and was removed here to make room"):
        open_record(data_dir, record_id, opener)
    assert outbox.lease(1, 60.0) == []


def test_acknowledging_a_purged_record_again_leaves_it_purged(store: Store, outbox: Outbox, data_dir: Path) -> None:
    saved = store.save(sample_record())
    sync_all(outbox)
    outbox.purge(0)
    outbox.acknowledge(saved.id, saved.document_sha256)
    assert list_records(data_dir)[0].state == State.PURGED


def test_below_the_reserve_nobody_new_is_accepted_but_a_visit_is_still_saved(
    data_dir: Path, timekeeper: VirtualTimekeeper
) -> None:
    with Store.open(data_dir, timekeeper, reserve_bytes=ANY_DISK) as store:
        with pytest.raises(StoreFull, match=r"MB are free .* are kept in reserve; connect the kiosk"):
            store.accepting()
        store.save(sample_record())
    with Store.open(data_dir, timekeeper, reserve_bytes=1) as store:
        store.accepting()
