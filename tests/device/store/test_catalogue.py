"""Reading for who holds the key, without changing anything."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import numpy as np
import pytest

from device.process.time import VirtualTimekeeper
from device.store.catalogue import export_part, list_alarms, list_records, open_record
from device.store.database import Store
from device.store.errors import SealBroken, StoreCorrupt, StoreMissing, UnknownRecord
from device.store.keys import create_keys, load_opener
from device.store.outbox import Outbox
from device.store.sealing import RecordOpener
from tests.device.store.samples import sample_record, sync_all


def test_no_store_is_an_error_and_makes_none(data_dir: Path) -> None:
    with pytest.raises(StoreMissing, match=r"there is no store at .*; start the kiosk once, or name another --data-dir"):
        list_records(data_dir)
    assert not data_dir.exists()


def test_the_state_is_todays(store: Store, outbox: Outbox, data_dir: Path, opener: RecordOpener) -> None:
    record_id = store.save(sample_record()).id
    assert open_record(data_dir, record_id, opener).document["state"] == "saved"
    sync_all(outbox)
    assert open_record(data_dir, record_id, opener).document["state"] == "synced"


def test_a_record_that_is_not_there(store: Store, data_dir: Path, opener: RecordOpener) -> None:
    with pytest.raises(UnknownRecord, match="there is no record abc in "):
        open_record(data_dir, "abc", opener)


def test_another_kiosks_key_does_not_open_it(store: Store, data_dir: Path, tmp_path: Path) -> None:
    record_id = store.save(sample_record()).id
    create_keys(tmp_path / "other")
    with pytest.raises(SealBroken, match="it was sealed to another key"):
        open_record(data_dir, record_id, load_opener(tmp_path / "other"))


def test_an_exported_part_is_what_was_saved_and_private(
    store: Store, data_dir: Path, tmp_path: Path, opener: RecordOpener
) -> None:
    file = io.BytesIO()
    np.savez_compressed(file, celsius=np.full((24, 32), 33.5, np.float32))
    record_id = store.save(sample_record(image=file.getvalue())).id
    out = tmp_path / "out.npz"
    for _ in range(2):
        export_part(data_dir, record_id, opener, out)
        assert np.load(out)["celsius"].shape == (24, 32)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["out.npz"]


def test_a_part_that_the_record_does_not_have(store: Store, data_dir: Path, tmp_path: Path, opener: RecordOpener) -> None:
    record_id = store.save(sample_record(image=None)).id
    with pytest.raises(UnknownRecord, match=r"has no part 'capture.npz'; it has record.json"):
        export_part(data_dir, record_id, opener, tmp_path / "out.npz")
    assert not (tmp_path / "out.npz").exists()


def test_an_export_into_nowhere(store: Store, data_dir: Path, tmp_path: Path, opener: RecordOpener) -> None:
    record_id = store.save(sample_record()).id
    with pytest.raises(StoreMissing, match=r"out.npz cannot be used \(No such file or directory\)"):
        export_part(data_dir, record_id, opener, tmp_path / "nowhere" / "out.npz")


def test_a_damaged_store_is_reported_and_not_repaired(data_dir: Path, timekeeper: VirtualTimekeeper) -> None:
    Store.open(data_dir, timekeeper).close()
    path = data_dir / "store" / "store.db"
    path.write_bytes(b"garbage" * 1000)
    with pytest.raises(StoreCorrupt, match=r"store.db is damaged"):
        list_records(data_dir)
    assert path.read_bytes() == b"garbage" * 1000


def test_alarms_can_be_read_without_the_kiosk(store: Store, data_dir: Path) -> None:
    store.raise_alarm("reader_gone", "check its cable")
    assert list_alarms(data_dir) == store.alarms()
