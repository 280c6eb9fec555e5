"""Damage costs as little as it can: the old file is kept, what is readable goes on, and somebody is told."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from device.process.time import VirtualTimekeeper
from device.store.alarms import SALVAGED
from device.store.catalogue import list_records, open_record
from device.store.connection import store_path
from device.store.database import Store
from device.store.errors import StoreCorrupt, StoreError
from device.store.keys import load_opener
from device.store.outbox import Outbox
from device.store.records import Lane, State
from device.store.salvage import finish_salvage
from tests.device.store.samples import raw, sample_patient, sample_record, sync_all

PAGE = 4096


def overwrite_page(path: Path, number: int, content: bytes = b"\xa5" * PAGE) -> None:
    """Damage one page (numbered from 1) as a failing card does: the block holds something else."""
    with path.open("r+b") as file:
        file.seek((number - 1) * PAGE)
        file.write(content)


def pages(data_dir: Path, name: str) -> list[int]:
    """Return the root page of a table or index, and move everything from the log into the file."""
    with raw(data_dir) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return [row[0] for row in connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,))]


def damage_behind_the_cache(data_dir: Path, page: int) -> None:
    """Damage a page of a store that is open: another process's commit makes every cache read it again."""
    with raw(data_dir) as connection:
        connection.execute("INSERT OR REPLACE INTO alarms VALUES ('other', '', 1, '', 0.0, '2026-11-20T00:00:00Z', 0)")
        overwrite_page(store_path(data_dir), page)


def salvage_alarm(store: Store) -> str:
    (alarm,) = [alarm for alarm in store.alarms() if alarm.kind == SALVAGED]
    return alarm.detail


@pytest.fixture
def filled(data_dir: Path, timekeeper: VirtualTimekeeper) -> dict[str, str]:
    """A closed store with a patient and a synced, a purged, a dead and two waiting records; return their ids."""
    with Store.open(data_dir, timekeeper, reserve_bytes=0) as store, Outbox.open(data_dir, timekeeper) as outbox:
        ids = {"purged": store.save(sample_record()).id}
        sync_all(outbox)
        outbox.purge(0)
        ids["synced"] = store.save(sample_record()).id
        sync_all(outbox)
        ids["dead"] = store.save(sample_record()).id
        outbox.lease(1, 60.0)
        outbox.bury(ids["dead"], "refused")
        ids["urgent"] = store.register(sample_patient(), sample_record(lane=Lane.URGENT)).id
        ids["routine"] = store.save(sample_record(image=bytes(30_000))).id
        store.add_pin_failure(sample_patient().ref)
    return ids


def require_all_unsynced(data_dir: Path, store: Store, filled: dict[str, str]) -> None:
    opener = load_opener(data_dir)
    states = {entry.id: entry.state for entry in list_records(data_dir)}
    assert states == {
        filled["purged"]: State.PURGED,
        filled["synced"]: State.PURGED,
        filled["dead"]: State.DEAD,
        filled["urgent"]: State.SAVED,
        filled["routine"]: State.SAVED,
    }
    for name in ("dead", "urgent", "routine"):
        open_record(data_dir, filled[name], opener)
    assert store.patient_of(sample_patient().card_ref) == sample_patient()
    assert store.pin_failures(sample_patient().ref).count == 1


@pytest.mark.parametrize("content", [b"", b"garbage" * 3000, bytes(40_000)], ids=["empty", "garbage", "zeros"])
def test_nothing_readable_still_gives_a_working_store(
    data_dir: Path, open_store: Callable[[], Store], filled: dict[str, str], content: bytes
) -> None:
    store_path(data_dir).write_bytes(content)
    store = open_store()
    assert "Copied: 0 patients, 0 records" in salvage_alarm(store)
    assert (data_dir / "store" / "salvaged-1.db").read_bytes() == content
    store.save(sample_record())
    assert store.counts().saved == 1


@pytest.mark.parametrize("index", ["sqlite_autoindex_records_1", "outbox_waiting", "sqlite_autoindex_patients_2"])
def test_a_damaged_index_costs_nothing(
    data_dir: Path, open_store: Callable[[], Store], filled: dict[str, str], index: str
) -> None:
    (root,) = pages(data_dir, index)
    overwrite_page(store_path(data_dir), root)
    store = open_store()
    require_all_unsynced(data_dir, store, filled)
    assert "Copied: 1 patients, 5 records. The old file is kept as" in salvage_alarm(store)
    with Outbox.open(data_dir, VirtualTimekeeper()) as outbox:
        assert sync_all(outbox) == [filled["urgent"], filled["routine"]]


def test_an_index_that_lies_is_noticed(data_dir: Path, open_store: Callable[[], Store], filled: dict[str, str]) -> None:
    """A page that is sound in itself, but of another time: as after a lost write."""
    (root,) = pages(data_dir, "sqlite_autoindex_records_1")
    (other,) = pages(data_dir, "sqlite_autoindex_patients_1")
    content = store_path(data_dir).read_bytes()
    overwrite_page(store_path(data_dir), root, content[(other - 1) * PAGE : other * PAGE])
    require_all_unsynced(data_dir, open_store(), filled)


def test_a_damaged_outbox_sends_everything_again_urgently(
    data_dir: Path, open_store: Callable[[], Store], filled: dict[str, str]
) -> None:
    (root,) = pages(data_dir, "outbox")
    overwrite_page(store_path(data_dir), root)
    open_store()
    entries = {entry.id: entry for entry in list_records(data_dir)}
    assert all(entry.lane == Lane.URGENT for entry in entries.values())
    assert {entries[filled[name]].state for name in ("synced", "dead", "urgent", "routine")} == {State.SAVED}
    assert entries[filled["purged"]].state == State.DEAD  # its payload is not here, and nobody knows any more that it was sent


def test_damaged_patients_leave_the_records(data_dir: Path, open_store: Callable[[], Store], filled: dict[str, str]) -> None:
    (root,) = pages(data_dir, "patients")
    overwrite_page(store_path(data_dir), root)
    store = open_store()
    assert store.patient_of(sample_patient().card_ref) is None
    assert [entry.id for entry in list_records(data_dir)] == list(filled.values())
    assert "could not be read" in salvage_alarm(store)


def test_only_the_rows_on_the_damaged_page_are_lost(data_dir: Path, timekeeper: VirtualTimekeeper) -> None:
    with Store.open(data_dir, timekeeper, reserve_bytes=0) as store:
        ids = [store.save(sample_record(image=b"x")).id for _ in range(120)]
    with raw(data_dir) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = store_path(data_dir).read_bytes()
    leaf_of_a_table = 0x0D  # sqlite.org/fileformat2.html, section 1.6
    holding = {
        page: sum(record_id.encode() in content[(page - 1) * PAGE : page * PAGE] for record_id in ids)
        for page in range(2, len(content) // PAGE + 1)
        if content[(page - 1) * PAGE] == leaf_of_a_table
    }
    middle = [page for page, number in holding.items() if number][1]
    overwrite_page(store_path(data_dir), middle)
    with Store.open(data_dir, timekeeper, reserve_bytes=0) as store:
        left = [entry.id for entry in list_records(data_dir)]
        assert len(ids) - len(left) == holding[middle]
        assert left == [record_id for record_id in ids if record_id in set(left)]
        assert {ids[0], ids[-1]} <= set(left)
        assert "could not be read" in salvage_alarm(store)


def test_a_damaged_payload_is_found_when_it_is_read_and_costs_that_record_alone(
    data_dir: Path, open_store: Callable[[], Store], filled: dict[str, str], timekeeper: VirtualTimekeeper
) -> None:
    pages(data_dir, "parts")
    content = store_path(data_dir).read_bytes()
    with raw(data_dir) as connection:
        sealed = connection.execute("SELECT sealed FROM parts ORDER BY length(sealed) DESC LIMIT 1").fetchone()[0]
    overflow = content.find(sealed[20_000:20_100]) // PAGE + 1
    overwrite_page(store_path(data_dir), overflow)
    store = open_store()
    assert store.alarms()[0].kind != SALVAGED  # payloads are not read at the start
    with Outbox.open(data_dir, timekeeper) as outbox:
        with pytest.raises(StoreCorrupt, match="its next use salvages what can be read"):
            outbox.lease(5, 60.0)
        assert [leased.id for leased in outbox.lease(5, 60.0)] == [filled["urgent"]]
    entries = {entry.id: entry for entry in list_records(data_dir)}
    assert entries[filled["routine"]].state == State.DEAD
    assert "its payload could not be read" in (entries[filled["routine"]].last_error or "")
    assert "1 records and 1 rows could not be read" in salvage_alarm(store)


def test_damage_at_run_time_is_one_error_and_then_goes_on(
    data_dir: Path, open_store: Callable[[], Store], filled: dict[str, str]
) -> None:
    (root,) = pages(data_dir, "outbox")
    store = open_store()
    damage_behind_the_cache(data_dir, root)
    record = sample_record()
    with pytest.raises(StoreCorrupt):
        store.save(record)
    saved = store.save(record)
    assert store.patient_of(sample_patient().card_ref) == sample_patient()
    assert saved.id in {entry.id for entry in list_records(data_dir)}
    assert salvage_alarm(store)


def test_the_other_process_notices_and_goes_on_with_the_new_store(
    data_dir: Path, open_store: Callable[[], Store], filled: dict[str, str], timekeeper: VirtualTimekeeper
) -> None:
    (root,) = pages(data_dir, "sqlite_autoindex_records_1")
    with Outbox.open(data_dir, timekeeper) as outbox:
        leased = outbox.lease(1, 60.0)
        pages(data_dir, "records")
        overwrite_page(store_path(data_dir), root)
        store = open_store()
        assert salvage_alarm(store)
        new = store.save(sample_record())
        outbox.acknowledge(leased[0].id, leased[0].document_sha256)
        states = {entry.id: entry.state for entry in list_records(data_dir)}
        assert states[filled["urgent"]] == State.SYNCED
        assert new.id in {record.id for record in outbox.lease(5, 60.0)}
    # closing what had the old file open must not take the new file's log with it
    assert store.save(sample_record()).id in {entry.id for entry in list_records(data_dir)}
    with raw(data_dir) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_salvage_of_both_processes_at_once_happens_once(
    data_dir: Path, filled: dict[str, str], timekeeper: VirtualTimekeeper, open_store: Callable[[], Store]
) -> None:
    (root,) = pages(data_dir, "outbox")
    store = open_store()
    with Outbox.open(data_dir, timekeeper) as outbox:
        damage_behind_the_cache(data_dir, root)
        with pytest.raises(StoreCorrupt):
            outbox.lease(1, 60.0)
        with pytest.raises(StoreCorrupt):
            store.save(sample_record())
        assert store.counts().saved == outbox.counts().saved == 4
    assert [path.name for path in sorted((data_dir / "store").glob("salvaged-*.db"))] == ["salvaged-1.db"]


def test_every_salvage_keeps_its_own_copy(data_dir: Path, open_store: Callable[[], Store], filled: dict[str, str]) -> None:
    for number in (1, 2, 3):
        (root,) = pages(data_dir, "outbox_waiting")
        overwrite_page(store_path(data_dir), root)
        store = open_store()
        require_all_unsynced(data_dir, store, filled)
        store.close()
        assert (data_dir / "store" / f"salvaged-{number}.db").exists()
    assert open_store().alarms()[-1].times == 3


def test_rows_in_the_log_are_salvaged_too(data_dir: Path, open_store: Callable[[], Store], filled: dict[str, str]) -> None:
    """The power fails before a checkpoint, and the file behind the log is damaged."""
    (root,) = pages(data_dir, "outbox_waiting")
    store = open_store()
    late = store.save(sample_record())
    log = store_path(data_dir).with_name("store.db-wal").read_bytes()
    assert late.id.encode() in log
    store.close()
    overwrite_page(store_path(data_dir), root)
    store_path(data_dir).with_name("store.db-wal").write_bytes(log)
    open_store()
    assert late.id in {entry.id for entry in list_records(data_dir)}


class Killed(BaseException):
    """As abrupt as a test can be within its own process."""


@pytest.mark.parametrize("step", range(6))
def test_a_salvage_killed_at_any_rename_is_finished_by_the_next_start(
    data_dir: Path, open_store: Callable[[], Store], filled: dict[str, str], step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root,) = pages(data_dir, "outbox_waiting")
    overwrite_page(store_path(data_dir), root)
    rename, calls = Path.rename, 0

    def rename_and_die(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls * 2 - 1 == step:
            raise Killed
        result = rename(self, target)
        if calls * 2 == step:
            raise Killed
        return result

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename_and_die)
        if step == 0:
            open_store().close()
        else:
            with pytest.raises(Killed):
                open_store()
    store = open_store()
    require_all_unsynced(data_dir, store, filled)
    assert salvage_alarm(store)
    assert len(list((data_dir / "store").glob("salvaged-*.db"))) == 1
    assert not list((data_dir / "store").glob("store.db.*"))


def test_finishing_without_a_salvage_does_nothing(data_dir: Path, filled: dict[str, str]) -> None:
    before = store_path(data_dir).read_bytes()
    finish_salvage(store_path(data_dir))
    assert store_path(data_dir).read_bytes() == before


@pytest.mark.parametrize("seed", range(12))
def test_random_damage_never_stops_the_kiosk_nor_invents_anything(
    data_dir: Path, timekeeper: VirtualTimekeeper, filled: dict[str, str], seed: int
) -> None:
    """Flip 1 to 40 random bytes: afterwards every record opens as it was saved, or is known to be damaged."""
    chance = random.Random(seed)
    pages(data_dir, "records")
    content = bytearray(store_path(data_dir).read_bytes())
    for _ in range(chance.choice((1, 5, 40))):
        content[chance.randrange(len(content))] = chance.randrange(256)
    store_path(data_dir).write_bytes(content)
    with Store.open(data_dir, timekeeper, reserve_bytes=0) as store, Outbox.open(data_dir, timekeeper) as outbox:
        new = repeat(lambda: store.save(sample_record()).id)
        opener = load_opener(data_dir)
        opened = []
        for leased in repeat(lambda: outbox.lease(50, 60.0)):
            try:
                opened.append(opener.open(leased.id, leased.parts).document["id"])
            except StoreError:
                outbox.bury(leased.id, "damaged")
        assert new in opened
        assert set(opened) <= {*filled.values(), new}
        assert len(opened) == len(set(opened))


T = TypeVar("T")


def repeat(action: Callable[[], T]) -> T:
    """Try as the kiosk does: an error page, then the next visit."""
    for _ in range(3):
        try:
            return action()
        except StoreCorrupt:
            continue
    return action()


def test_a_wrong_kind_of_value_in_a_row_loses_that_row_alone(
    data_dir: Path, open_store: Callable[[], Store], filled: dict[str, str]
) -> None:
    """Damage that SQLite cannot see, next to damage that it sees."""
    (root,) = pages(data_dir, "outbox_waiting")
    content = store_path(data_dir).read_bytes()
    assert content.count(b"deadrefused") == 1
    store_path(data_dir).write_bytes(content.replace(b"deadrefused", b"lostrefused"))
    overwrite_page(store_path(data_dir), root)
    open_store()
    states = {entry.id: entry.state for entry in list_records(data_dir)}
    assert states[filled["dead"]] == State.SAVED  # its place in the outbox was unreadable: send it again
    assert states[filled["routine"]] == State.SAVED
