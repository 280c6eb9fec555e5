"""Carrying records to remotes that work, are away, say no, lie, or hang."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from cloud_sync.backoff import REFUSED, UNAVAILABLE
from cloud_sync.deadline import DeadlineCaller
from cloud_sync.local.database import NAME
from cloud_sync.local.remote import LocalRemote
from cloud_sync.remote import (
    RemoteConflict,
    RemoteFull,
    RemoteGarbage,
    RemoteRefused,
    RemoteUnavailable,
)
from cloud_sync.sync import Sync
from device.process.time import VirtualTimekeeper
from device.store.database import Store
from device.store.keys import RECIPIENT_KEY
from device.store.outbox import Outbox
from device.store.records import Lane
from tests.cloud_sync.conftest import MakeSync
from tests.cloud_sync.remotes import FaultyRemote, HangingRemote, LyingRemote
from tests.cloud_sync.samples import new_record, record_id


def ids_in(folder: Path) -> list[str]:
    """Return the ids of the records that a cloud holds, in the order of their arrival."""
    with sqlite3.connect(folder / NAME) as database:
        return [path.rpartition("/")[2] for (path,) in database.execute("SELECT path FROM documents ORDER BY seq")]


def failing(error: Exception) -> Callable[[str], None]:
    def fault(path: str) -> None:
        raise error

    return fault


def test_what_is_confirmed_is_synced_and_nothing_is_sent_again(store: Store, make_sync: MakeSync, tmp_path: Path) -> None:
    saved = [store.save(new_record(number)) for number in range(3)]
    sync = make_sync(LocalRemote(tmp_path / "cloud"))
    report = sync.once()
    assert [(c.id, c.sha256) for c in report.confirmed] == [(s.id, s.document_sha256) for s in saved]
    assert (report.failed, report.remaining, report.dead) == ([], 0, 0)
    assert sync.once().confirmed == []
    assert ids_in(tmp_path / "cloud") == [record_id(number) for number in range(3)]


def test_the_document_arrives_after_its_files(store: Store, make_sync: MakeSync, tmp_path: Path) -> None:
    store.save(new_record(1))
    remote = FaultyRemote(tmp_path / "cloud")
    make_sync(remote).once()
    assert remote.calls == [f"sites/home/records/{record_id(1)}/capture.npz", f"sites/home/records/{record_id(1)}"]


def test_an_urgent_record_overtakes_a_backlog_between_two_records(store: Store, make_sync: MakeSync, tmp_path: Path) -> None:
    for number in range(20):
        store.save(new_record(number))
    arrived = False

    def save_urgent_one(path: str) -> None:
        nonlocal arrived
        if path.endswith(record_id(4)) and not arrived:
            arrived = True
            store.save(new_record(99, Lane.URGENT))

    make_sync(FaultyRemote(tmp_path / "cloud", save_urgent_one)).once()
    order = ids_in(tmp_path / "cloud")
    assert order.index(record_id(99)) == order.index(record_id(4)) + 1
    assert len(order) == len(set(order)) == 21


def test_an_unreachable_remote_is_left_alone_longer_each_time_and_never_given_up(
    store: Store, outbox: Outbox, make_sync: MakeSync, timekeeper: VirtualTimekeeper, tmp_path: Path
) -> None:
    store.save(new_record(1))
    remote = FaultyRemote(tmp_path / "cloud", failing(RemoteUnavailable("no route to host")))
    sync = make_sync(remote)
    for tried in range(1, 60):
        report = sync.once()
        assert [failed.given_up for failed in report.failed] == [False]
        assert len(remote.calls) == tried
        assert sync.once().failed == []  # not before the wait is over
        timekeeper.sleep(UNAVAILABLE.cap_s)
    remote.fault = lambda path: None
    assert [confirmed.id for confirmed in sync.once().confirmed] == [record_id(1)]
    assert outbox.counts().dead == 0


def test_an_unreachable_remote_is_asked_once_not_for_each_record(store: Store, make_sync: MakeSync, tmp_path: Path) -> None:
    for number in range(10):
        store.save(new_record(number))
    remote = FaultyRemote(tmp_path / "cloud", failing(RemoteUnavailable("no route to host")))
    report = make_sync(remote).once()
    assert (len(remote.calls), len(report.failed), report.remaining) == (1, 1, 10)


def test_a_refusal_is_repeated_eight_times_then_the_record_is_laid_aside_with_the_reason(
    store: Store, outbox: Outbox, make_sync: MakeSync, timekeeper: VirtualTimekeeper, tmp_path: Path
) -> None:
    store.save(new_record(1))
    remote = FaultyRemote(tmp_path / "cloud", failing(RemoteUnavailable("no network")))
    sync = make_sync(remote)
    for _ in range(20):  # weeks offline bring no record nearer to being given up
        sync.once()
        timekeeper.sleep(UNAVAILABLE.cap_s)
    remote.fault = failing(RemoteRefused("this kiosk was revoked"))
    outcomes = []
    while outbox.counts().saved:
        outcomes += [failed.given_up for failed in sync.once().failed]
        timekeeper.sleep(REFUSED.cap_s)
    assert outcomes == [False] * 7 + [True]
    assert outbox.counts().dead == 1
    assert any("this kiosk was revoked" in alarm.detail for alarm in outbox.alarms())
    remote.fault = lambda path: None
    outbox.revive(record_id(1))
    assert [confirmed.id for confirmed in sync.once().confirmed] == [record_id(1)]


def test_a_refused_record_does_not_stop_the_others(store: Store, make_sync: MakeSync, tmp_path: Path) -> None:
    def refuse_one(path: str) -> None:
        if record_id(1) in path:
            raise RemoteRefused("not this one")

    for number in range(3):
        store.save(new_record(number))
    report = make_sync(FaultyRemote(tmp_path / "cloud", refuse_one)).once()
    assert [confirmed.id for confirmed in report.confirmed] == [record_id(0), record_id(2)]
    assert [(failed.id, failed.error) for failed in report.failed] == [(record_id(1), "RemoteRefused")]


@pytest.mark.parametrize("about", ["capture.npz", "document"])
def test_another_hash_raises_an_alarm_and_counts_as_nothing(
    store: Store, outbox: Outbox, make_sync: MakeSync, timekeeper: VirtualTimekeeper, tmp_path: Path, about: str
) -> None:
    store.save(new_record(1))
    report = make_sync(LyingRemote(tmp_path / "cloud", about)).once()
    assert (report.confirmed, report.remaining) == ([], 1)
    assert [failed.error for failed in report.failed] == ["RemoteMismatch"]
    assert [alarm.kind for alarm in outbox.alarms()] == ["remote_confirms_other_bytes"]
    assert record_id(1) in outbox.alarms()[0].detail
    timekeeper.sleep(3600.0)
    assert [confirmed.id for confirmed in make_sync(LocalRemote(tmp_path / "cloud")).once().confirmed] == [record_id(1)]


@pytest.mark.parametrize(
    "error", [RemoteGarbage("<html>Please pay for the Wi-Fi</html>"), KeyError("sha256"), RemoteFull("no room")]
)
def test_garbage_and_a_full_remote_are_waited_for(
    store: Store, outbox: Outbox, make_sync: MakeSync, timekeeper: VirtualTimekeeper, tmp_path: Path, error: Exception
) -> None:
    store.save(new_record(1))
    remote = FaultyRemote(tmp_path / "cloud", failing(error))
    sync = make_sync(remote)
    for _ in range(30):
        report = sync.once()
        assert len(report.failed) == 1
        assert isinstance(error, RemoteFull) == (report.failed[0].error == "RemoteFull")
        timekeeper.sleep(900.0)
    assert outbox.counts().dead == 0
    assert [alarm.kind for alarm in outbox.alarms()] == (["remote_full"] if isinstance(error, RemoteFull) else [])
    remote.fault = lambda path: None
    assert len(sync.once().confirmed) == 1


def test_a_conflict_is_laid_aside_at_once_with_an_alarm(
    store: Store, outbox: Outbox, make_sync: MakeSync, tmp_path: Path
) -> None:
    store.save(new_record(1))
    LocalRemote(tmp_path / "cloud").put_document(f"sites/home/records/{record_id(1)}", b'{"forged": true}', 5.0)
    report = make_sync(LocalRemote(tmp_path / "cloud")).once()
    assert [(failed.error, failed.given_up) for failed in report.failed] == [(RemoteConflict.__name__, True)]
    assert (report.remaining, report.dead) == (0, 1)
    assert "remote_holds_other_bytes" in [alarm.kind for alarm in outbox.alarms()]


def test_a_remote_that_hangs_cannot_hang_the_process(
    store: Store, make_sync: MakeSync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save(new_record(1))
    call = DeadlineCaller.call
    monkeypatch.setattr(DeadlineCaller, "call", lambda self, what, do, timeout_s: call(self, what, do, 0.1))  # not 5.2 s
    remote = HangingRemote(tmp_path / "cloud")
    sync = make_sync(remote)
    report = sync.once()
    assert report.stuck is not None
    assert "must be started anew" in report.stuck
    assert [(failed.error, failed.given_up) for failed in report.failed] == [("RemoteStuck", False)]
    assert report.remaining == 1
    remote.release()


def test_a_killed_process_between_sending_and_acknowledging_doubles_nothing(
    store: Store,
    outbox: Outbox,
    make_sync: MakeSync,
    timekeeper: VirtualTimekeeper,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Killed(BaseException):
        pass

    def die(self: Outbox, record_id: str, sha256: str) -> None:
        raise Killed

    saved = store.save(new_record(1))
    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "acknowledge", die)
        with pytest.raises(Killed):
            make_sync(LocalRemote(tmp_path / "cloud")).once()
    assert outbox.counts().saved == 1
    assert outbox.release_leases() == 1
    assert [c.sha256 for c in make_sync(LocalRemote(tmp_path / "cloud")).once().confirmed] == [saved.document_sha256]
    assert ids_in(tmp_path / "cloud") == [record_id(1)]


def test_a_record_for_another_key_is_tried_for_hours_then_laid_aside(
    store: Store, outbox: Outbox, make_sync: MakeSync, timekeeper: VirtualTimekeeper, tmp_path: Path, data_dir: Path
) -> None:
    store.save(new_record(1))
    other = tmp_path / "other"
    Store.open(other, timekeeper).close()
    (data_dir / "keys" / RECIPIENT_KEY).write_bytes((other / "keys" / RECIPIENT_KEY).read_bytes())
    sync = make_sync(LocalRemote(tmp_path / "cloud"))
    started = timekeeper.monotonic()
    while outbox.counts().saved:
        assert [failed.error for failed in sync.once().failed] in ([], ["Unreadable"])
        timekeeper.sleep(60.0)
    assert timekeeper.monotonic() - started > 3600.0
    assert outbox.counts().dead == 1
    assert "record_unreadable" in [alarm.kind for alarm in outbox.alarms()]


@pytest.mark.parametrize("site", ["a/b", None, "..", 7])
def test_a_record_that_names_no_possible_place_does_not_stop_the_others(
    store: Store, make_sync: MakeSync, tmp_path: Path, site: object
) -> None:
    odd = new_record(1)
    store.save(type(odd)(odd.id, odd.patient, odd.modality, odd.moment, odd.lane, {**odd.document, "site": site}, odd.parts))
    store.save(new_record(2))
    report = make_sync(LocalRemote(tmp_path / "cloud")).once()
    assert [confirmed.id for confirmed in report.confirmed] == [record_id(2)]
    assert [failed.error for failed in report.failed] == ["Unreadable"]


def test_a_wall_clock_that_jumps_changes_no_wait(
    store: Store, make_sync: MakeSync, timekeeper: VirtualTimekeeper, tmp_path: Path
) -> None:
    store.save(new_record(1))
    remote = FaultyRemote(tmp_path / "cloud", failing(RemoteFull("no room")))
    sync = make_sync(remote)
    sync.once()
    for years in (10, -20):
        timekeeper.jump(timedelta(days=365 * years))
        assert sync.once().failed == []
        assert len(remote.calls) == 1
    remote.fault = lambda path: None
    timekeeper.sleep(900.0)
    assert len(sync.once().confirmed) == 1


def test_after_a_reboot_everything_is_due_at_once(
    store: Store, make_sync: MakeSync, timekeeper: VirtualTimekeeper, tmp_path: Path
) -> None:
    store.save(new_record(1))
    make_sync(FaultyRemote(tmp_path / "cloud", failing(RemoteRefused("no")))).once()
    timekeeper.reboot()
    assert len(make_sync(LocalRemote(tmp_path / "cloud")).once().confirmed) == 1


def test_synced_payloads_are_purged_when_they_are_too_many(
    store: Store, outbox: Outbox, data_dir: Path, timekeeper: VirtualTimekeeper, make_sync: MakeSync, tmp_path: Path
) -> None:
    for number in range(6):
        store.save(new_record(number, size=10_000))
    sync = make_sync(LocalRemote(tmp_path / "cloud"))
    sync._options = type(sync._options)(call_deadline_s=5.0, keep_bytes=25_000)
    sync.once()
    assert (outbox.counts().synced, outbox.counts().purged) == (2, 4)


def test_an_unknown_command_is_refused_never_ignored(make_sync: MakeSync, tmp_path: Path) -> None:
    remote = LocalRemote(tmp_path / "cloud")
    remote.queue_command("self_destruct", {})
    make_sync(remote).once()
    assert remote.fetch_commands(5.0) == []
    with sqlite3.connect(tmp_path / "cloud" / NAME) as database:
        accepted, detail = database.execute("SELECT accepted, detail FROM commands").fetchone()
    assert accepted == 0
    assert "does not know the command 'self_destruct'" in detail


def test_the_loop_notices_a_new_record_and_stops_when_asked(store: Store, make_sync: MakeSync, tmp_path: Path) -> None:
    stop, arrived = threading.Event(), threading.Event()

    def noticed(path: str) -> None:
        if path.endswith(record_id(7)):
            arrived.set()

    sync: Sync = make_sync(FaultyRemote(tmp_path / "cloud", noticed))
    loop = threading.Thread(target=sync.run, args=(stop,))
    loop.start()
    store.save(new_record(7))
    assert arrived.wait(30.0)
    stop.set()
    loop.join(30.0)
    assert not loop.is_alive()
