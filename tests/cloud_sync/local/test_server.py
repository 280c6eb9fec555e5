"""The server, spoken to without a browser: who may ask for what, and what an attacker gets."""

from __future__ import annotations

import http.client
import io
import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cloud_sync.local.accounts import PASSPHRASE_FILE, first_sign_in
from cloud_sync.local.remote import LocalRemote
from tests.cloud_sync.local.conftest import DAMAGED, HUGE, NORMAL, URGENT, WITHOUT, Served, serve
from tests.cloud_sync.samples import document, put, record_id


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Browser:
    """Keeps a cookie, and sends what the page would send."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.host = served.url.removeprefix("http://")
        self.cookie: str | None = None

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, None, headers)

    def post(self, path: str, body: object = None, **headers: str) -> Answer:
        own = {"Content-Type": "application/json", "Origin": self.served.url, "Sec-Fetch-Site": "same-origin"}
        return self.ask("POST", path, json.dumps(body if body is not None else {}).encode(), own | headers)

    def ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        connection = http.client.HTTPConnection(self.host, timeout=30.0)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            sent["Cookie"] = self.cookie
        connection.request(method, path, body, sent)
        answer = Answer(connection.getresponse())
        connection.close()
        if cookie := answer.headers.get("Set-Cookie"):
            self.cookie = cookie.partition(";")[0]
        return answer

    def sign_in(self) -> Answer:
        return self.post("/api/sign-in", {"name": "doctor", "passphrase": self.served.passphrase})


def path_of(number: int) -> str:
    return f"/api/records/home/{record_id(number)}"


@pytest.fixture
def stranger(served: Served) -> Browser:
    return Browser(served)


@pytest.fixture
def doctor(served: Served) -> Browser:
    browser = Browser(served)
    assert browser.sign_in().status == 200
    return browser


def test_a_stranger_sees_the_form_and_nothing_of_a_patient(stranger: Browser) -> None:
    assert stranger.get("/").status == 200
    assert stranger.get("/static/app.js").status == 200
    assert stranger.get("/api/me").json == {"name": None}
    record = path_of(NORMAL)
    for path in ("/api/records", record, f"{record}/images", f"{record}/parts/capture.npz", "/api/models/" + "0" * 64):
        answer = stranger.get(path)
        assert (answer.status, answer.json) == (401, {"problem": "You are signed out."})
    assert stranger.post(f"{record}/opened").status == 401


def test_signing_in_and_out(stranger: Browser) -> None:
    answer = stranger.sign_in()
    cookie = answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/"))
    assert stranger.get("/api/me").json == {"name": "doctor"}
    kept = stranger.cookie
    assert stranger.post("/api/sign-out").status == 200
    stranger.cookie = kept
    assert stranger.get("/api/records").status == 401  # ended at the server, not only forgotten by the browser


@pytest.mark.parametrize(
    "body", [None, [], {"name": "doctor"}, {"name": 1, "passphrase": 2}, {"name": "doctor", "passphrase": "x" * 5000}]
)
def test_what_is_no_sign_in_is_refused(stranger: Browser, body: object) -> None:
    assert stranger.post("/api/sign-in", body if body is not None else {}).status in (400, 401)
    assert stranger.cookie is None


def test_the_list_is_urgent_first_and_counts_the_unread(doctor: Browser) -> None:
    listed = doctor.get("/api/records").json
    urgencies = [record["urgency"] for record in listed["records"]]
    assert urgencies == sorted(urgencies, key=["look_first", "not_assessed", "routine"].index)
    assert listed["total"] == len(listed["records"]) >= 7
    before = listed["unread"]
    opened = next(record["path"] for record in listed["records"] if not record["opened_at"])
    record_path = "/api/records/home/" + opened.rpartition("/")[2]
    assert doctor.post(f"{record_path}/opened").status == 200
    assert doctor.get("/api/records").json["unread"] == before - 1
    assert doctor.get(record_path).json["opened_at"]


def test_what_is_found_is_counted_and_what_is_not_is_no_fault(doctor: Browser) -> None:
    found = doctor.get("/api/records?find=p-1").json
    assert [record["patient"] for record in found["records"]] == ["P-1"] * found["total"]
    assert found["total"] == 2
    assert doctor.get("/api/records?find=" + "%00%ff%27" * 200).json["records"] == []


def test_a_new_record_appears_in_the_next_answer(doctor: Browser, served: Served) -> None:
    remote = LocalRemote(served.folder)
    before = doctor.get("/api/records").json["total"]
    put(remote, document(1000, None, site="elsewhere"), None)
    remote.close()
    assert doctor.get("/api/records").json["total"] == before + 1


def test_a_record_has_its_pictures_its_history_and_its_raw_data(doctor: Browser) -> None:
    record = doctor.get(path_of(URGENT)).json
    assert record["patient"] == "P-1"
    assert [entry["id"] for entry in record["history"]] == [record_id(URGENT), record_id(NORMAL)]
    images = doctor.get(f"{path_of(URGENT)}/images").json
    assert (images["rows"], images["columns"], len(images["celsius"])) == (24, 32, 768)
    raw = doctor.get(f"{path_of(URGENT)}/parts/capture.npz")
    assert raw.headers["Content-Disposition"] == f'attachment; filename="{record_id(URGENT)[:8]}_capture.npz"'
    assert raw.headers["Content-Type"] == "application/octet-stream"
    with np.load(io.BytesIO(raw.body)) as arrays:
        assert arrays["celsius"].ravel()[100] == pytest.approx(images["celsius"][100], abs=1e-3)


def test_one_bad_record_has_a_sentence_and_the_list_goes_on(doctor: Browser) -> None:
    damaged = doctor.get(f"{path_of(DAMAGED)}/images")
    assert (damaged.status, damaged.json["problem"]) == (422, "The picture cannot be shown: the file is damaged.")
    assert doctor.get(path_of(DAMAGED)).status == 200
    huge = doctor.get(path_of(HUGE)).json
    assert "this page shows at most" in huge["problem"]
    assert len(json.dumps(huge)) < 5000
    missing = doctor.get(f"{path_of(WITHOUT)}/images")
    assert (missing.status, missing.json["problem"]) == (404, "This file of the record is not here. Sync the kiosk again.")


@pytest.mark.parametrize(
    "path",
    [
        "/api/records/home/nothing",
        "/api/records/home/..%2f..%2fetc",
        "/api/records/%2e%2e/x",
        f"/api/records/home/{record_id(NORMAL)}/parts/..%2f..%2fportal.db",
        "/api/models/..%2f..%2fcloud.db",
        "/api/nothing",
    ],
)
def test_what_is_not_there_has_a_sentence(doctor: Browser, path: str) -> None:
    answer = doctor.get(path)
    assert answer.status == 404
    assert answer.json["problem"]


@pytest.mark.parametrize(
    "path", ["/static/../accounts.py", "/static/..%2faccounts.py", "/static/%2e%2e/%2e%2e/remote.py", "/portal.db"]
)
def test_no_file_but_the_pages_own_is_served(doctor: Browser, path: str) -> None:
    assert doctor.get(path).status in (403, 404)


def test_every_answer_carries_the_policy(doctor: Browser) -> None:
    for path in ("/", "/static/app.js", "/api/me", "/api/records", "/api/nothing", "/nothing"):
        answer = doctor.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self';")
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert (answer.headers.get("Cache-Control") == "no-store") == path.startswith("/api/")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
    ],
)
def test_another_site_can_change_nothing(doctor: Browser, headers: dict[str, str]) -> None:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    for path in ("/api/sign-out", "/api/sign-in", f"{path_of(NORMAL)}/opened"):
        assert doctor.post(path, {"name": "doctor", "passphrase": "x"}, **names).status == 403
    assert doctor.get("/api/me").json == {"name": "doctor"}


def test_a_foreign_name_for_this_machine_is_refused(doctor: Browser) -> None:
    """DNS rebinding: a page of evil.example whose name now resolves to 127.0.0.1."""
    assert doctor.get("/api/records", Host="evil.example").status == 421
    assert doctor.get("/api/records", Host="localhost:8602").status == 200


def test_a_large_request_is_refused(stranger: Browser) -> None:
    answer = stranger.post("/api/sign-in", {"name": "doctor", "passphrase": "x" * 100_000})
    assert answer.status == 413


# -- a server of its own, because these leave marks


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Served]:
    yield from serve(tmp_path / "cloud")


def test_wrong_passphrases_are_slowed_down_for_that_name_alone(fresh: Served) -> None:
    browser = Browser(fresh)
    answers = [browser.post("/api/sign-in", {"name": "doctor", "passphrase": f"wrong {n}"}) for n in range(6)]
    assert [answer.status for answer in answers] == [401] * 5 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 5
    assert browser.sign_in().status == 429  # the right one has to wait, too
    assert browser.post("/api/sign-in", {"name": "other", "passphrase": "x"}).status == 401


def test_an_empty_cloud_is_an_empty_list(fresh: Served) -> None:
    browser = Browser(fresh)
    browser.sign_in()
    assert browser.get("/api/records").json == {"total": 0, "unread": 0, "records": []}


def test_a_cloud_that_cannot_be_read_has_a_sentence_and_heals(fresh: Served) -> None:
    browser = Browser(fresh)
    browser.sign_in()
    (fresh.folder / "cloud.db").write_bytes(b"no database " * 100)
    answer = browser.get("/api/records")
    assert (answer.status, "Nothing is lost" in answer.json["problem"]) == (503, True)
    for path in fresh.folder.glob("cloud.db*"):
        path.unlink()
    assert browser.get("/api/records").status == 200


# -- the command


def run(*options: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "cloud_sync.local", *options], capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stderr


def test_a_taken_port_names_its_holder(served: Served, tmp_path: Path) -> None:
    code, said = run("--folder", str(tmp_path), "--port", served.url.rpartition(":")[2])
    assert code == 9
    assert f"is held by {Path(sys.executable).name} -m cloud_sync.local (process {served.process.pid})" in said
    assert "Traceback" not in said
    with socket.create_server(("127.0.0.1", 0)) as other:
        code, said = run("--folder", str(tmp_path), "--port", str(other.getsockname()[1]))
    assert (code, "choose another port" in said) == (9, True)


@pytest.mark.parametrize(
    ("host", "match"), [("0.0.0.0", "every network"), ("::", "every network"), ("example.org", "no IP address")]
)
def test_listening_everywhere_is_never_an_accident(tmp_path: Path, host: str, match: str) -> None:
    code, said = run("--folder", str(tmp_path), "--host", host)
    assert (code, match in said) == (2, True)


def test_a_folder_that_cannot_be_used_has_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "cloud").write_text("in the way")
    code, said = run("--folder", str(tmp_path / "cloud"), "--port", "0")
    assert (code, "cannot be used" in said, "Traceback" in said) == (5, True, False)


def test_the_passphrase_is_in_its_file_and_nowhere_else(fresh: Served) -> None:
    browser = Browser(fresh)
    browser.sign_in()
    fresh.process.terminate()
    assert fresh.process.stderr is not None
    assert fresh.passphrase not in fresh.process.stderr.read()
    holders = [
        path.name for path in fresh.folder.rglob("*") if path.is_file() and fresh.passphrase.encode() in path.read_bytes()
    ]
    assert holders == [PASSPHRASE_FILE]
    old = first_sign_in(fresh.folder)
    for again in serve_with_new_passphrase(fresh.folder):
        assert again.passphrase != fresh.passphrase
        assert Browser(again).sign_in().status == 200
    assert old is not None


def serve_with_new_passphrase(folder: Path) -> Iterator[Served]:
    (folder / PASSPHRASE_FILE).unlink()
    process = subprocess.Popen(
        [sys.executable, "-m", "cloud_sync.local", "--folder", folder, "--port", "0", "--new-passphrase"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    line = process.stderr.readline()
    sign_in = first_sign_in(folder)
    assert sign_in is not None
    yield Served(line.partition("url=")[2].split("/ ")[0], folder, sign_in.passphrase, process)
    process.terminate()
    process.wait(30.0)
    process.stderr.close()
