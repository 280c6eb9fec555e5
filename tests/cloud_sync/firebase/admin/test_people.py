"""Sites, doctors and patients: `firstlight cloud create-site`, `invite-doctor`, `assign-patient`, `revoke --doctor`."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cloud_sync.firebase.admin.project import Project
from tests.cloud_sync.firebase.admin.conftest import Done, Firstlight
from tests.cloud_sync.firebase.emulators import Emulators

ADA = ("--email", "Ada@North.example", "--name", "Dr Ada")
PATIENT = "P-7ZK3-M0QF-4C"


def invite(cloud: Firstlight, out: Path, *words: str, site: str = "north", code: int = 0) -> Done:
    return cloud("invite-doctor", "--site", site, *ADA, "--out", out, *words, code=code)


def test_a_site_is_made_once_and_changed_when_it_is_meant(cloud: Firstlight, project: Project) -> None:
    same = ("create-site", "--site", "north", "--name", "North clinic", "--prevalence", "breast=0.006")
    assert "unchanged" in cloud(*same).out
    other = ("create-site", "--site", "north", "--name", "North clinic", "--prevalence", "breast=0.01")
    assert "--change" in cloud(*other, code=16).err
    assert "changed" in cloud(*other, "--change").out
    site = project.documents.get("sites/north")
    assert site is not None
    assert site.fields["prevalence"] == {"breast": 0.01}
    assert site.fields["created_at"] is not None


@pytest.mark.parametrize("share", ["breast=1", "breast=0", "breast=nan"])
def test_a_prevalence_is_a_share(cloud: Firstlight, share: str) -> None:
    done = cloud("create-site", "--site", "south", "--name", "S", "--prevalence", share, code=2)
    assert "share between 0 and 1" in done.err


def test_an_invited_doctor_has_claims_and_a_link_that_only_the_file_knows(
    cloud: Firstlight, project: Project, tmp_path: Path
) -> None:
    done = invite(cloud, tmp_path / "link")
    link = (tmp_path / "link").read_text().strip()
    assert link.startswith("http")
    assert "oobCode=" in link
    assert link not in done.out + done.err
    assert stat.S_IMODE((tmp_path / "link").stat().st_mode) == 0o600
    user = project.users.by_email("ada@north.example")
    assert user is not None
    assert (user.claims, user.name) == ({"role": "doctor", "site": "north", "called": "Dr Ada"}, "Dr Ada")


def test_an_administrator_too_and_a_printed_link_stands_alone_on_stdout(cloud: Firstlight, project: Project) -> None:
    done = cloud("invite-doctor", "--site", "north", *ADA, "--administrator", "--print")
    assert done.out.startswith("http")
    assert done.out.count("\n") == 1
    user = project.users.by_email("ada@north.example")
    assert user is not None
    assert user.claims["role"] == "administrator"


def test_a_second_invitation_makes_a_new_link_and_a_new_role_must_be_meant(
    cloud: Firstlight, project: Project, tmp_path: Path
) -> None:
    invite(cloud, tmp_path / "1")
    assert "unchanged" in invite(cloud, tmp_path / "2").out
    assert (tmp_path / "1").read_text() != (tmp_path / "2").read_text()
    assert "--change" in invite(cloud, tmp_path / "3", "--administrator", code=16).err
    assert "changed" in invite(cloud, tmp_path / "3", "--administrator", "--change").out
    user = project.users.by_email("ada@north.example")
    assert user is not None
    assert user.claims["role"] == "administrator"


def test_one_account_sees_one_site(cloud: Firstlight, tmp_path: Path) -> None:
    invite(cloud, tmp_path / "1")
    cloud("create-site", "--site", "south", "--name", "South")
    assert "belongs to north" in invite(cloud, tmp_path / "2", "--change", site="south", code=16).err


def test_somebody_who_signed_up_with_a_doctors_address_does_not_become_the_doctor(
    cloud: Firstlight, emptied: Emulators, project: Project, tmp_path: Path
) -> None:
    project.users.create("stranger", email="ada@north.example", name="Eve", password="known to eve")
    assert "signed up" in invite(cloud, tmp_path / "1", code=16).err
    invite(cloud, tmp_path / "1", "--change")
    with pytest.raises(RuntimeError, match=r"INVALID_PASSWORD|INVALID_LOGIN_CREDENTIALS|MISSING_PASSWORD"):
        emptied.sign_in("ada@north.example", "known to eve")
    user = project.users.by_email("ada@north.example")
    assert user is not None
    assert user.uid != "stranger"


def test_a_revoked_doctor_cannot_sign_in_until_they_are_invited_again(
    cloud: Firstlight, emptied: Emulators, project: Project, tmp_path: Path
) -> None:
    invite(cloud, tmp_path / "1")
    user = project.users.by_email("ada@north.example")
    assert user is not None
    project.users.change(user.uid, password="a long password")
    emptied.sign_in("ada@north.example", "a long password")
    said = cloud("revoke", "--doctor", "ada@north.example").out
    assert "an hour at most" in said
    with pytest.raises(RuntimeError, match="USER_DISABLED"):
        emptied.sign_in("ada@north.example", "a long password")
    assert "already" in cloud("revoke", "--doctor", "ada@north.example").out
    assert "revoked" in invite(cloud, tmp_path / "2", code=16).err
    invite(cloud, tmp_path / "2", "--change")
    emptied.sign_in("ada@north.example", "a long password")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("revoke", "--doctor", "bob@north.example"), 16, "no doctor or administrator"),
        (("revoke", "--doctor", "bob"), 2, "no e-mail address"),
        (("revoke",), 2, "--site and --kiosk, or --doctor"),
        (("revoke", "--site", "north"), 2, "--site and --kiosk, or --doctor"),
        (("revoke", "--site", "north", "--kiosk", "attic"), 16, "no kiosk attic"),
        (("invite-doctor", "--site", "north", *ADA), 2, "--out FILE or --print"),
        (("invite-doctor", "--site", "south", *ADA, "--print"), 16, "no site south"),
    ],
)
def test_what_is_not_there_is_said(cloud: Firstlight, words: tuple[str, ...], code: int, said: str) -> None:
    assert said in cloud(*words, code=code).err


def test_a_doctor_is_put_on_a_patients_list_and_taken_off(cloud: Firstlight, project: Project, tmp_path: Path) -> None:
    invite(cloud, tmp_path / "1")
    user = project.users.by_email("ada@north.example")
    assert user is not None
    words = ("assign-patient", "--site", "north", "--patient", PATIENT, "--doctor", "ada@north.example")
    assert "nothing of a patient" in cloud(*words, code=16).err
    project.documents.create("sites/north/worklist/1", {"patient": PATIENT})
    assert "as before" not in cloud(*words).out
    assert "as before" in cloud(*words).out
    patient = project.documents.get(f"sites/north/patients/{PATIENT}")
    assert patient is not None
    assert patient.fields["doctors"] == [user.uid]
    cloud(*words, "--remove")
    patient = project.documents.get(f"sites/north/patients/{PATIENT}")
    assert patient is not None
    assert patient.fields["doctors"] == []
    assert "as before" in cloud(*words, "--remove").out


def test_a_patient_who_is_to_come_can_be_assigned_and_an_erased_one_cannot(
    cloud: Firstlight, project: Project, tmp_path: Path
) -> None:
    invite(cloud, tmp_path / "1")
    words = ("assign-patient", "--site", "north", "--patient", PATIENT, "--doctor", "ada@north.example", "--new")
    cloud(*words)
    project.documents.create(f"sites/north/tombstones/{PATIENT}", {"schema": 1})
    assert "was erased" in cloud(*words, code=16).err
