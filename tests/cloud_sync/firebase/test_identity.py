"""A kiosk's identity: traded once, kept private, ended within minutes."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from cloud_sync.firebase import enrolment
from cloud_sync.firebase.credential import BadCredential, Credential, EnrolmentFile, find_credential
from cloud_sync.firebase.endpoints import Endpoints
from cloud_sync.firebase.http import Http
from cloud_sync.firebase.identity import claims_of
from cloud_sync.firebase.remote import FirebaseRemote, open_kiosk
from cloud_sync.pace import Pace
from cloud_sync.remote import RemoteRefused, RemoteRevoked
from device.process.time import SystemTimekeeper
from tests.cloud_sync.firebase.emulators import Emulators
from tests.cloud_sync.firebase.kiosks import Enrolled, enrol
from tests.cloud_sync.samples import document, record_id


@pytest.fixture
def kiosk(emulators: Emulators, monkeypatch: pytest.MonkeyPatch) -> Enrolled:
    emulators.clear_auth()
    for name, value in emulators.environment.items():
        monkeypatch.setenv(name, value)
    return enrol(emulators)


def trade(file: Path, out: Path) -> int:
    return enrolment.main([str(file), "--credential", str(out)])


def test_the_file_is_traded_for_a_private_credential_and_removed(kiosk: Enrolled, tmp_path: Path) -> None:
    file, out = kiosk.file(tmp_path / "enrolment.json"), tmp_path / "keys" / "firebase"
    assert trade(file, out) == enrolment.OK
    assert not file.exists()
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert sorted(json.loads(out.read_text())) == ["api_key", "bucket", "kiosk", "project", "refresh_token", "schema", "site"]
    assert [path.name for path in out.parent.iterdir()] == ["firebase"], "no draft is left"
    credential = Credential.load(out)
    assert (credential.site, credential.kiosk) == ("home", "kiosk-1")
    assert credential.refresh_token not in repr(credential)


def test_the_credential_is_good_for_tokens_with_the_kiosks_claims(kiosk: Enrolled, tmp_path: Path) -> None:
    out = tmp_path / "firebase"
    trade(kiosk.file(tmp_path / "enrolment.json"), out)
    remote = open_kiosk(str(out), SystemTimekeeper())
    claims = claims_of(remote.identity.token(time.monotonic() + 10.0))
    assert {key: claims[key] for key in ("role", "site", "kiosk", "user_id")} == {
        "role": "kiosk", "site": "home", "kiosk": "kiosk-1", "user_id": "kiosk-home-kiosk-1",
    }  # fmt: skip
    remote.close()


def test_a_file_works_once(kiosk: Enrolled, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trade(kiosk.file(tmp_path / "first.json"), tmp_path / "firebase")
    again = kiosk.file(tmp_path / "copy.json")
    assert trade(again, tmp_path / "thief" / "firebase") == enrolment.USED
    assert again.exists()
    assert not (tmp_path / "thief" / "firebase").exists()
    said = capsys.readouterr().err
    assert "was used already" in said
    assert kiosk.password not in said


def test_a_file_that_was_left_over_is_removed_by_the_kiosk_that_used_it(kiosk: Enrolled, tmp_path: Path) -> None:
    out = tmp_path / "firebase"
    trade(kiosk.file(tmp_path / "first.json"), out)
    kept, again = out.read_bytes(), kiosk.file(tmp_path / "first.json")
    assert trade(again, out) == enrolment.OK
    assert not again.exists()
    assert out.read_bytes() == kept


def test_an_expired_file_is_refused_and_its_password_stays(
    kiosk: Enrolled, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = kiosk.file(tmp_path / "enrolment.json", expires_at="2020-01-01T00:00:00Z")
    assert trade(file, tmp_path / "firebase") == enrolment.USED
    assert "expired" in capsys.readouterr().err
    assert kiosk.emulators.sign_in(kiosk.email, kiosk.password).uid == kiosk.uid


def test_a_file_of_another_kiosk_or_of_a_revoked_one_is_refused(kiosk: Enrolled, tmp_path: Path) -> None:
    file = kiosk.file(tmp_path / "enrolment.json", kiosk="kiosk-2")
    assert trade(file, tmp_path / "firebase") == enrolment.USED
    kiosk.emulators.disable_user(kiosk.uid)
    assert trade(kiosk.file(tmp_path / "enrolment.json"), tmp_path / "firebase") == enrolment.USED
    assert not (tmp_path / "firebase").exists()


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"schema": 99}', b"\xff", b"x" * 100_000])
def test_what_is_no_enrolment_file_is_said_without_its_content(
    tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "enrolment.json"
    file.write_bytes(content)
    assert trade(file, tmp_path / "firebase") == enrolment.USAGE
    assert trade(tmp_path / "missing.json", tmp_path / "firebase") == enrolment.USAGE
    assert file.exists()
    assert "xxx" not in capsys.readouterr().err


def test_without_a_server_the_file_stays(tmp_path: Path, kiosk: Enrolled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9")
    file = kiosk.file(tmp_path / "enrolment.json")
    assert trade(file, tmp_path / "firebase") == enrolment.WAITING
    assert file.exists()


def test_a_credential_that_cannot_be_written_is_said(kiosk: Enrolled, tmp_path: Path) -> None:
    (tmp_path / "in-the-way").write_text("")
    assert trade(kiosk.file(tmp_path / "enrolment.json"), tmp_path / "in-the-way" / "firebase") == enrolment.UNWRITABLE
    assert kiosk.emulators.sign_in(kiosk.email, kiosk.password).uid == kiosk.uid, "the folder is tried first"


def test_the_credential_is_where_systemd_says_or_where_the_configuration_says(tmp_path: Path) -> None:
    assert find_credential("", {"CREDENTIALS_DIRECTORY": "/run/credentials/x"}) == Path("/run/credentials/x/firebase")
    assert find_credential("/etc/mine", {"CREDENTIALS_DIRECTORY": "/run/credentials/x"}) == Path("/etc/mine")
    with pytest.raises(BadCredential, match="systemd"):
        find_credential("", {})


def test_a_kiosk_that_is_not_enrolled_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "firebase").touch()  # as systemd-tmpfiles leaves it
    with pytest.raises(BadCredential, match="put its enrolment file on the boot partition"):
        Credential.load(tmp_path / "firebase")
    config = tmp_path / "firstlight.toml"
    config.write_text('[sync]\nremote = "firebase"\n')
    command = [sys.executable, "-m", "cloud_sync", "--once", "--data-dir", str(tmp_path / "data"), "--config", str(config)]
    environment = {**os.environ, "CREDENTIALS_DIRECTORY": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert done.returncode == 2
    assert "is not enrolled" in done.stderr


def test_a_password_is_in_no_repr(kiosk: Enrolled, tmp_path: Path) -> None:
    loaded = EnrolmentFile.load(kiosk.file(tmp_path / "enrolment.json"))
    assert kiosk.password not in repr(loaded)


def test_a_revoked_kiosk_gets_no_token_and_an_old_one_is_worthless(
    kiosk: Enrolled, emulators: Emulators, tmp_path: Path
) -> None:
    """The whole of "revoked within 5 minutes": no new token from Firebase Auth, and the rules take none that is older."""
    remote = kiosk.remote(tmp_path)
    path, content = f"sites/home/records/{record_id(77)}", json.dumps(document(77, None)).encode()
    remote.put_document(path, content, 30.0)
    emulators.disable_user(kiosk.uid)
    with pytest.raises(RemoteRevoked, match="USER_DISABLED"):
        remote.identity.token(time.monotonic() + 10.0, fresh=True)
    with pytest.raises(RemoteRevoked):
        remote.put_document(path, content, 30.0)
    remote.close()

    claims = {"role": "kiosk", "site": "home", "kiosk": "kiosk-1", "until": int(time.time()) + 72 * 3600}
    for age_s, taken in ((200.0, True), (310.0, False)):
        kept = remote_of_a_thief(emulators.unsigned_token(kiosk.uid, issued_s_ago=age_s, **claims), kiosk)
        number = int(age_s)
        path, content = f"sites/home/records/{record_id(number)}", json.dumps(document(number, None)).encode()
        with nullcontext() if taken else pytest.raises(RemoteRefused):
            kept.put_document(path, content, 30.0)
        with nullcontext() if taken else pytest.raises(RemoteRefused):
            kept.put_object(f"{path}/capture.npz", b"x", "application/x-npz", 30.0)
        kept.close()


def test_who_signs_in_after_the_files_end_sends_nothing_and_who_did_before_goes_on(
    kiosk: Enrolled, emulators: Emulators, tmp_path: Path
) -> None:
    """Firebase Auth knows no end of a password: whoever finds an old file gets tokens. The rules take none of them."""
    in_time, late = enrol(emulators, kiosk="kiosk-8", ends_in_s=3.0), enrol(emulators, kiosk="kiosk-9", ends_in_s=-1.0)
    remotes = [one.remote(tmp_path) for one in (in_time, late)]
    time.sleep(4.0)
    for remote, taken in zip(remotes, (True, False), strict=True):
        remote.identity.token(time.monotonic() + 10.0, fresh=True)
        number = int(taken) + 90
        path, record = f"sites/home/records/{record_id(number)}", document(number, None) | {"kiosk": remote.identity.kiosk}
        with nullcontext() if taken else pytest.raises(RemoteRefused):
            remote.put_document(path, json.dumps(record).encode(), 30.0)
        with nullcontext() if taken else pytest.raises(RemoteRefused):
            remote.put_object(f"{path}/capture.npz", b"x", "application/x-npz", 30.0)
        remote.close()


class KeptToken:
    """An identity that has kept one token, as a thief would."""

    site, kiosk, gateway = "home", "kiosk-1", False

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self, deadline_s: float, *, fresh: bool = False) -> str:
        return self._token

    def age_s(self) -> float | None:
        return None


def remote_of_a_thief(token: str, kiosk: Enrolled) -> FirebaseRemote:
    time_ = SystemTimekeeper()
    pace = Pace(time_)
    emulators = kiosk.emulators
    return FirebaseRemote(KeptToken(token), Http(time_, pace), pace, kiosk.endpoints, emulators.project, emulators.bucket)


def test_only_firebases_own_variables_lead_to_emulators() -> None:
    assert Endpoints.from_environment({}) == Endpoints()
    assert not Endpoints().emulated
    there = Endpoints.from_environment({"FIRESTORE_EMULATOR_HOST": "127.0.0.1:1"})
    assert there.emulated
    assert there.firestore == "http://127.0.0.1:1/v1"
    assert all(url.startswith("https://") for url in vars(Endpoints()).values())
