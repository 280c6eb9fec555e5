"""A kiosk is let in, uses its one-time password, and is shut out: `firstlight cloud enrol-kiosk`, `revoke`, `list`."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cloud_sync.firebase.admin.project import Project
from tests.cloud_sync.firebase.admin.conftest import Firstlight
from tests.cloud_sync.firebase.emulators import Emulators, owner

HALL = ("--site", "north", "--kiosk", "hall")


def enrol(cloud: Firstlight, out: Path, *words: str, code: int = 0) -> dict[str, Any]:
    done = cloud("enrol-kiosk", *HALL, "--label", "Hall", "--out", out, *words, code=code)
    if code:
        return {"said": done.err}
    enrolment: dict[str, Any] = json.loads(out.read_bytes())
    assert enrolment["password"] not in done.out + done.err
    return enrolment


def test_an_enrolment_lets_a_kiosk_sign_in_as_itself(
    cloud: Firstlight, emptied: Emulators, project: Project, tmp_path: Path
) -> None:
    out = tmp_path / "enrolment.json"
    enrolment = enrol(cloud, out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert list(enrolment) == [
        "schema", "project", "api_key", "bucket", "site", "kiosk", "email", "password", "expires_at",
    ]  # fmt: skip
    assert (enrolment["schema"], enrolment["project"], enrolment["bucket"]) == (1, emptied.project, emptied.bucket)
    left = datetime.fromisoformat(enrolment["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=71) < left <= timedelta(hours=72)
    tokens = emptied.sign_in(enrolment["email"], enrolment["password"])
    assert tokens.uid == "kiosk-north-hall"
    user = project.users.by_uid("kiosk-north-hall")
    assert user is not None
    until = int(datetime.fromisoformat(enrolment["expires_at"]).timestamp())
    assert user.claims == {"role": "kiosk", "site": "north", "kiosk": "hall", "until": until}
    document = project.documents.get("sites/north/kiosks/hall")
    assert document is not None
    assert document.fields.keys() == {"schema", "uid", "label", "enrolled_at", "revoked_at"}
    assert (document.fields["uid"], document.fields["revoked_at"]) == ("kiosk-north-hall", None)


def test_an_enrolled_kiosk_is_refused_a_second_time_unless_it_is_meant(
    cloud: Firstlight, emptied: Emulators, tmp_path: Path
) -> None:
    first = enrol(cloud, tmp_path / "first.json")
    said = enrol(cloud, tmp_path / "second.json", code=16)["said"]
    assert "--again" in said
    assert not (tmp_path / "second.json").exists()
    emptied.sign_in(first["email"], first["password"])
    second = enrol(cloud, tmp_path / "second.json", "--again")
    with pytest.raises(RuntimeError, match=r"INVALID_PASSWORD|INVALID_LOGIN_CREDENTIALS"):
        emptied.sign_in(first["email"], first["password"])
    assert emptied.sign_in(second["email"], second["password"]).uid == "kiosk-north-hall"


@pytest.mark.parametrize("revoked", [False, True])
def test_nothing_that_a_thief_gave_a_kiosks_user_outlives_its_new_enrolment(
    cloud: Firstlight, emptied: Emulators, project: Project, tmp_path: Path, revoked: bool
) -> None:
    enrol(cloud, tmp_path / "first.json")
    accounts = f"http://{emptied.auth_host}/identitytoolkit.googleapis.com/v1/projects/{emptied.project}/accounts"
    theirs = {
        "mfa": {"enrollments": [{"mfaEnrollmentId": "theirs", "displayName": "Theirs", "phoneInfo": "+16505550101"}]},
        "phoneNumber": "+16505550102",
        "email": "thief@elsewhere.example",
        "displayName": "Theirs",
    }
    owner(f"{accounts}:update", {"localId": "kiosk-north-hall", **theirs})
    before = owner(f"{accounts}:lookup", {"localId": ["kiosk-north-hall"]})["users"][0]
    assert before["mfaInfo"]
    if revoked:
        cloud("revoke", *HALL)
    anew = enrol(cloud, tmp_path / "second.json", *(() if revoked else ("--again",)))
    after = owner(f"{accounts}:lookup", {"localId": ["kiosk-north-hall"]})["users"][0]
    assert "mfaInfo" not in after
    assert "phoneNumber" not in after
    assert (after["email"], after["displayName"]) == (anew["email"], "Hall")
    assert [provider["providerId"] for provider in after["providerUserInfo"]] == ["password"]
    user = project.users.by_uid("kiosk-north-hall")
    assert user is not None
    assert user.claims["role"] == "kiosk"
    assert emptied.sign_in(anew["email"], anew["password"]).uid == "kiosk-north-hall"


def test_an_interrupted_enrolment_is_finished_by_the_next(cloud: Firstlight, project: Project, tmp_path: Path) -> None:
    enrol(cloud, tmp_path / "first.json")
    project.users.remove("kiosk-north-hall")  # and then the network was gone
    enrol(cloud, tmp_path / "second.json", "--again")
    user = project.users.by_uid("kiosk-north-hall")
    assert user is not None
    assert user.claims["kiosk"] == "hall"


def test_a_revoked_kiosk_gets_no_token_and_can_be_enrolled_again(
    cloud: Firstlight, emptied: Emulators, project: Project, tmp_path: Path
) -> None:
    enrolment = enrol(cloud, tmp_path / "first.json")
    said = cloud("revoke", *HALL).out
    assert "within 5 minutes" in said
    assert "already" not in said
    with pytest.raises(RuntimeError, match="USER_DISABLED"):
        emptied.sign_in(enrolment["email"], enrolment["password"])
    document = project.documents.get("sites/north/kiosks/hall")
    assert document is not None
    revoked_at = document.fields["revoked_at"]
    assert revoked_at is not None
    assert "already" in cloud("revoke", *HALL).out
    document = project.documents.get("sites/north/kiosks/hall")
    assert document is not None
    assert document.fields["revoked_at"] == revoked_at
    anew = enrol(cloud, tmp_path / "second.json")
    assert emptied.sign_in(anew["email"], anew["password"]).uid == "kiosk-north-hall"


def test_an_interrupted_revocation_is_finished_by_the_next(cloud: Firstlight, project: Project, tmp_path: Path) -> None:
    enrol(cloud, tmp_path / "first.json")
    project.users.change("kiosk-north-hall", disabled=True)  # and then the network was gone
    assert "already" not in cloud("revoke", *HALL).out
    document = project.documents.get("sites/north/kiosks/hall")
    assert document is not None
    assert document.fields["revoked_at"] is not None


def test_two_kiosks_never_share_a_uid(cloud: Firstlight, tmp_path: Path) -> None:
    cloud("create-site", "--site", "north-hall", "--name", "Another")
    cloud("enrol-kiosk", "--site", "north-hall", "--kiosk", "a", "--label", "A", "--out", tmp_path / "a.json")
    words = ("enrol-kiosk", "--site", "north", "--kiosk", "hall-a", "--label", "B", "--out", tmp_path / "b.json")
    assert "belongs to another kiosk" in cloud(*words, code=16).err
    assert "belongs" not in cloud("revoke", "--site", "north", "--kiosk", "hall-a", code=16).err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--site", "south", "--kiosk", "hall"), 16, "has no site south"),
        (("--site", "North", "--kiosk", "hall"), 2, "no name of a site"),
        (("--site", "north", "--kiosk", "hall/../x"), 2, "no name of a kiosk"),
    ],
)
def test_a_wrong_name_is_said_before_anything_is_made(
    cloud: Firstlight, project: Project, tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    done = cloud("enrol-kiosk", *words, "--label", "Hall", "--out", tmp_path / "file.json", code=code)
    assert said in done.err
    assert list(project.users.all()) == []
    assert not (tmp_path / "file.json").exists()


def test_no_file_is_overwritten_and_then_nothing_is_made(cloud: Firstlight, project: Project, tmp_path: Path) -> None:
    out = tmp_path / "file.json"
    out.write_text("mine")
    assert "not overwritten" in enrol(cloud, out, code=12)["said"]
    assert out.read_text() == "mine"
    assert list(project.users.all()) == []


def test_the_list_shows_who_is_there_and_nothing_secret(cloud: Firstlight, project: Project, tmp_path: Path) -> None:
    assert cloud("list", "--site", "north").out == "nobody yet\n"
    enrol(cloud, tmp_path / "file.json")
    project.documents.create("sites/north/heartbeats/hall", {"at": datetime(2026, 11, 20, tzinfo=UTC), "version": "0.1.0"})
    cloud("invite-doctor", "--site", "north", "--email", "ada@north.example", "--name", "Ada", "--out", tmp_path / "link")
    rows = json.loads(cloud("list", "--site", "north", "--json").out)
    assert rows["kiosks"][0]["last_contact"] == "2026-11-20T00:00:00+00:00"
    assert (rows["kiosks"][0]["label"], rows["kiosks"][0]["heard_of"]) == ("Hall", False)
    assert rows["people"] == [
        {"email": "ada@north.example", "name": "Ada", "role": "doctor", "revoked": False, "last_sign_in": None}
    ]
    text = cloud("list", "--site", "north").out
    assert "not heard of since it was enrolled" in text
    assert "doctor" in text
