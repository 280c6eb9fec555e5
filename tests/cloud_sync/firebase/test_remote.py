"""A kiosk's calls against Firebase's emulators, with the project's own rules."""

from __future__ import annotations

import hashlib
import json
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud_sync.commands import carry_out
from cloud_sync.firebase.remote import LARGEST_BATCH, FirebaseRemote, open_gateway
from cloud_sync.firebase.values import decode_fields
from cloud_sync.remote import (
    Acknowledgement,
    Confirmation,
    Heartbeat,
    RemoteConflict,
    RemoteRefused,
)
from device.process.time import SystemTimekeeper
from tests.cloud_sync.firebase.emulators import Emulators
from tests.cloud_sync.firebase.kiosks import Enrolled, enrol
from tests.cloud_sync.firebase.rules_rest import OWNER, Storage
from tests.cloud_sync.samples import document, record_id

DEADLINE_S = 60.0
BEAT = Heartbeat("0.1.0", 3, 1, 10**9, 2 * 10**9, 0.09, ("disk: nearly full",), True)


@pytest.fixture
def kiosk(emulators: Emulators, monkeypatch: pytest.MonkeyPatch) -> Enrolled:
    emulators.clear()
    for name, value in emulators.environment.items():
        monkeypatch.setenv(name, value)
    return enrol(emulators)


@pytest.fixture
def remote(kiosk: Enrolled, tmp_path: Path) -> Iterator[FirebaseRemote]:
    remote = kiosk.remote(tmp_path)
    yield remote
    remote.close()


def sample(number: int, images: bytes | None = None, **changes: object) -> tuple[str, bytes]:
    return f"sites/home/records/{record_id(number)}", json.dumps(document(number, images, **changes)).encode()


def test_a_record_arrives_with_its_line_and_its_consent(remote: FirebaseRemote, kiosk: Enrolled) -> None:
    path, content = sample(3)
    assert remote.put_document(path, content, DEADLINE_S) == Confirmation(path, hashlib.sha256(content).hexdigest())
    held = kiosk.document(path)
    assert held is not None
    fields = decode_fields(held["fields"])
    assert fields["json"].encode() == content
    assert (fields["sha256"], fields["kiosk"], fields["patient"]) == (
        hashlib.sha256(content).hexdigest(),
        "kiosk-1",
        "P-7K2M-0003-QX",
    )
    line = kiosk.document(f"sites/home/worklist/{record_id(3)}")
    consent = kiosk.document(f"sites/home/consents/{record_id(3)}")
    assert line is not None
    assert consent is not None
    assert decode_fields(line["fields"])["urgency"] == "look_first"
    assert held["fields"]["received_at"] == line["fields"]["received_at"] == consent["fields"]["received_at"]


def test_a_consent_alone_has_no_line(remote: FirebaseRemote, kiosk: Enrolled) -> None:
    path, content = sample(4, modality="consent", result=None, prediction=None, asymmetry=None)
    remote.put_document(path, content, DEADLINE_S)
    assert kiosk.document(f"sites/home/worklist/{record_id(4)}") is None
    assert kiosk.document(f"sites/home/consents/{record_id(4)}") is not None


def test_sent_twice_is_one_record_and_other_bytes_are_a_conflict(remote: FirebaseRemote, kiosk: Enrolled) -> None:
    path, content = sample(1)
    first = remote.put_document(path, content, DEADLINE_S)
    before = kiosk.document(path)
    assert remote.put_document(path, content, DEADLINE_S) == first
    with pytest.raises(RemoteConflict, match="find out who wrote it"):
        remote.put_document(path, content.replace(b"0.12", b"0.13"), DEADLINE_S)
    after = kiosk.document(path)
    assert before is not None
    assert after is not None
    assert after["fields"] == before["fields"]


def test_a_record_of_another_kiosk_of_the_site_is_a_conflict(remote: FirebaseRemote, kiosk: Enrolled, tmp_path: Path) -> None:
    other = enrol(kiosk.emulators, kiosk="kiosk-2").remote(tmp_path)
    path, content = sample(2, kiosk="kiosk-2")
    other.put_document(path, content, DEADLINE_S)
    other.close()
    with pytest.raises(RemoteConflict):
        remote.put_document(path, sample(2)[1], DEADLINE_S)


def test_the_rules_refuse_what_is_not_this_kiosks(remote: FirebaseRemote) -> None:
    path, content = sample(5, kiosk="kiosk-2")
    with pytest.raises(RemoteRefused, match="rules do not allow it"):
        remote.put_document(path, content, DEADLINE_S)


def test_a_batch_survives_records_that_are_there_and_records_that_are_refused(remote: FirebaseRemote, kiosk: Enrolled) -> None:
    remote.put_document(*sample(10), DEADLINE_S)
    documents = [sample(10), sample(11), sample(12, kiosk="kiosk-2"), sample(13)]
    outcomes = remote.put_documents(documents, DEADLINE_S)
    assert [type(outcome) for outcome in outcomes] == [Confirmation, Confirmation, RemoteRefused, Confirmation]
    assert sorted(kiosk.listed("sites/home/records")) == sorted(record_id(n) for n in (10, 11, 13))


def test_the_largest_batch_passes_the_rules(remote: FirebaseRemote, kiosk: Enrolled) -> None:
    documents = [sample(number, patient=f"P-7K2M-{number:04d}-QX") for number in range(100, 100 + LARGEST_BATCH)]
    assert {type(outcome) for outcome in remote.put_documents(documents, DEADLINE_S)} == {Confirmation}
    assert len(kiosk.listed("sites/home/worklist")) == LARGEST_BATCH


def test_nothing_of_an_erased_patient_is_taken(remote: FirebaseRemote, kiosk: Enrolled) -> None:
    kiosk.put("sites/home/tombstones/P-7K2M-0001-QX", {"schema": {"integerValue": "1"}})
    outcomes = remote.put_documents([sample(1), sample(2)], DEADLINE_S)
    assert [type(outcome) for outcome in outcomes] == [RemoteRefused, Confirmation]


@pytest.mark.parametrize("size", [0, 1, 50_000, 262_145, 1_000_000])
def test_objects_of_all_sizes_arrive_and_may_be_sent_twice(remote: FirebaseRemote, kiosk: Enrolled, size: int) -> None:
    content = os.urandom(size)
    path = f"sites/home/records/{record_id(1)}/capture.npz"
    confirmed = Confirmation(path, hashlib.sha256(content).hexdigest())
    assert remote.put_object(path, content, "application/x-npz", DEADLINE_S) == confirmed
    assert remote.put_object(path, content, "application/x-npz", DEADLINE_S) == confirmed


def test_the_document_names_the_upload_of_each_part_and_waits_for_all(remote: FirebaseRemote, kiosk: Enrolled) -> None:
    path, content = sample(1, b"images")
    with pytest.raises(RemoteRefused, match="before its part capture"):
        remote.put_document(path, content, DEADLINE_S)
    part = f"{path}/capture.npz"
    for _ in range(2):  # whose first answer was lost
        sha256 = remote.put_object(part, b"images", "application/x-npz", DEADLINE_S).sha256
    remote.put_document(path, content, DEADLINE_S)
    held = kiosk.document(path)
    assert held is not None
    upload = decode_fields(held["fields"])["uploads"]["capture.npz"]
    there = Storage(kiosk.emulators).download(OWNER, f"{path}/{sha256}/{upload}/capture.npz")
    assert there.status == 200
    remote.put_object(part, b"images", "application/x-npz", DEADLINE_S)  # a restart: all is sent again, and nothing changes
    remote.put_document(path, content, DEADLINE_S)
    assert kiosk.document(path) == held


def test_a_kiosk_reads_models_and_no_record(remote: FirebaseRemote, kiosk: Enrolled) -> None:
    content = os.urandom(600_000)
    sha256 = "a" * 64
    url = f"http://{kiosk.emulators.storage_host}/v0/b/{kiosk.emulators.bucket}/o?name=models%2F{sha256}.tar"
    _upload(url, content)
    path, got = f"models/{sha256}.tar", b""
    while piece := remote.fetch_object(path, len(got), 262_144, DEADLINE_S):
        assert len(piece) <= 262_144
        got += piece
    assert got == content
    with pytest.raises(RemoteRefused):
        remote.fetch_object("models/" + "b" * 64 + ".tar", 0, 100, DEADLINE_S)
    part = f"sites/home/records/{record_id(1)}/capture.npz"
    stored = remote.put_object(part, b"secret", "application/x-npz", DEADLINE_S)
    upload = remote._arrived.uploads(f"sites/home/records/{record_id(1)}", ())["capture.npz"]
    with pytest.raises(RemoteRefused):
        remote.fetch_object(f"sites/home/records/{record_id(1)}/{stored.sha256}/{upload}/capture.npz", 0, 100, DEADLINE_S)


def _upload(url: str, content: bytes) -> None:
    """Put an object there as the emulators' owner."""
    request = urllib.request.Request(url, data=content, method="POST")
    request.add_header("Authorization", "Bearer owner")
    request.add_header("Content-Type", "application/x-tar")
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200


def test_commands_come_oldest_first_and_are_answered_once(remote: FirebaseRemote, kiosk: Enrolled) -> None:
    first = kiosk.queue_command("configuration", {"capture": {"longest": "30 s"}}, "b" * 32)
    second = kiosk.queue_command("model", {"sha256": "c" * 64, "percent": 10}, "a" * 32)
    commands = remote.fetch_commands(DEADLINE_S)
    assert [(command.id, command.kind) for command in commands] == [(first, "configuration"), (second, "model")]
    assert commands[0].value == {"capture": {"longest": "30 s"}}
    remote.acknowledge_command(Acknowledgement(first, False, "no"), DEADLINE_S)
    remote.acknowledge_command(Acknowledgement(first, True, "changed my mind"), DEADLINE_S)  # the first one stands
    assert [command.id for command in remote.fetch_commands(DEADLINE_S)] == [second]
    held = kiosk.document(f"sites/home/kiosks/kiosk-1/commands/{first}")
    assert held is not None
    fields = decode_fields(held["fields"])
    assert (fields["state"], fields["accepted"], fields["detail"]) == ("answered", False, "no")
    assert fields["answered_at"] is not None


def test_of_many_commands_the_oldest_come_and_no_later_one_overtakes_them(remote: FirebaseRemote, kiosk: Enrolled) -> None:
    first = kiosk.queue_command("configuration", {"capture": {"longest": "30 s"}}, "f" * 32)
    for number in range(25):
        kiosk.queue_command("configuration", {"capture": {"longest": "40 s"}}, f"{number:032x}")
    commands = [command.id for command in remote.fetch_commands(DEADLINE_S)]
    assert commands == [first, *(f"{number:032x}" for number in range(19))]


def test_a_command_of_a_newer_firstlight_is_none_that_a_kiosk_knows(remote: FirebaseRemote, kiosk: Enrolled) -> None:
    kiosk.queue_command("configuration", {"capture": {"longest": "30 s"}}, schema=2)
    (command,) = remote.fetch_commands(DEADLINE_S)
    answer = carry_out(command, {"configuration": lambda command: pytest.fail("it was carried out")})
    assert not answer.accepted
    assert "'configuration, of schema 2'" in answer.detail


def test_a_command_that_does_not_exist_is_not_answered(remote: FirebaseRemote) -> None:
    with pytest.raises(RemoteRefused):
        remote.acknowledge_command(Acknowledgement("d" * 32, True, "done"), DEADLINE_S)


def test_a_heartbeat_replaces_the_one_before(remote: FirebaseRemote, kiosk: Enrolled) -> None:
    from dataclasses import replace

    remote.put_heartbeat(BEAT, DEADLINE_S)
    remote.put_heartbeat(replace(BEAT, waiting=0, sensor_noise_k=None, warnings=()), DEADLINE_S)
    held = kiosk.document("sites/home/heartbeats/kiosk-1")
    assert held is not None
    fields = decode_fields(held["fields"])
    assert (fields["waiting"], fields["sensor_noise_k"], fields["warnings"], fields["schema"]) == (0, None, [], 1)
    assert "timestampValue" in held["fields"]["at"]


def test_the_gateway_confirms_by_reading_and_respects_tombstones(kiosk: Enrolled, tmp_path: Path) -> None:
    """No rules hold for a service account, so the gateway itself must write over nothing."""
    key = tmp_path / "service-account.json"
    key.write_text(json.dumps({"project_id": kiosk.emulators.project}))
    gateway = open_gateway(key, "home", "kiosk-1", SystemTimekeeper())
    path, content = sample(1)
    first = gateway.put_document(path, content, DEADLINE_S)
    assert gateway.put_document(path, content, DEADLINE_S) == first
    with pytest.raises(RemoteConflict):
        gateway.put_document(path, content.replace(b"0.12", b"0.13"), DEADLINE_S)
    held = kiosk.document(path)
    assert held is not None
    assert decode_fields(held["fields"])["json"].encode() == content
    kiosk.put("sites/home/tombstones/P-7K2M-0002-QX", {"schema": {"integerValue": "1"}})
    with pytest.raises(RemoteRefused, match="was erased"):
        gateway.put_document(*sample(2), DEADLINE_S)
    gateway.put_object(f"{path}/capture.npz", b"x" * 100, "application/x-npz", DEADLINE_S)
    assert gateway.gateway
    assert gateway.kind == "firebase gateway"
    gateway.close()


@pytest.mark.parametrize("first", ["stick", "network"])
def test_a_record_that_comes_by_stick_and_by_network_is_one(kiosk: Enrolled, tmp_path: Path, first: str) -> None:
    key = tmp_path / "service-account.json"
    key.write_text(json.dumps({"project_id": kiosk.emulators.project}))
    ways = {"stick": open_gateway(key, "home", "kiosk-1", SystemTimekeeper()), "network": kiosk.remote(tmp_path)}
    (path, content), part = sample(1), f"{sample(1)[0]}/capture.npz"
    for name in sorted(ways, key=lambda way: way != first):
        ways[name].put_object(part, b"x" * 300_000, "application/x-npz", DEADLINE_S)
        assert ways[name].put_document(path, content, DEADLINE_S).sha256 == hashlib.sha256(content).hexdigest()
        ways[name].close()
    assert kiosk.listed("sites/home/records") == kiosk.listed("sites/home/worklist") == [record_id(1)]
