"""What somebody gets who wants more than is theirs."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from cloud_sync.local.accounts import Person, Role
from cloud_sync.local.audit import DOCUMENT_S, PARTS_S
from cloud_sync.local.faults import NotAllowed, SignInFailed
from cloud_sync.local.portal import Portal
from cloud_sync.local.remote import LocalRemote
from cloud_sync.local.reviews import Signed
from cloud_sync.local.server import build_app
from cloud_sync.local.sessions import IDLE_S
from cloud_sync.local.signing_in import SigningIn
from tests.cloud_sync.local.client import Client, path_of, signed_in
from tests.cloud_sync.local.conftest import HOSTILE, HUGE, NASTY, NORMAL, URGENT, Served, add_account
from tests.cloud_sync.samples import capture, document, put, record_id, torso

KIOSK_TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJyb2xlIjoia2lvc2siLCJzaXRlIjoiaG9tZSJ9.c2lnbmF0dXJl"


@pytest.fixture
def doctor(served: Served) -> Client:
    return signed_in(served)


def test_another_sites_doctor_gets_nothing(served: Served) -> None:
    stranger = signed_in(served, "north", add_account(served.folder, "north", site="north"))
    assert stranger.get("/api/worklist").json["items"] == []
    assert stranger.get("/api/counts").json["total"] == 0
    assert stranger.get(f"/api/worklist?find={record_id(URGENT)}").json["items"] == []
    assert stranger.get("/api/patients/P-1/records").json["items"] == []
    assert stranger.get("/api/fleet").json["items"] == []
    record = path_of(URGENT)
    for answer in (
        stranger.open(URGENT),
        stranger.get(record),
        stranger.get(f"{record}/parts/capture.npz"),
        stranger.get(f"{record}/reviews"),
        stranger.post(f"{record}/reviews", {"record_sha256": "0" * 64, "verdict": "agree", "note": "", "supersedes": None}),
    ):
        assert answer.fault == (403, "not_allowed")
    assert stranger.open(URGENT, site="north").fault == (404, "not_there")
    assert stranger.get("/api/site").json["id"] == "north"


def test_another_sites_administrator_reads_no_audit_of_this_one(served: Served) -> None:
    signed_in(served).open(URGENT)
    passphrase = add_account(served.folder, "north administrator", Role.ADMINISTRATOR, "north")
    stranger = signed_in(served, "north administrator", passphrase)
    entries = stranger.get("/api/audit").json["items"]
    assert {entry["uid"] for entry in entries} == {"north administrator"}


def test_a_kiosks_token_opens_nothing(served: Served) -> None:
    client = Client(served)
    for headers in ({"Authorization": f"Bearer {KIOSK_TOKEN}"}, {"Authorization": f"Firebase {KIOSK_TOKEN}"}):
        assert client.get("/api/worklist", **headers).fault == (401, "signed_out")
        assert client.post(f"{path_of(URGENT)}/open", **headers).fault == (401, "signed_out")
    client.cookie = f"firstlight_session={KIOSK_TOKEN}"
    assert client.get("/api/worklist").fault == (401, "signed_out")
    client.cookie = "firstlight_session=" + "A" * 4_000
    assert client.get("/api/worklist").status == 401


def test_an_administrator_signs_no_review(served: Served) -> None:
    administrator = signed_in(served, "administrator")
    assert administrator.open(NORMAL).status == 200
    assert administrator.review(NORMAL).fault == (403, "not_allowed")


def test_nobody_signs_in_anothers_name(fresh: Served) -> None:
    passphrase = add_account(fresh.folder, "second")
    remote = LocalRemote(fresh.folder)
    put(remote, document(1, None), None)
    remote.close()
    second = signed_in(fresh, "second", passphrase)
    second.open(1)
    for forged in ({"author": "doctor"}, {"author_name": "doctor"}, {"id": "1"}, {"at": "1970-01-01T00:00:00Z"}):
        assert second.review(1, **forged).fault == (400, "unavailable")
    assert second.review(1).json["author"] == "second"


def test_a_document_that_was_altered_on_the_disk_is_not_shown(fresh: Served) -> None:
    remote = LocalRemote(fresh.folder)
    content = capture(torso())
    put(remote, document(1, content), content)
    put(remote, document(2, content), content)
    remote.close()
    doctor = signed_in(fresh)
    assert doctor.open(1).status == 200
    forged = json.dumps(document(1, content, result="nothing_unusual", patient="P-7K2M-0001-QX")).encode()
    with sqlite3.connect(fresh.folder / "cloud.db") as database:
        database.execute("UPDATE documents SET content = ? WHERE path LIKE ?", (forged + b" ", f"%{record_id(1)}"))
    database.close()
    assert doctor.open(1).fault == (409, "altered")
    assert doctor.get(path_of(1)).fault == (409, "altered")
    # A file: one bit is enough.
    digest = hashlib.sha256(content).hexdigest()
    path = fresh.folder / "objects" / digest[:2] / digest
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    doctor.open(2)
    assert doctor.get(f"{path_of(2)}/parts/capture.npz").fault == (409, "altered")
    # That somebody wanted to see them is written down all the same.
    entries = signed_in(fresh, "administrator").get("/api/audit").json["items"]
    assert [entry["record"] for entry in entries[1:]] == [record_id(2), record_id(1), record_id(1)]


def test_a_huge_document_is_refused_and_the_list_goes_on(doctor: Client) -> None:
    assert doctor.open(HUGE).fault == (413, "too_large")
    assert len(doctor.get("/api/worklist").body) < 20_000


def test_a_document_in_another_encoding_is_damaged(fresh: Served) -> None:
    """JSON of Python may be UTF-16; what a browser hashes is UTF-8."""
    remote = LocalRemote(fresh.folder)
    remote.put_document(f"sites/home/records/{record_id(1)}", json.dumps(document(1, None)).encode("utf-16"), 5.0)
    remote.close()
    assert signed_in(fresh).open(1).fault == (422, "damaged")


def test_script_in_every_text_of_a_device_stays_text(doctor: Client) -> None:
    answer = doctor.open(NASTY)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert json.loads(answer.json["json"])["kiosk"] == HOSTILE
    part = doctor.get(f"{path_of(NASTY)}/parts/%3Cscript%3E.html")
    assert part.fault == (404, "not_there")
    assert doctor.get(f"{path_of(NASTY)}/parts/capture.npz").headers["Content-Type"] == "application/octet-stream"


def test_halves_of_characters_break_nothing(fresh: Served) -> None:
    """JSON may have them, SQLite and UTF-8 may not."""
    remote = LocalRemote(fresh.folder)
    put(remote, document(1, None, patient="P-\ud800", kiosk="\udfff" * 400), None)
    remote.close()
    doctor, administrator = signed_in(fresh), signed_in(fresh, "administrator")
    assert doctor.get("/api/worklist").json["items"][0]["patient"] == "P-\ufffd"
    assert doctor.open(1).status == 200
    assert doctor.review(1).json["patient"] == "P-\ufffd"
    assert administrator.get("/api/audit").json["items"][1]["patient"] == "P-\ufffd"
    for path in ("patients/%ff%fe/records", "audit?uid=%ff", "audit?record=%ed%a0%80", "worklist?find=%ff", "models/%ff"):
        assert administrator.get(f"/api/{path}").status in (200, 400, 404)
    assert doctor.post("/api/records/home/%ff/open").status in (400, 404)
    assert doctor.get("/api/records/home/%ff/parts/%ff").status in (400, 403, 404)


def test_two_doctors_review_at_once_and_both_reviews_stand(fresh: Served) -> None:
    passphrase = add_account(fresh.folder, "second")
    remote = LocalRemote(fresh.folder)
    put(remote, document(1, None), None)
    remote.close()
    clients = {"doctor": signed_in(fresh), "second": signed_in(fresh, "second", passphrase)}
    barrier = threading.Barrier(2)
    statuses: list[int] = []

    def sign(name: str) -> None:
        clients[name].open(1)
        for number in range(10):
            barrier.wait(30.0)
            statuses.append(clients[name].review(1, verdict="agree" if name == "doctor" else "recall", note=str(number)).status)

    threads = [threading.Thread(target=sign, args=(name,)) for name in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60.0)
    assert statuses == [200] * 20
    reviews = clients["doctor"].get(f"{path_of(1)}/reviews").json["items"]
    assert sorted((review["author"], int(review["note"])) for review in reviews) == [
        (name, number) for name in ("doctor", "second") for number in range(10)
    ]
    assert all(review["verdict"] == ("agree" if review["author"] == "doctor" else "recall") for review in reviews)
    last = clients["doctor"].get("/api/worklist").json["items"][0]["last_verdict"]
    assert last == reviews[-1]["verdict"]


# -- time: a portal without a server, on a clock that moves when it is told to


class Clock:
    now = 5000.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Desk:
    portal: Portal
    clock: Clock
    doctor: Person


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = Clock()
    portal = Portal(tmp_path / "cloud", [], clock)
    doctor = portal.accounts.find("doctor")
    assert doctor is not None
    remote = LocalRemote(tmp_path / "cloud")
    content = capture(torso())
    put(remote, document(1, content), content)
    remote.close()
    yield Desk(portal, clock, doctor)
    portal.close()


def test_a_document_is_handed_out_for_a_minute_and_parts_for_a_day(desk: Desk) -> None:
    record = record_id(1)
    opened = desk.portal.open(desk.doctor, "home", record)
    desk.clock.now += DOCUMENT_S
    assert desk.portal.document(desk.doctor, "home", record) == opened
    desk.clock.now += 1
    with pytest.raises(NotAllowed):
        desk.portal.document(desk.doctor, "home", record)
    desk.clock.now += PARTS_S - DOCUMENT_S - 1
    assert desk.portal.part(desk.doctor, "home", record, "capture.npz")
    assert desk.portal.reviews(desk.doctor, "home", record) == {"items": []}
    desk.clock.now += 1
    for late in (
        lambda: desk.portal.part(desk.doctor, "home", record, "capture.npz"),
        lambda: desk.portal.reviews(desk.doctor, "home", record),
        lambda: desk.portal.review(desk.doctor, "home", record, Signed(opened["sha256"], "agree", "", None)),
    ):
        with pytest.raises(NotAllowed):
            late()


def test_an_opening_of_before_a_restart_of_the_machine_counts_for_nothing(desk: Desk, tmp_path: Path) -> None:
    """Its time is of another clock."""
    desk.portal.open(desk.doctor, "home", record_id(1))
    with sqlite3.connect(tmp_path / "cloud/portal.db") as database:
        database.execute("UPDATE openings SET boot_id = 'another'")
    database.close()
    with pytest.raises(NotAllowed):
        desk.portal.document(desk.doctor, "home", record_id(1))


def test_where_it_cannot_be_written_down_nothing_is_handed_out(desk: Desk, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "cloud/portal.db") as database:
        database.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    database.close()
    with pytest.raises(sqlite3.Error):
        desk.portal.open(desk.doctor, "home", record_id(1))
    with pytest.raises(NotAllowed):
        desk.portal.document(desk.doctor, "home", record_id(1))
    assert desk.portal.counts(desk.doctor) == {"unread": 1, "to_do": 1, "total": 1}


def test_an_expired_session_is_over(desk: Desk, tmp_path: Path) -> None:
    from cloud_sync.local.accounts import first_sign_in
    from cloud_sync.local.signing_in import SignedIn

    sign_in = first_sign_in(tmp_path / "cloud")
    assert sign_in is not None
    with desk.portal.signing_in() as signing_in:
        signed = signing_in.with_passphrase("doctor", sign_in.passphrase)
        assert isinstance(signed, SignedIn)
        desk.clock.now += IDLE_S / 2
        assert signing_in.person_of(signed.token, used=False) == desk.doctor
        desk.clock.now += IDLE_S / 2 + 1
        assert signing_in.person_of(signed.token, used=True) is None
        assert signing_in.person_of(signed.token, used=True) is None


def test_a_flood_of_passphrases_keeps_nobody_from_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes time on purpose, and a name that was never tried need not wait."""
    tried: list[str] = []

    def slowly(self: SigningIn, name: str, passphrase: str) -> None:
        time.sleep(0.2)
        tried.append(name)
        raise SignInFailed

    async def flooded() -> int:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(4))
        async with TestClient(TestServer(build_app(portal, "127.0.0.1"))) as client:
            typed = [{"name": f"n{number}", "passphrase": "x"} for number in range(12)]
            flood = [asyncio.create_task(client.post("/api/sign-in", json=body)) for body in typed]
            while not tried:
                await asyncio.sleep(0.01)
            assert (await client.get("/api/session")).status == 200
            before = len(tried)
            assert [answer.status for answer in await asyncio.gather(*flood)] == [401] * 12
            return before

    monkeypatch.setattr(SigningIn, "with_passphrase", slowly)
    portal = Portal(tmp_path / "cloud", [], time.monotonic)
    with ThreadPoolExecutor(1) as own:  # a browser of another test may have left its event loop in this thread
        assert own.submit(asyncio.run, flooded()).result() < 6
    portal.close()
