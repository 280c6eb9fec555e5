"""What the portal's page asks for, from the list to a signed review."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from cloud_sync.local.remote import LocalRemote
from cloud_sync.local.worklist import PAGE
from cloud_sync.remote import Heartbeat
from tests.cloud_sync.local.client import Client, path_of, signed_in
from tests.cloud_sync.local.conftest import CARD, HUGE, NORMAL, URGENT, WITHOUT, Served, add_account, serve
from tests.cloud_sync.local.test_cards import make_bundle
from tests.cloud_sync.samples import capture, document, put, record_id, torso

BEAT = Heartbeat("1.2.3", 3, 1, 10**9, 10**10, 0.11, ("the disk is nearly full",), True)


@pytest.fixture
def doctor(served: Served) -> Client:
    return signed_in(served)


def ids(answer: object) -> list[int]:
    assert isinstance(answer, dict)
    return [int(item["record"], 16) for item in answer["items"]]


# -- lists


def test_the_list_is_urgent_first_and_says_what_the_data_model_says(doctor: Client) -> None:
    page = doctor.get("/api/worklist").json
    ranks = [line["rank"] for line in page["items"]]
    assert ranks == sorted(ranks)
    assert page["next"] is None
    urgent = next(line for line in page["items"] if line["record"] == record_id(URGENT))
    assert urgent.pop("received_at")
    assert urgent.pop("reading") in ("unread", "opened", "reviewed")
    assert urgent.pop("to_do") in (True, False)
    urgent.pop("last_verdict")
    assert urgent == {
        "schema": 1,
        "record": record_id(URGENT),
        "site": "home",
        "kiosk": "kiosk-1",
        "patient": "P-1",
        "patient_confirmed": True,
        "modality": "thermal",
        "captured_at": document(3 * URGENT, None)["captured_at"],
        "clock_synchronised": True,
        "urgency": "look_first",
        "rank": 0,
        "outcome": "above_threshold",
        "result": "doctor_will_look",
        "probability": 0.71,
        "difference_k": 0.92,
        "uncertainty_k": 0.31,
        "lesion_ml": None,
        "lesion_uncertainty_ml": None,
        "problem": None,
    }


def test_a_record_that_cannot_be_read_is_on_the_list_with_its_problem(doctor: Client) -> None:
    huge = next(line for line in doctor.get("/api/worklist").json["items"] if line["record"] == record_id(HUGE))
    assert "this page shows at most" in huge["problem"]
    assert len(json.dumps(huge)) < 2000


def test_filters_and_pages(fresh: Served) -> None:
    remote = LocalRemote(fresh.folder)
    for number in range(PAGE + 30):
        changes = {"modality": "mri"} if number % 10 == 1 else {}
        put(remote, document(number, None, **changes), None)
    put(remote, document(999, None, site="elsewhere"), None)
    doctor = signed_in(fresh)
    first = doctor.get("/api/worklist").json
    second = doctor.get(f"/api/worklist?after={first['next']}").json
    assert (len(first["items"]), second["next"]) == (PAGE, None)
    everything = ids(first) + ids(second)
    urgent = [number for number in range(PAGE + 30) if number % 3 == 0]
    others = [number for number in range(PAGE + 30) if number % 3]
    assert everything == [*reversed(urgent), *reversed(others)]
    # What arrives meanwhile moves nothing from one page to the other.
    put(remote, document(3000, None), None)
    assert ids(doctor.get(f"/api/worklist?after={first['next']}").json) == ids(second)
    assert ids(doctor.get("/api/worklist?urgency=look_first&modality=mri").json) == [n for n in reversed(urgent) if n % 10 == 1]
    assert ids(doctor.get("/api/worklist?find=p-7k2m-0001").json) == [
        *[n for n in reversed(urgent) if n % 4 == 1],
        *[n for n in reversed(others) if n % 4 == 1],
    ]
    assert ids(doctor.get(f"/api/worklist?find={record_id(17)[:32]}").json) == [17]
    assert ids(doctor.get("/api/worklist?find=7k2m").json) == []  # only from the beginning
    assert doctor.open(17).status == 200
    assert doctor.open(18).status == 200
    assert doctor.review(18).status == 200
    assert ids(doctor.get("/api/worklist?reading=opened").json) == [17]
    assert ids(doctor.get("/api/worklist?reading=reviewed").json) == [18]
    total = PAGE + 31
    assert doctor.get("/api/counts").json == {"unread": total - 2, "to_do": total - 1, "total": total}
    assert len(ids(doctor.get("/api/worklist?reading=unread").json)) == PAGE
    assert 18 not in ids(doctor.get("/api/worklist?reading=to_do").json)
    for wrong in ("reading=x", "urgency=x", "modality=x", "after=x", "after=1", "after=1.x", "after=" + "9" * 99):
        assert doctor.get(f"/api/worklist?{wrong}").fault == (400, "unavailable")
    assert doctor.get("/api/worklist?find=" + "%00%ff%27" * 200).json["items"] == []
    remote.close()


def test_only_mine_are_those_of_my_patients(fresh: Served) -> None:
    remote = LocalRemote(fresh.folder)
    for number in range(4):
        put(remote, document(number, None, patient=f"P-{number}"), None)
    remote.close()
    doctor = signed_in(fresh)
    assert doctor.get("/api/worklist?mine=1").json["items"] == []
    assign(fresh.folder, "P-2", "doctor")
    assign(fresh.folder, "P-3", "administrator")
    assert ids(doctor.get("/api/worklist?mine=1").json) == [2]


def assign(folder: Path, patient: str, name: str) -> None:
    from cloud_sync.local import people

    assert people.main(["--folder", str(folder), "assign", patient, name]) == 0


def test_a_patients_records_are_in_order_of_time(doctor: Client) -> None:
    assert ids(doctor.get("/api/patients/P-1/records").json) == [URGENT, NORMAL]
    assert doctor.get("/api/patients/P-0/records").json == {"items": []}
    assert doctor.get("/api/patients/%3Cscript%3E/records").json == {"items": []}


def test_the_site_has_its_prevalence(tmp_path: Path) -> None:
    for served in serve(tmp_path / "cloud", 0, "--site", "north", "--prevalence", "breast=0.006"):
        doctor = signed_in(served)
        assert doctor.get("/api/site").json == {"id": "north", "name": "north", "prevalence": {"breast": 0.006}}
        remote = LocalRemote(served.folder)
        told = {"schema": 1, "name": "North clinic", "prevalence": {"brain": 0.1, "odd": "x", "worse": 7}}
        remote.put_document("sites/north", json.dumps(told).encode(), 5.0)
        remote.close()
        site = {"id": "north", "name": "North clinic", "prevalence": {"breast": 0.006, "brain": 0.1}}
        assert doctor.get("/api/site").json == site


# -- one record


def test_opening_writes_it_down_and_hands_out_the_very_bytes(fresh: Served) -> None:
    remote = LocalRemote(fresh.folder)
    content = capture(torso())
    put(remote, document(1, content), content)
    remote.close()
    doctor, administrator = signed_in(fresh), signed_in(fresh, "administrator")
    assert doctor.get(path_of(1)).fault == (403, "not_allowed")
    assert doctor.get(f"{path_of(1)}/parts/capture.npz").fault == (403, "not_allowed")
    assert doctor.get(f"{path_of(1)}/reviews").fault == (403, "not_allowed")
    opened = doctor.open(1).json
    assert json.loads(opened["json"]) == document(1, content)
    assert hashlib.sha256(opened["json"].encode()).hexdigest() == opened["sha256"]
    assert opened["summary"]["reading"] == "opened"
    assert doctor.get(path_of(1)).json == opened
    part = doctor.get(f"{path_of(1)}/parts/capture.npz")
    assert part.body == content
    assert part.headers["Content-Type"] == "application/octet-stream"
    assert part.headers["Content-Disposition"] == f'attachment; filename="{record_id(1)[:8]}_capture.npz"'
    with np.load(io.BytesIO(part.body)) as arrays:
        assert arrays["celsius"].shape == (24, 32)
    # That one person opened it opens it for nobody else.
    assert administrator.get(path_of(1)).fault == (403, "not_allowed")
    assert administrator.get(f"{path_of(1)}/parts/capture.npz").fault == (403, "not_allowed")
    entries = administrator.get(f"/api/audit?record={record_id(1)}").json["items"]
    assert [(entry["uid"], entry["action"], entry["patient"]) for entry in entries] == [
        ("doctor", "open_record", "P-7K2M-0001-QX")
    ]


def test_what_is_not_there_is_written_down_nowhere(doctor: Client, served: Served) -> None:
    assert doctor.open(4711).fault == (404, "not_there")
    assert doctor.open(WITHOUT).status == 200
    assert doctor.get(f"{path_of(WITHOUT)}/parts/capture.npz").fault == (404, "not_there")
    assert signed_in(served, "administrator").get(f"/api/audit?record={record_id(4711)}").json["items"] == []


def test_reviews_are_signed_once_each_and_seen_by_all(fresh: Served) -> None:
    passphrase = add_account(fresh.folder, "second")
    remote = LocalRemote(fresh.folder)
    put(remote, document(1, None), None)
    remote.close()
    first, second = signed_in(fresh), signed_in(fresh, "second", passphrase)
    assert first.review(1).fault == (403, "not_allowed")  # who has not seen it signs nothing
    sha256 = first.open(1).json["sha256"]
    second.open(1)
    review = first.review(1, verdict="disagree", note="first line\nsecond <b>line</b>").json
    assert review.pop("at")
    own = review.pop("id")
    assert review == {
        "schema": 1,
        "record": record_id(1),
        "record_sha256": sha256,
        "patient": "P-7K2M-0001-QX",
        "author": "doctor",
        "author_name": "doctor",
        "verdict": "disagree",
        "note": "first line\nsecond <b>line</b>",
        "supersedes": None,
    }
    line = first.get("/api/worklist").json["items"][0]
    assert (line["reading"], line["to_do"], line["last_verdict"]) == ("reviewed", False, "disagree")
    assert second.review(1, supersedes=own).fault == (403, "not_allowed")  # another's stays theirs
    assert second.review(1, supersedes="nothing").fault == (403, "not_allowed")
    assert first.review(1, verdict="agree", note="on second thought", supersedes=own).status == 200
    assert second.review(1, verdict="recall").status == 200
    seen = second.get(f"{path_of(1)}/reviews").json["items"]
    assert [(entry["author"], entry["verdict"], entry["supersedes"]) for entry in seen] == [
        ("doctor", "disagree", None),
        ("doctor", "agree", own),
        ("second", "recall", None),
    ]
    assert first.get("/api/worklist").json["items"][0]["last_verdict"] == "recall"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"verdict": "perhaps"}, (400, "unavailable")),
        ({"verdict": 7}, (400, "unavailable")),
        ({"note": "x" * 4001}, (400, "unavailable")),
        ({"note": "x" * 20_000}, (400, "unavailable")),
        ({"note": None}, (400, "unavailable")),
        ({"record_sha256": "0" * 64}, (409, "altered")),
        ({"author": "somebody"}, (400, "unavailable")),
        ({"at": "2020-01-01T00:00:00Z"}, (400, "unavailable")),
        ({"supersedes": ["x"]}, (400, "unavailable")),
    ],
)
def test_what_is_no_review_is_refused(doctor: Client, changes: dict[str, object], fault: tuple[int, str]) -> None:
    doctor.open(NORMAL)
    assert doctor.review(NORMAL, **changes).fault == fault
    assert doctor.get(f"{path_of(NORMAL)}/reviews").json == {"items": []}


def test_a_note_may_have_all_its_characters_whatever_they_are(fresh: Served) -> None:
    remote = LocalRemote(fresh.folder)
    put(remote, document(1, None), None)
    remote.close()
    doctor = signed_in(fresh)
    doctor.open(1)
    assert doctor.review(1, note="🩺" * 4000).json["note"] == "🩺" * 4000


# -- live


def test_a_waiting_page_hears_of_what_arrives_and_of_what_others_do(fresh: Served) -> None:
    doctor, administrator = signed_in(fresh), signed_in(fresh, "administrator")
    remote = LocalRemote(fresh.folder)
    token = doctor.get("/api/changes").json["token"]

    def heard(what: object) -> str:
        nonlocal token
        answers: list[str] = []
        waiting = threading.Thread(target=lambda: answers.append(doctor.get(f"/api/changes?after={token}").json["token"]))
        waiting.start()
        time.sleep(0.2)
        assert waiting.is_alive(), "nothing has happened yet"
        began = time.monotonic()
        assert callable(what)
        what()
        waiting.join(20.0)
        assert answers
        assert answers[0] != token
        assert time.monotonic() - began < 5.0
        token = answers[0]
        return token

    heard(lambda: put(remote, document(1, None), None))
    heard(lambda: administrator.open(1))
    heard(lambda: remote.put_heartbeat(BEAT, 5.0))
    doctor.open(1)
    token = doctor.get("/api/changes?after=").json["token"]
    heard(lambda: doctor.review(1))
    # What happens at another site is none of this one's business.
    put(remote, document(2, None, site="elsewhere"), None)
    assert doctor.get("/api/changes").json["token"] == token
    remote.close()


def test_the_token_of_before_a_restart_is_answered_at_once(fresh: Served) -> None:
    token = signed_in(fresh).get("/api/changes").json["token"]
    fresh.process.terminate()
    fresh.process.wait(30.0)
    for again in serve(fresh.folder):
        began = time.monotonic()
        assert signed_in(again).get(f"/api/changes?after={token}").json["token"] != token
        assert time.monotonic() - began < 10.0


# -- kiosks, models, audit


def test_the_fleet_is_what_the_kiosks_said_and_since_when_they_are_silent(fresh: Served) -> None:
    remote = LocalRemote(fresh.folder, kiosk="kiosk-1")
    silent, elsewhere = LocalRemote(fresh.folder, kiosk="kiosk-2"), LocalRemote(fresh.folder, site="elsewhere")
    remote.put_heartbeat(BEAT, 5.0)
    silent.put_heartbeat(dataclasses.replace(BEAT, sensor_noise_k=None, warnings=("x" * 999,) * 50), 5.0)
    elsewhere.put_heartbeat(BEAT, 5.0)
    put(remote, document(1, None, kiosk="kiosk-3"), None)
    enrolled = {"schema": 1, "label": "Ward 4", "revoked_at": "2026-11-20T00:00:00Z"}
    remote.put_document("sites/home/kiosks/kiosk-4", json.dumps(enrolled).encode(), 5.0)
    for each in (remote, silent, elsewhere):
        each.close()
    fleet = signed_in(fresh).get("/api/fleet").json["items"]
    assert [kiosk["kiosk"] for kiosk in fleet] == ["kiosk-1", "kiosk-2", "kiosk-3", "kiosk-4"]
    assert fleet[0].pop("last_contact")
    assert fleet[0] == {
        "kiosk": "kiosk-1",
        "label": None,
        "revoked_at": None,
        "version": "1.2.3",
        "waiting": 3,
        "laid_aside": 1,
        "disk_free_bytes": 10**9,
        "disk_total_bytes": 10**10,
        "sensor_noise_k": 0.11,
        "warnings": ["the disk is nearly full"],
    }
    assert (len(fleet[1]["warnings"]), len(fleet[1]["warnings"][0]), fleet[1]["sensor_noise_k"]) == (20, 300, None)
    assert fleet[2]["last_contact"]  # a record is a sign of life, too
    assert (fleet[2]["version"], fleet[2]["waiting"]) == (None, None)
    assert (fleet[3]["label"], fleet[3]["last_contact"]) == ("Ward 4", None)
    assert fleet[3]["revoked_at"] == "2026-11-20T00:00:00Z"


def test_a_models_card_is_found_by_its_hash(tmp_path: Path) -> None:
    sha256 = make_bundle(tmp_path / "models" / "breast", CARD)
    for served in serve(tmp_path / "cloud"):
        doctor = signed_in(served)
        card = doctor.get(f"/api/models/{sha256}").json
        assert (card["name"], card["version"], card["card"]["threshold"]["probability"]) == ("breast", "1.0.0", 0.5)
        assert doctor.get("/api/models/" + "f" * 64).fault == (404, "not_there")
        (tmp_path / "models/breast/card.toml").write_text(CARD + "\n# changed\n")
        assert doctor.get(f"/api/models/{sha256}").fault == (422, "damaged")


def test_the_audit_is_read_by_administrators_page_by_page_and_that_is_written_down(fresh: Served) -> None:
    remote = LocalRemote(fresh.folder)
    for number in range(3):
        put(remote, document(number, None), None)
    remote.close()
    doctor, administrator = signed_in(fresh), signed_in(fresh, "administrator")
    for _ in range(40):
        for number in range(3):
            doctor.open(number)
    assert doctor.get("/api/audit").fault == (403, "not_allowed")
    first = administrator.get("/api/audit").json
    second = administrator.get(f"/api/audit?after={first['next']}").json
    assert (len(first["items"]), len(second["items"]), second["next"]) == (100, 21, None)
    assert (first["items"][0]["action"], first["items"][0]["uid"]) == ("open_audit", "administrator")
    assert [entry["record"] for entry in first["items"][1:4]] == [record_id(n) for n in (2, 1, 0)]
    assert len({entry["id"] for entry in first["items"] + second["items"]}) == 121
    of_one = administrator.get(f"/api/audit?record={record_id(1)}&uid=doctor").json["items"]
    assert len(of_one) == 40
    assert administrator.get("/api/audit?uid=nobody").json == {"items": [], "next": None}
    assert administrator.get("/api/audit?after=x").fault == (400, "unavailable")


def test_a_second_factor_over_http(fresh: Served) -> None:
    import base64

    from cloud_sync.local import totp

    doctor = signed_in(fresh)
    begun = doctor.post("/api/totp").json
    secret = base64.b32decode(begun["secret"] + "=" * (-len(begun["secret"]) % 8))
    assert begun["uri"].startswith("otpauth://totp/Firstlight%3Adoctor?")
    step = int(time.time() // 30)
    assert doctor.post("/api/totp/confirm", {"code": "abcdef"}).fault == (401, "second_factor_wrong")
    assert doctor.post("/api/totp/confirm", {"code": totp.code_of(secret, step)}).status == 200
    other = Client(fresh)
    ticket = other.sign_in().json["second_factor"]
    assert other.cookie is None
    assert other.get("/api/counts").fault == (401, "signed_out")
    again = {"ticket": ticket, "code": totp.code_of(secret, step)}
    assert other.post("/api/sign-in/code", again).fault == (401, "second_factor_wrong")
    later = {"ticket": ticket, "code": totp.code_of(secret, step + 1)}  # a phone may be a step early
    assert other.post("/api/sign-in/code", later).json["session"]["uid"] == "doctor"
    assert other.get("/api/counts").status == 200
    assert other.post("/api/sign-in/code", later).fault == (401, "signed_out")
