"""The administrator's half and the kiosk's half of one life: enrolled, used, commanded, erased behind, revoked."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud_sync.firebase import enrolment
from cloud_sync.firebase.remote import FirebaseRemote, open_kiosk
from cloud_sync.remote import Acknowledgement, RemoteRefused, RemoteRevoked
from device.process.time import SystemTimekeeper
from tests.cloud_sync.firebase.admin.conftest import Firstlight
from tests.cloud_sync.firebase.admin.filled import PATIENT
from tests.cloud_sync.samples import capture, document, torso

KIOSK = ("--site", "north", "--kiosk", "hall")
TIMEOUT_S = 30.0


@pytest.fixture
def kiosk(cloud: Firstlight, tmp_path: Path) -> Iterator[FirebaseRemote]:
    """A kiosk that was enrolled with the administrator's command, and trades the file with its own."""
    file, credential = tmp_path / "enrolment.json", tmp_path / "credential.json"
    cloud("enrol-kiosk", *KIOSK, "--label", "Hall", "--out", file)
    assert enrolment.main([str(file), "--credential", str(credential)]) == 0
    assert not file.exists()
    remote = open_kiosk(str(credential), SystemTimekeeper())
    yield remote
    remote.close()


def send(kiosk: FirebaseRemote, number: int) -> str:
    """Send a record as the sync process does whose first answer was lost, and return its id."""
    images = capture(torso())
    record = document(number, images, site="north", kiosk="hall", patient=PATIENT)
    base = f"sites/north/records/{record['id']}"
    for _ in range(2):
        kiosk.put_object(f"{base}/capture.npz", images, "application/x-npz", TIMEOUT_S)
    kiosk.put_document(base, json.dumps(record).encode(), TIMEOUT_S)
    return str(record["id"])


def test_from_the_enrolment_to_the_revocation(cloud: Firstlight, kiosk: FirebaseRemote, tmp_path: Path) -> None:
    first = send(kiosk, 1)
    cloud("export", "--site", "north", "--format", "csv", "--out", tmp_path / "csv")
    with (tmp_path / "csv" / "records.csv").open(newline="") as lines:
        assert [(row["record"], row["patient"], row["kiosk"]) for row in csv.DictReader(lines)] == [(first, PATIENT, "hall")]

    # Its images were sent twice; the record names the second ones.
    assert "0 objects" in cloud("sweep", "--site", "north", "--yes").out
    assert "1 objects" in cloud("sweep", "--site", "north", "--days", 0, "--yes").out
    assert "0 objects" in cloud("sweep", "--site", "north", "--days", 0, "--yes").out

    cloud("command", *KIOSK, "--kind", "revoke_card", "--card", "ab" * 32)
    (command,) = kiosk.fetch_commands(TIMEOUT_S)
    assert (command.kind, dict(command.value)) == ("revoke_card", {"card_ref": "ab" * 32})
    kiosk.acknowledge_command(Acknowledgement(command.id, True, "the card is revoked"), TIMEOUT_S)
    assert kiosk.fetch_commands(TIMEOUT_S) == []

    cloud("erase-patient", "--site", "north", "--patient", PATIENT, "--exports", tmp_path, "--yes")
    with pytest.raises(RemoteRefused, match="PERMISSION_DENIED"):  # the tombstone
        send(kiosk, 2)
    # Its images came before its document, and Storage's rules know of no tombstone.
    assert "2 objects" in cloud("sweep", "--site", "north", "--days", 0, "--yes").out
    assert "0 objects" in cloud("sweep", "--site", "north", "--days", 0, "--yes").out

    cloud("revoke", *KIOSK)
    with pytest.raises(RemoteRevoked):
        kiosk.identity.token(kiosk.http.deadline(TIMEOUT_S), fresh=True)
