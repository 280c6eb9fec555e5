"""Batches to a remote that is far away: faster, with every promise of one record at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from cloud_sync.deadline import Call, DeadlineCaller
from cloud_sync.keeper import ConditionKeeper
from cloud_sync.remote import (
    BatchRemote,
    RemoteInterrupted,
    RemoteQuota,
    RemoteRefused,
    RemoteRevoked,
    RemoteStuck,
    RemoteUnavailable,
    RemoteUnfinished,
)
from cloud_sync.sync import Sync, SyncOptions
from device.process.notify import Notifier
from device.process.time import SystemTimekeeper, VirtualTimekeeper
from device.store.database import Store
from device.store.keys import load_opener
from device.store.outbox import Outbox
from device.store.records import Lane, NewRecord
from tests.cloud_sync.conftest import MakeSync
from tests.cloud_sync.remotes import FarRemote, FaultyRemote
from tests.cloud_sync.samples import new_record, record_id
from tests.cloud_sync.test_sync import ids_in


@pytest.fixture
def remote(tmp_path: Path) -> FarRemote:
    return FarRemote(tmp_path / "cloud")


def parts_of(remote: FarRemote) -> list[str]:
    return [path.split("/")[3] for path in remote.calls if path.endswith("capture.npz")]


def test_the_double_is_a_batch_remote(remote: FarRemote) -> None:
    assert isinstance(remote, BatchRemote)


def test_all_files_of_a_record_are_there_before_its_document(store: Store, make_sync: MakeSync, remote: FarRemote) -> None:
    saved = [store.save(new_record(number)) for number in range(10)]
    report = make_sync(remote).once()
    assert [(each.id, each.sha256) for each in report.confirmed] == [(each.id, each.document_sha256) for each in saved]
    assert sorted(map(len, remote.batches)) == [2, 4, 4]
    last_part = max(number for number, path in enumerate(remote.calls) if path.endswith(".npz"))
    assert any(not path.endswith(".npz") for path in remote.calls[:last_part]), "documents do not wait for all files"
    for number in range(10):
        document = f"sites/home/records/{record_id(number)}"
        assert remote.calls.index(f"{document}/capture.npz") < remote.calls.index(document)
    assert (report.remaining, report.dead, report.failed) == (0, 0, [])


def test_one_that_is_refused_and_one_that_conflicts_do_not_stop_the_others(
    store: Store, outbox: Outbox, make_sync: MakeSync, remote: FarRemote
) -> None:
    def fault(path: str) -> None:
        if record_id(1) in path:
            raise RemoteRefused("not this one")

    remote.fault = fault
    remote.real.put_document(f"sites/home/records/{record_id(3)}", b'{"forged": true}', 5.0)
    for number in range(6):
        store.save(new_record(number))
    report = make_sync(remote).once()
    assert [each.id for each in report.confirmed] == [record_id(number) for number in (0, 2, 4, 5)]
    assert {(each.id, each.error, each.given_up) for each in report.failed} == {
        (record_id(1), "RemoteRefused", False),
        (record_id(3), "RemoteConflict", True),
    }
    assert outbox.counts().dead == 1


@pytest.mark.parametrize("error", [RemoteUnavailable("no route"), RemoteQuota("enough"), RemoteRevoked("ended")])
def test_a_remote_that_is_away_is_not_asked_for_every_record_and_no_try_counts(
    store: Store, outbox: Outbox, make_sync: MakeSync, remote: FarRemote, timekeeper: VirtualTimekeeper, error: Exception
) -> None:
    def fault(path: str) -> None:
        raise error

    remote.fault = fault
    for number in range(20):
        store.save(new_record(number))
    sync = make_sync(remote)
    for _ in range(30):
        before = len(remote.calls)
        report = sync.once()
        assert len(remote.calls) - before <= remote.threads
        assert 1 <= len(report.failed) <= remote.threads
        assert (report.confirmed, report.remaining, report.dead) == ([], 20, 0)
        timekeeper.sleep(3600.0)
    remote.fault = lambda path: None
    assert len(sync.once().confirmed) == 20
    expected = {"RemoteQuota": ["remote_quota"], "RemoteRevoked": ["kiosk_revoked"]}.get(type(error).__name__, [])
    assert [alarm.kind for alarm in outbox.alarms()] == expected


def test_what_the_remote_asks_for_is_waited(
    store: Store, make_sync: MakeSync, remote: FarRemote, timekeeper: VirtualTimekeeper
) -> None:
    def fault(path: str) -> None:
        error = RemoteQuota("enough for today")
        error.retry_after_s = 1800.0
        raise error

    remote.fault = fault
    store.save(new_record(1))
    sync = make_sync(remote)
    sync.once()
    timekeeper.sleep(1700.0)
    before = len(remote.calls)
    sync.once()
    assert len(remote.calls) == before
    timekeeper.sleep(200.0)
    remote.fault = lambda path: None
    assert len(sync.once().confirmed) == 1


def test_a_file_that_is_not_finished_goes_on_at_once(store: Store, make_sync: MakeSync, remote: FarRemote) -> None:
    rounds = {record_id(number): number for number in range(4)}

    def fault(path: str) -> None:
        record = path.split("/")[3]
        if path.endswith(".npz") and rounds[record]:
            rounds[record] -= 1
            raise RemoteUnfinished("1 of 2 bytes are there")

    remote.fault = fault
    for number in range(4):
        store.save(new_record(number))
    report = make_sync(remote).once()
    assert (len(report.confirmed), report.failed) == (4, [])
    assert len(parts_of(remote)) == 4 + 0 + 1 + 2 + 3


def test_an_urgent_record_goes_first_and_what_was_confirmed_is_not_sent_again(
    store: Store, make_sync: MakeSync, remote: FarRemote, tmp_path: Path
) -> None:
    saved = threading.Event()

    def slow(path: str) -> None:
        if not path.endswith(".npz") or record_id(99) in path or (saved.is_set() and not remote.gives_way.is_set()):
            return
        if len(parts_of(remote)) > 4:
            saved.set()
            if remote.gives_way.wait(20.0):
                raise RemoteInterrupted("something more urgent goes first")

    remote.fault = slow
    for number in range(12):
        store.save(new_record(number))

    def tap() -> None:
        saved.wait(20.0)
        store.save(new_record(99, Lane.URGENT))

    thread = threading.Thread(target=tap)
    thread.start()
    report = make_sync(remote).once()
    thread.join()
    order = ids_in(tmp_path / "cloud")
    assert remote.asked_to_give_way == 1
    assert order[0] == record_id(99)
    assert sorted(order) == sorted([record_id(99), *(record_id(number) for number in range(12))])
    assert report.failed == []
    sent_twice = {record for record in parts_of(remote) if parts_of(remote).count(record) > 1}
    assert len(sent_twice) <= remote.threads, "only what was under way"


def test_a_batch_holds_one_lane_and_few_bytes(store: Store, outbox: Outbox) -> None:
    store.save(new_record(1, Lane.URGENT))
    for number in range(2, 8):
        store.save(new_record(number, size=10_000))
    assert [leased.id for leased in outbox.lease_batch(10, 25_000, 60.0)] == [record_id(1)]
    assert [leased.id for leased in outbox.lease_batch(10, 25_000, 60.0)] == [record_id(2), record_id(3)]
    assert [leased.id for leased in outbox.lease_batch(10, 1, 60.0)] == [record_id(4)], "one that is too large goes alone"
    assert [leased.id for leased in outbox.lease_batch(1, 10**9, 60.0)] == [record_id(5)]


def test_urgent_is_due_only_while_it_waits(store: Store, outbox: Outbox, timekeeper: VirtualTimekeeper) -> None:
    store.save(new_record(1))
    assert not outbox.urgent_is_due()
    store.save(new_record(2, Lane.URGENT))
    assert outbox.urgent_is_due()
    outbox.lease_batch(1, 10**9, 60.0)
    assert not outbox.urgent_is_due()
    outbox.retry(record_id(2), 100.0, "no", counted=False)
    assert not outbox.urgent_is_due(), "it has to wait, so nobody gives way for it"
    timekeeper.sleep(101.0)
    assert outbox.urgent_is_due()


def test_a_call_that_hangs_ends_the_batch_and_loses_nothing(
    store: Store, outbox: Outbox, make_sync: MakeSync, remote: FarRemote, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()

    def hang(path: str) -> None:
        if record_id(2) in path:
            release.wait(30.0)

    remote.fault = hang
    for number in range(5):
        store.save(new_record(number))
    monkeypatch.setattr("cloud_sync.batch.BatchUploader._timeout_s", lambda self, size: 0.3)
    report = make_sync(remote).once()
    assert report.stuck is not None
    assert report.remaining >= 1
    assert report.dead == 0
    release.set()


# -- calls side by side


@pytest.fixture
def caller() -> DeadlineCaller:
    return DeadlineCaller(3)


def run(caller: DeadlineCaller, calls: list[Callable[[], object]], *, go_on: bool = True) -> dict[int, object]:
    """Make the calls; return what each one that was begun returned or raised, by its place."""
    results: dict[int, object] = {}

    def done(call: Call, result: object) -> list[Call] | None:
        results[call.about] = result
        return [] if go_on or not isinstance(result, Exception) else None

    caller.work([Call("doing", each, 5.0, number) for number, each in enumerate(calls)], done, lambda: True)
    return results


def test_each_call_gets_its_own_result_whatever_ends_first(caller: DeadlineCaller) -> None:
    def after(seconds: float, value: int) -> Callable[[], int]:
        def call() -> int:
            time.sleep(seconds)
            return value

        return call

    calls: list[Callable[[], object]] = [after(0.15, 1), after(0.0, 2), after(0.05, 3), after(0.0, 4)]
    assert run(caller, calls) == {0: 1, 1: 2, 2: 3, 3: 4}
    caller.close()


def test_what_follows_from_a_call_comes_before_the_others() -> None:
    caller, order = DeadlineCaller(1), list[str]()

    def done(call: Call, result: object) -> list[Call]:
        order.append(call.about)
        return [Call("following", lambda: None, 5.0, name) for name in ("1a", "1b")] if call.about == "1" else []

    caller.work([Call("first", lambda: None, 5.0, name) for name in ("1", "2", "3")], done, lambda: True)
    assert order == ["1", "1a", "1b", "2", "3"]
    caller.close()


def test_nothing_else_is_begun_once_somebody_looked_around_and_said_so(caller: DeadlineCaller) -> None:
    begun = []

    def call(number: int) -> Callable[[], None]:
        return lambda: begun.append(number) or time.sleep(0.05)  # type: ignore[func-returns-value]

    caller.work([Call("doing", call(number), 5.0) for number in range(20)], lambda call, result: [], lambda: len(begun) < 3)
    assert 3 <= len(begun) <= 6
    caller.close()


def test_side_by_side_means_side_by_side(caller: DeadlineCaller) -> None:
    together = threading.Barrier(3)
    assert run(caller, [lambda: together.wait(10.0) * 0] * 3) == {0: 0, 1: 0, 2: 0}
    caller.close()


def test_once_there_is_no_use_nothing_else_is_begun(caller: DeadlineCaller) -> None:
    def fail() -> int:
        raise KeyError("away")

    results = run(caller, [fail] * 10, go_on=False)
    assert {type(result) for result in results.values()} == {KeyError}
    assert len(results) <= 3
    caller.close()


def test_a_call_that_never_returns_gives_all_of_them_up(caller: DeadlineCaller) -> None:
    release = threading.Event()
    calls = [Call("storing", lambda: release.wait(30.0), 0.1), Call("other", lambda: True, 5.0)]
    with pytest.raises(RemoteStuck, match=r"did not return from storing within 0\.1 s"):
        caller.work(calls, lambda call, result: [], lambda: True)
    with pytest.raises(RemoteStuck):
        run(caller, [lambda: 1])
    release.set()


# -- what is said beside the records


def talking(remote: FarRemote | FaultyRemote, outbox: Outbox, data_dir: Path, heartbeat_s: float) -> Sync:
    """Return a sync process's work with heartbeats, on the machine's own clock."""
    time_ = SystemTimekeeper()
    return Sync(
        outbox, load_opener(data_dir), remote, time_, options=SyncOptions(call_deadline_s=5.0, heartbeat_s=heartbeat_s),
        rng=Random(1), notifier=Notifier({}), handlers={}, condition=ConditionKeeper(outbox, data_dir, time_, remote),
    )  # fmt: skip


def test_a_backlog_does_not_make_a_kiosk_look_dead(
    store: Store, outbox: Outbox, data_dir: Path, remote: FarRemote, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(130):
        store.save(new_record(number, size=10))
    waiting = []
    monkeypatch.setattr(FarRemote, "put_heartbeat", lambda self, heartbeat, timeout_s: waiting.append(heartbeat.waiting))
    sync = talking(remote, outbox, data_dir, heartbeat_s=0.01)
    assert len(sync.once().confirmed) == 130
    sync.close()
    assert len(waiting) >= 4
    assert waiting[0] > waiting[-1] == 0


def test_one_long_batch_is_interrupted_for_an_overdue_heartbeat(
    store: Store, outbox: Outbox, data_dir: Path, remote: FarRemote, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        store.save(new_record(number))
    beats: list[int] = []
    monkeypatch.setattr("cloud_sync.talk.OVERDUE_S", 0.3)
    monkeypatch.setattr(FarRemote, "put_heartbeat", lambda self, heartbeat, timeout_s: beats.append(heartbeat.waiting))

    def slow(path: str) -> None:
        if path.endswith(".npz") and not beats and remote.gives_way.wait(20.0):
            raise RemoteInterrupted("something more urgent goes first")

    remote.fault = slow
    sync = talking(remote, outbox, data_dir, heartbeat_s=0.2)
    report = sync.once()
    sync.close()
    assert (len(report.confirmed), report.failed) == (6, [])
    assert remote.asked_to_give_way >= 1
    assert beats[0] == 6


@pytest.mark.parametrize("kind", [FarRemote, FaultyRemote])
def test_the_sensors_noise_is_told_whatever_the_remote(
    store: Store, outbox: Outbox, data_dir: Path, tmp_path: Path, kind: type[FaultyRemote], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = new_record(1)
    document = {**plain.document, "quality": {"noise_k": 0.087}}
    store.save(NewRecord(plain.id, plain.patient, plain.modality, plain.moment, plain.lane, document, plain.parts))
    told: list[float | None] = []
    monkeypatch.setattr(kind, "put_heartbeat", lambda self, heartbeat, timeout_s: told.append(heartbeat.sensor_noise_k))
    sync = talking(kind(tmp_path / "cloud"), outbox, data_dir, heartbeat_s=60.0)
    sync.once()
    sync.close()
    assert set(told) == {0.087}


def test_a_large_file_goes_on_at_once_to_a_remote_that_takes_one_thing_at_a_time(
    store: Store, make_sync: MakeSync, tmp_path: Path
) -> None:
    rounds = [1, 2, 3]

    def fault(path: str) -> None:
        if path.endswith(".npz") and rounds:
            rounds.pop()
            raise RemoteUnfinished("some of it is there")

    store.save(new_record(1))
    report = make_sync(FaultyRemote(tmp_path / "cloud", fault)).once()
    assert (len(report.confirmed), rounds) == (1, [])
