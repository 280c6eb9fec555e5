"""The sync process against Firebase's emulators: what test_sync.py proves for the embedded cloud, with the real rules."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from cloud_sync.condition import read_report
from cloud_sync.firebase.remote import FirebaseRemote
from cloud_sync.firebase.values import decode_fields
from cloud_sync.handlers import all_handlers
from cloud_sync.keeper import ConditionKeeper
from cloud_sync.remote import Confirmation
from cloud_sync.sync import Sync, SyncOptions
from device.process.config import Config
from device.process.notify import Notifier
from device.process.time import SystemTimekeeper
from device.store.catalogue import list_records
from device.store.database import Store
from device.store.keys import load_opener
from device.store.outbox import Outbox
from device.store.records import Lane, NewRecord, Part
from tests.cloud_sync.firebase.emulators import Emulators
from tests.cloud_sync.firebase.kiosks import Enrolled, enrol
from tests.cloud_sync.samples import document, record_id

TIME = SystemTimekeeper()
KILLS, RECORDS = 5, 60


@pytest.fixture
def kiosk(emulators: Emulators, monkeypatch: pytest.MonkeyPatch) -> Enrolled:
    emulators.clear()
    for name, value in emulators.environment.items():
        monkeypatch.setenv(name, value)
    return enrol(emulators)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(data_dir: Path) -> Iterator[Store]:
    with Store.open(data_dir, TIME, reserve_bytes=0) as store:
        yield store


def save(store: Store, number: int, lane: Lane = Lane.ROUTINE, size: int = 2_000) -> str:
    part = Part("capture.npz", "application/x-npz", random.Random(number).randbytes(size))
    whole = {key: value for key, value in document(number % 400, None).items() if key != "parts"} | {"id": record_id(number)}
    store.save(NewRecord(record_id(number), str(whole["patient"]), "thermal", TIME.now(), lane, whole, (part,)))
    return record_id(number)


@pytest.fixture
def make_sync(store: Store, kiosk: Enrolled, data_dir: Path, tmp_path: Path) -> Iterator[Callable[..., Sync]]:
    closing: list[Callable[[], None]] = []

    def make(bytes_per_s: float | None = None) -> Sync:
        remote = kiosk.remote(tmp_path, TIME, bytes_per_s)
        outbox = Outbox.open(data_dir, TIME)
        condition = ConditionKeeper(outbox, data_dir, TIME, remote)
        handlers = all_handlers(outbox, Config(), data_dir, lambda *_: b"", TIME)
        sync = Sync(
            outbox, load_opener(data_dir), remote, TIME, options=SyncOptions(call_deadline_s=60.0), rng=Random(1),
            notifier=Notifier({}), handlers=handlers, condition=condition,
        )  # fmt: skip
        closing.extend([sync.close, remote.close, outbox.close])
        return sync

    yield make
    for close in closing:
        close()


def test_everything_arrives_once_and_nothing_is_sent_again(
    store: Store, make_sync: Callable[..., Sync], kiosk: Enrolled, data_dir: Path
) -> None:
    ids = [save(store, number) for number in range(23)]
    sync = make_sync()
    report = sync.once()
    assert sorted(each.id for each in report.confirmed) == sorted(ids)
    assert (report.failed, report.remaining, report.dead) == ([], 0, 0)
    assert sorted(kiosk.listed("sites/home/records")) == sorted(ids)
    assert sync.once().confirmed == []
    assert {record.state for record in list_records(data_dir)} == {"synced"}


def test_a_heartbeat_and_a_report_are_left(
    store: Store, make_sync: Callable[..., Sync], kiosk: Enrolled, data_dir: Path
) -> None:
    save(store, 1)
    sync = make_sync()
    sync.once()
    held = kiosk.document("sites/home/heartbeats/kiosk-1")
    assert held is not None
    fields = decode_fields(held["fields"])
    assert (fields["waiting"], fields["laid_aside"], fields["sensor_noise_k"]) == (0, 0, 0.098)
    assert fields["disk_total_bytes"] > 0
    report = read_report(data_dir)
    assert report is not None
    assert (report.remote, report.gateway, report.fault) == ("firebase", False, None)
    assert report.last_synced_at is not None
    assert report.identity_age_s is not None


def test_commands_are_carried_out_and_answered(store: Store, make_sync: Callable[..., Sync], kiosk: Enrolled) -> None:
    command = kiosk.queue_command("revoke_card", {"card_ref": "c" * 64})
    nonsense = kiosk.queue_command("self_destruct", {})
    make_sync().once()
    assert store.is_revoked("c" * 64)
    held = [kiosk.document(f"sites/home/kiosks/kiosk-1/commands/{each}") for each in (command, nonsense)]
    answers = [decode_fields(each["fields"]) for each in held if each is not None]
    assert [(answer["accepted"], answer["state"]) for answer in answers] == [(True, "answered"), (False, "answered")]
    assert "does not know the command" in answers[1]["detail"]


def test_a_refused_record_does_not_stop_the_others(store: Store, make_sync: Callable[..., Sync], kiosk: Enrolled) -> None:
    kiosk.put("sites/home/tombstones/P-7K2M-0001-QX", {"schema": {"integerValue": "1"}})
    for number in range(8):
        save(store, number)
    report = make_sync().once()
    assert len(report.confirmed) == 6
    assert {each.error for each in report.failed} == {"RemoteRefused"}
    assert report.remaining == 2


def test_a_revoked_kiosk_is_stopped_and_loses_nothing(
    store: Store, make_sync: Callable[..., Sync], kiosk: Enrolled, data_dir: Path
) -> None:
    save(store, 1)
    sync = make_sync()
    kiosk.emulators.disable_user(kiosk.uid)
    report = sync.once()
    assert (report.confirmed, report.remaining, report.dead) == ([], 1, 0)
    assert [each.error for each in report.failed] == ["RemoteRevoked"]
    began = time.monotonic()
    assert sync.once().failed == []  # left alone for a minute at least
    assert time.monotonic() - began < 2.0
    with Outbox.open(data_dir, TIME) as outbox:
        assert "kiosk_revoked" in [alarm.kind for alarm in outbox.alarms()]
    left = read_report(data_dir)
    assert left is not None
    assert "was revoked" in str(left.fault)


def test_an_urgent_record_overtakes_a_backlog_within_five_seconds_under_a_cap(
    store: Store, make_sync: Callable[..., Sync], data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """64 kB/s, 20 records of 100 kB: half a minute of backlog. The urgent one of 40 kB takes 0.7 s of the line itself."""
    for number in range(20):
        save(store, number, size=100_000)
    sync = make_sync(64_000.0)
    begun: dict[str, float] = {}
    confirmed: dict[str, float] = {}
    put_object, put_documents = FirebaseRemote.put_object, FirebaseRemote.put_documents

    def note(self: FirebaseRemote, path: str, content: bytes, media_type: str, timeout_s: float) -> Confirmation:
        begun.setdefault(path.split("/")[3], time.monotonic())
        return put_object(self, path, content, media_type, timeout_s)

    def note_end(self: FirebaseRemote, documents, timeout_s: float):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        outcomes = put_documents(self, documents, timeout_s)
        confirmed.update({path.split("/")[3]: time.monotonic() for path, _ in documents})
        return outcomes

    monkeypatch.setattr(FirebaseRemote, "put_object", note)
    monkeypatch.setattr(FirebaseRemote, "put_documents", note_end)
    import threading

    stop = threading.Event()
    urgent = record_id(999)

    def tap() -> None:
        while len(begun) < 2:
            time.sleep(0.05)
        time.sleep(1.0)
        with Store.open(data_dir, TIME, reserve_bytes=0) as other:
            save(other, 999, Lane.URGENT, size=40_000)
        saved.append(time.monotonic())
        while urgent not in confirmed and time.monotonic() < saved[0] + 60.0:
            time.sleep(0.05)
        stop.set()

    saved: list[float] = []
    thread = threading.Thread(target=tap)
    thread.start()
    sync.once(stop)
    thread.join(90.0)
    assert urgent in confirmed
    assert len(confirmed) < 15, "it did not wait for the backlog"
    print(f"begun after {begun[urgent] - saved[0]:.2f} s, confirmed after {confirmed[urgent] - saved[0]:.2f} s")
    assert begun[urgent] - saved[0] < 5.0


def test_killed_again_and_again_it_loses_nothing_and_doubles_nothing(
    store: Store, kiosk: Enrolled, data_dir: Path, tmp_path: Path
) -> None:
    credential = tmp_path / "firebase"
    kiosk.credential().write(credential)
    config = tmp_path / "firstlight.toml"
    config.write_text(f'[sync]\nremote = "firebase:{credential}"\ncall_deadline = "60 s"\n')
    ids = [save(store, number) for number in range(RECORDS)]
    command = [sys.executable, "-m", "cloud_sync", "--data-dir", str(data_dir), "--config", str(config)]
    rng = random.Random(5)
    for _ in range(KILLS):
        process = subprocess.Popen(command, env=os.environ, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.8, 2.5))
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    done = subprocess.run([*command, "--once", "--json"], capture_output=True, text=True, timeout=100, check=False)
    report = json.loads(done.stdout)
    assert (done.returncode, report["remaining"], report["dead"], report["failed"]) == (0, 0, 0, [])
    assert sorted(kiosk.listed("sites/home/records")) == sorted(ids)
    assert {record.state for record in list_records(data_dir)} == {"synced"}


def test_a_kiosk_that_was_enrolled_under_another_name_does_not_start(
    store: Store, kiosk: Enrolled, data_dir: Path, tmp_path: Path
) -> None:
    credential = tmp_path / "firebase"
    kiosk.credential().write(credential)
    config = tmp_path / "firstlight.toml"
    config.write_text(f'[kiosk]\nname = "kiosk-9"\n[sync]\nremote = "firebase:{credential}"\n')
    command = [sys.executable, "-m", "cloud_sync", "--once", "--data-dir", str(data_dir), "--config", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "was enrolled as 'kiosk-1' of site 'home'" in done.stderr
