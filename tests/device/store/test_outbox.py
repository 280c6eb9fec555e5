"""What leaves the kiosk, in which order, once at a time, whatever the clocks do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device.process.time import VirtualTimekeeper
from device.store.alarms import DEAD_LETTER
from device.store.catalogue import list_records
from device.store.database import Store
from device.store.errors import UnknownRecord, WrongHash
from device.store.outbox import Outbox
from device.store.records import Lane, State
from device.store.sealing import RecordOpener
from tests.device.store.samples import sample_record, sync_all


def save(store: Store, lane: Lane = Lane.ROUTINE) -> str:
    return store.save(sample_record(lane=lane)).id


def state_of(data_dir: Path, record_id: str) -> State:
    return next(entry.state for entry in list_records(data_dir) if entry.id == record_id)


def test_urgent_ones_go_first_then_the_oldest(store: Store, outbox: Outbox) -> None:
    routine = [save(store) for _ in range(2)]
    urgent = [save(store, Lane.URGENT) for _ in range(2)]
    routine.append(save(store))
    assert [leased.id for leased in outbox.lease(3, 60.0)] == [*urgent, routine[0]]
    assert [leased.id for leased in outbox.lease(9, 60.0)] == routine[1:]


def test_what_is_leased_can_be_opened(store: Store, outbox: Outbox, opener: RecordOpener) -> None:
    record = sample_record(lane=Lane.URGENT)
    saved = store.save(record)
    (leased,) = outbox.lease(1, 60.0)
    assert (leased.id, leased.lane, leased.tries, leased.document_sha256) == (record.id, Lane.URGENT, 1, saved.document_sha256)
    assert [part.name for part in leased.parts] == ["record.json", "capture.npz"]
    opened = opener.open(leased.id, leased.parts)
    assert opened.document["id"] == record.id
    assert opened.parts["capture.npz"].content == record.parts[0].content


def test_a_leased_record_is_nobody_elses(store: Store, outbox: Outbox, open_outbox: Callable[[], Outbox]) -> None:
    save(store)
    assert len(outbox.lease(5, 60.0)) == 1
    assert open_outbox().lease(5, 60.0) == []
    assert outbox.lease(5, 60.0) == []


def test_a_lease_ends(store: Store, outbox: Outbox, open_outbox: Callable[[], Outbox], timekeeper: VirtualTimekeeper) -> None:
    save(store)
    outbox.lease(1, 60.0)
    timekeeper.sleep(59.9)
    other = open_outbox()
    assert other.lease(1, 60.0) == []
    timekeeper.sleep(0.1)
    (leased,) = other.lease(1, 60.0)
    assert leased.tries == 2


def test_a_lease_ends_with_the_boot(store: Store, outbox: Outbox, timekeeper: VirtualTimekeeper) -> None:
    save(store)
    outbox.lease(1, 1e9)
    timekeeper.reboot()
    assert len(outbox.lease(1, 60.0)) == 1


def test_acknowledged_is_synced(store: Store, outbox: Outbox, data_dir: Path) -> None:
    record_id = save(store)
    assert sync_all(outbox) == [record_id]
    assert state_of(data_dir, record_id) == State.SYNCED
    assert outbox.lease(1, 60.0) == []
    assert (outbox.counts().saved, outbox.counts().synced, outbox.counts().unsynced_bytes) == (0, 1, 0)


def test_acknowledging_twice_changes_nothing(store: Store, outbox: Outbox, data_dir: Path) -> None:
    saved = store.save(sample_record())
    outbox.lease(1, 60.0)
    outbox.acknowledge(saved.id, saved.document_sha256)
    outbox.acknowledge(saved.id, saved.document_sha256)
    assert state_of(data_dir, saved.id) == State.SYNCED


def test_another_hash_is_no_acknowledgement(
    store: Store, outbox: Outbox, data_dir: Path, timekeeper: VirtualTimekeeper
) -> None:
    record_id = save(store)
    outbox.lease(1, 60.0)
    with pytest.raises(WrongHash, match=f"the remote confirms {'0' * 64} for record {record_id}.*stays unsynced"):
        outbox.acknowledge(record_id, "0" * 64)
    assert state_of(data_dir, record_id) == State.SAVED
    timekeeper.sleep(60.0)
    assert sync_all(outbox) == [record_id]


def test_what_the_remote_confirms_is_true_whoever_asked(
    store: Store, outbox: Outbox, open_outbox: Callable[[], Outbox], timekeeper: VirtualTimekeeper, data_dir: Path
) -> None:
    saved = store.save(sample_record())
    outbox.lease(1, 60.0)
    timekeeper.sleep(60.0)
    other = open_outbox()
    other.lease(1, 60.0)
    outbox.acknowledge(saved.id, saved.document_sha256)
    assert state_of(data_dir, saved.id) == State.SYNCED
    assert not other.retry(saved.id, 1.0, "too late")
    assert not other.bury(saved.id, "too late")
    assert state_of(data_dir, saved.id) == State.SYNCED


def test_a_retry_waits(store: Store, outbox: Outbox, data_dir: Path, timekeeper: VirtualTimekeeper) -> None:
    record_id = save(store)
    outbox.lease(1, 60.0)
    assert outbox.retry(record_id, 30.0, "the remote did not answer")
    assert list_records(data_dir)[0].last_error == "the remote did not answer"
    timekeeper.sleep(29.0)
    assert outbox.lease(1, 60.0) == []
    timekeeper.sleep(1.0)
    assert outbox.lease(1, 60.0)[0].tries == 2


def test_a_try_that_says_nothing_of_the_record_does_not_count(store: Store, outbox: Outbox) -> None:
    record_id = save(store)
    for _ in range(50):
        assert outbox.lease(1, 60.0)[0].tries == 1
        outbox.retry(record_id, 0.0, "there is no network", counted=False)


def test_who_is_alone_can_end_the_leases_of_those_that_were_killed(
    store: Store, outbox: Outbox, open_outbox: Callable[[], Outbox]
) -> None:
    ids = [save(store) for _ in range(3)]
    assert [leased.id for leased in outbox.lease(2, 60.0)] == ids[:2]
    successor = open_outbox()
    assert successor.release_leases() == 2
    assert [leased.id for leased in successor.lease(9, 60.0)] == ids


def test_others_overtake_one_that_waits(store: Store, outbox: Outbox) -> None:
    first = save(store, Lane.URGENT)
    outbox.lease(1, 60.0)
    outbox.retry(first, 1e6, "later")
    second = save(store)
    assert [leased.id for leased in outbox.lease(5, 60.0)] == [second]


def test_after_a_reboot_everything_is_due(store: Store, outbox: Outbox, timekeeper: VirtualTimekeeper) -> None:
    record_id = save(store)
    outbox.lease(1, 60.0)
    outbox.retry(record_id, 1e9, "much later")
    timekeeper.reboot(start_s=1.0)
    assert [leased.id for leased in outbox.lease(1, 60.0)] == [record_id]


def test_who_asks_need_not_wait(store: Store, outbox: Outbox, data_dir: Path) -> None:
    waiting, given_up = save(store), save(store)
    outbox.lease(2, 60.0)
    outbox.retry(waiting, 1e9, "much later")
    outbox.bury(given_up, "refused")
    assert outbox.lease(2, 60.0) == []
    outbox.make_due()
    assert [leased.id for leased in outbox.lease(2, 60.0)] == [waiting]
    assert [alarm.kind for alarm in outbox.alarms()] == [DEAD_LETTER]
    outbox.make_due(given_up=True)
    assert [(leased.id, leased.tries) for leased in outbox.lease(2, 60.0)] == [(given_up, 1)]
    assert outbox.alarms() == []


def test_whose_lease_has_ended_decides_nothing(
    store: Store, outbox: Outbox, open_outbox: Callable[[], Outbox], timekeeper: VirtualTimekeeper, data_dir: Path
) -> None:
    record_id = save(store)
    outbox.lease(1, 60.0)
    timekeeper.sleep(60.0)
    other = open_outbox()
    other.lease(1, 60.0)
    assert not outbox.retry(record_id, 1e6, "mine failed")
    assert not outbox.bury(record_id, "mine failed")
    assert state_of(data_dir, record_id) == State.SAVED
    assert other.retry(record_id, 0.0, "again")
    assert len(other.lease(1, 60.0)) == 1


def test_a_buried_record_has_a_reason_and_an_alarm(store: Store, outbox: Outbox, data_dir: Path) -> None:
    record_id = save(store)
    outbox.lease(1, 60.0)
    assert outbox.bury(record_id, "refused: not allowed")
    (entry,) = list_records(data_dir)
    assert (entry.state, entry.last_error) == (State.DEAD, "refused: not allowed")
    assert outbox.lease(1, 60.0) == []
    (alarm,) = store.alarms()
    assert alarm.kind == DEAD_LETTER
    assert f"record {record_id} was given up: refused: not allowed; remove the cause" in alarm.detail
    assert outbox.alarms() == [alarm]


def test_a_buried_record_can_be_revived(store: Store, outbox: Outbox, data_dir: Path) -> None:
    record_id = save(store)
    assert not outbox.revive(record_id)
    outbox.lease(1, 60.0)
    outbox.bury(record_id, "refused")
    assert outbox.revive(record_id)
    assert outbox.lease(1, 60.0)[0].tries == 1


def test_an_error_is_cut_to_a_length_that_fits(store: Store, outbox: Outbox, data_dir: Path) -> None:
    record_id = save(store)
    outbox.lease(1, 60.0)
    outbox.retry(record_id, 0.0, "x" * 100_000)
    assert len(list_records(data_dir)[0].last_error or "") == 500


@pytest.mark.parametrize("call", ["acknowledge", "retry", "bury", "revive"])
def test_an_unknown_record_is_an_error(outbox: Outbox, call: str) -> None:
    arguments = {"acknowledge": ("0" * 64,), "retry": (1.0, ""), "bury": ("",), "revive": ()}[call]
    with pytest.raises(UnknownRecord, match="there is no record fff in this store"):
        getattr(outbox, call)("fff", *arguments)


def test_counts_tell_the_states_apart(store: Store, outbox: Outbox) -> None:
    for lane in (Lane.ROUTINE, Lane.ROUTINE, Lane.URGENT, Lane.URGENT, Lane.ROUTINE):
        save(store, lane)
    urgent = outbox.lease(2, 60.0)
    outbox.bury(urgent[0].id, "refused")
    outbox.acknowledge(urgent[1].id, urgent[1].document_sha256)
    counts = outbox.counts()
    assert (counts.saved, counts.urgent, counts.synced, counts.dead, counts.purged) == (3, 0, 1, 1, 0)
    save(store, Lane.URGENT)
    assert store.counts().urgent == 1


def test_the_sync_process_may_start_first(
    data_dir: Path, open_outbox: Callable[[], Outbox], open_store: Callable[[], Store]
) -> None:
    outbox = open_outbox()
    assert outbox.lease(5, 60.0) == []
    record_id = save(open_store())
    assert [leased.id for leased in outbox.lease(5, 60.0)] == [record_id]


@pytest.mark.parametrize(
    "wall", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2036, 11, 20, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)]
)
def test_a_wall_clock_years_off_changes_nothing(
    store: Store, outbox: Outbox, timekeeper: VirtualTimekeeper, data_dir: Path, wall: datetime
) -> None:
    timekeeper.set_wall(wall)
    first = sample_record(moment=timekeeper.now())
    store.save(first)
    timekeeper.jump(datetime(2026, 11, 20, tzinfo=UTC) - wall)
    second = sample_record(moment=timekeeper.now())
    store.save(second)
    assert [entry.id for entry in list_records(data_dir)] == [first.id, second.id]
    assert list_records(data_dir)[0].moment.wall == wall
    outbox.lease(2, 60.0)
    outbox.retry(first.id, 10.0, "later")
    timekeeper.jump(timedelta(days=365))
    assert outbox.lease(2, 60.0) == []
    timekeeper.sleep(10.0)
    assert [leased.id for leased in outbox.lease(2, 60.0)] == [first.id]


JUMPS = st.floats(-3.2e8, 3.2e8).map(lambda seconds: timedelta(seconds=seconds))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(jumps=st.lists(JUMPS, min_size=1, max_size=8), wait_s=st.floats(0.5, 50.0))
def test_no_jump_of_the_wall_clock_moves_a_lease_or_a_retry(
    store: Store, outbox: Outbox, timekeeper: VirtualTimekeeper, jumps: list[timedelta], wait_s: float
) -> None:
    record_id = save(store)
    outbox.lease(1, wait_s)
    step = wait_s / (len(jumps) + 1)
    for jump in jumps:
        timekeeper.sleep(step)
        timekeeper.set_wall(datetime(2026, 11, 20, tzinfo=UTC) + jump)
        assert outbox.lease(1, 1.0) == []
    timekeeper.sleep(step * 1.01)
    (leased,) = outbox.lease(1, 1.0)
    assert leased.id == record_id
    outbox.acknowledge(record_id, leased.document_sha256)
