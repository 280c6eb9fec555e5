"""The server, spoken to without a browser: its files, who may ask at all, and the command that starts it."""

from __future__ import annotations

import gzip
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud_sync.local.accounts import FIRST_ADMINISTRATOR, PASSPHRASE_FILE, first_sign_in, passphrase_file
from tests.cloud_sync.local.client import Client, path_of, signed_in
from tests.cloud_sync.local.conftest import NORMAL, Served, serve
from tests.cloud_sync.samples import record_id

SCRIPT = "console.log('this is a script that is long enough to be worth packing');" * 20


@pytest.fixture
def stranger(served: Served) -> Client:
    return Client(served)


@pytest.fixture
def doctor(served: Served) -> Client:
    return signed_in(served)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with built pages of its own."""
    folder = tmp_path_factory.mktemp("built")
    pages = folder / "dist"
    (pages / "assets").mkdir(parents=True)
    (pages / "index.html").write_text("<!doctype html><title>Portal</title>")
    (pages / "assets/index-abc123.js").write_text(SCRIPT)
    (pages / "icon.svg").write_text("<svg/>")
    (folder / "secret.txt").write_text("secret")
    (pages / "link").symlink_to(folder / "secret.txt")
    yield from serve(folder / "cloud", 0, "--pages", str(pages))


def test_the_pages_are_served_packed_and_kept_by_the_browser(built: Served) -> None:
    client = Client(built)
    index = client.get("/")
    assert (index.status, index.headers["Cache-Control"]) == (200, "no-cache")
    assert index.headers["Content-Type"] == "text/html; charset=utf-8"
    script = client.get("/assets/index-abc123.js", Accept_Encoding="gzip")
    assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert gzip.decompress(script.body).decode() == SCRIPT
    assert client.get("/assets/index-abc123.js").body.decode() == SCRIPT
    assert client.get("/", If_None_Match=index.headers["ETag"]).status == 304
    assert client.get("/icon.svg").headers["Cache-Control"] == "no-cache"
    assert client.get("/__firstlight.json").json == {"kind": "local"}


def test_a_page_that_was_built_anew_is_served_anew(built: Served) -> None:
    client = Client(built)
    before = client.get("/")
    (built.folder.parent / "dist/index.html").write_text("<!doctype html><title>Newer</title>")
    after = client.get("/", If_None_Match=before.headers["ETag"])
    assert (after.status, b"Newer" in after.body) == (200, True)


@pytest.mark.parametrize(
    "path",
    [
        "/link",
        "/assets/../../secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/..%5csecret.txt",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/assets",
        "/assets/",
        "/portal.db",
        "/nothing",
        "/a%00b",
    ],
)
def test_no_file_but_the_pages_own_is_served(built: Served, path: str) -> None:
    answer = Client(built).get(path)
    assert answer.status in (400, 403, 404)
    assert b"secret" not in answer.body


def test_where_nothing_was_built_a_page_says_how(tmp_path: Path) -> None:
    for served in serve(tmp_path / "cloud", 0, "--pages", str(tmp_path / "nowhere")):
        answer = Client(served).get("/")
        assert (answer.status, b"npm run build" in answer.body) == (503, True)
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert signed_in(served).get("/api/counts").status == 200


def test_a_stranger_sees_nothing_of_a_patient(stranger: Client) -> None:
    assert stranger.get("/api/session").json == {"session": None}
    record = path_of(NORMAL)
    asked = ["site", "counts", "worklist", "changes", "patients/P-1/records", "fleet", "audit", "models/" + "0" * 64]
    for path in (*(f"/api/{name}" for name in asked), record, f"{record}/parts/capture.npz", f"{record}/reviews"):
        answer = stranger.get(path)
        assert (answer.status, answer.json) == (401, {"fault": "signed_out", "problem": "You are signed out."})
    for path in (f"{record}/open", f"{record}/reviews", "/api/totp", "/api/totp/confirm"):
        assert stranger.post(path).fault == (401, "signed_out")


def test_signing_in_and_out(stranger: Client) -> None:
    answer = stranger.sign_in()
    cookie = answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/"))
    session = {"uid": "doctor", "name": "doctor", "role": "doctor", "site": "home"}
    assert answer.json == stranger.get("/api/session").json == {"session": session}
    kept = stranger.cookie
    assert stranger.post("/api/sign-out").status == 200
    stranger.cookie = kept
    assert stranger.get("/api/counts").status == 401  # ended at the server, not only forgotten by the browser
    assert stranger.sign_in("administrator").json["session"]["role"] == "administrator"


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"name": "doctor"},
        {"name": 1, "passphrase": 2},
        {"name": "doctor", "passphrase": "x" * 5000},
        {"name": "doctor", "passphrase": "x", "role": "administrator"},
        {"name": "\ud800", "passphrase": "x"},
    ],
)
def test_what_is_no_sign_in_is_refused(stranger: Client, body: object) -> None:
    assert stranger.post("/api/sign-in", body if body is not None else {}).status == 400
    assert stranger.cookie is None


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
def test_what_is_not_there_has_a_sentence(doctor: Client, path: str) -> None:
    answer = doctor.get(path)
    assert answer.fault in ((404, "not_there"), (403, "not_allowed"))
    assert answer.json["problem"]


def test_every_answer_carries_the_policy(doctor: Client) -> None:
    for path in ("/", "/__firstlight.json", "/api/session", "/api/worklist", "/api/nothing", "/nothing"):
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
def test_another_site_can_change_nothing(doctor: Client, headers: dict[str, str]) -> None:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    record = path_of(NORMAL)
    for path in ("/api/sign-out", "/api/sign-in", f"{record}/open", f"{record}/reviews", "/api/totp"):
        assert doctor.post(path, {"name": "doctor", "passphrase": "x"}, **names).status == 403
    assert doctor.get("/api/session").json["session"]["uid"] == "doctor"


def test_a_foreign_name_for_this_machine_is_refused(doctor: Client) -> None:
    """DNS rebinding: a page of evil.example whose name now resolves to 127.0.0.1."""
    assert doctor.get("/api/worklist", Host="evil.example").status == 421
    assert doctor.get("/api/worklist", Host="localhost:8602").status == 200


def test_a_large_request_is_refused(stranger: Client) -> None:
    assert stranger.post("/api/sign-in", {"name": "doctor", "passphrase": "x" * 100_000}).fault == (413, "too_large")


# -- a server of its own, because these leave marks


def test_wrong_passphrases_are_slowed_down_for_that_name_alone(fresh: Served) -> None:
    client = Client(fresh)
    answers = [client.post("/api/sign-in", {"name": "doctor", "passphrase": f"wrong {n}"}) for n in range(6)]
    assert [answer.fault for answer in answers] == [(401, "wrong_password")] * 5 + [(429, "paused")]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 5
    assert client.sign_in().status == 429  # the right one has to wait, too
    assert client.post("/api/sign-in", {"name": "other", "passphrase": "x"}).status == 401


def test_a_page_of_somebody_else_reads_and_signs_nothing_under_the_next_ones_name(fresh: Served) -> None:
    """The cookie is the browser's: in another tab one person left and the next one came."""
    browser = signed_in(fresh)
    before = {"X-Signed-In-As": "administrator"}
    assert browser.get("/api/worklist", **before).fault == (401, "signed_out")
    assert browser.get("/api/session", **before).json == {"session": None}
    assert browser.post("/api/totp", {}, **before).fault == (401, "signed_out")
    assert browser.post("/api/sign-out", {}, **before).status == 200
    assert browser.get("/api/worklist", **{"X-Signed-In-As": "doctor"}).status == 200, "the one who came is still there"


def test_through_a_tls_proxy_the_session_never_goes_in_clear(tmp_path: Path) -> None:
    for served in serve(tmp_path / "cloud", 0, "--name", "portal.example"):
        client = Client(served)
        typed = {"name": "doctor", "passphrase": served.passphrase}
        proxied = {"Host": "portal.example", "Origin": "https://portal.example"}
        through = client.post("/api/sign-in", typed, **proxied)
        assert (through.status, "Secure" in through.headers["Set-Cookie"]) == (200, True)
        here = client.post("/api/sign-in", typed)
        assert (here.status, "Secure" in here.headers["Set-Cookie"]) == (200, False)
        assert client.post("/api/sign-in", typed, **{**proxied, "Origin": "https://evil.example"}).status == 403
        assert client.get("/api/session", Host="evil.example").status == 421


def test_an_empty_cloud_is_an_empty_list(fresh: Served) -> None:
    doctor = signed_in(fresh)
    assert doctor.get("/api/worklist").json == {"items": [], "next": None}
    assert doctor.get("/api/counts").json == {"unread": 0, "to_do": 0, "total": 0}
    assert doctor.get("/api/patients/P-1/records").json == {"items": []}
    assert doctor.get("/api/fleet").json == {"items": []}


def test_a_cloud_that_cannot_be_read_has_a_sentence_and_heals(fresh: Served) -> None:
    doctor = signed_in(fresh)
    assert doctor.get("/api/worklist").status == 200
    for path in fresh.folder.glob("cloud.db*"):
        path.unlink()
    (fresh.folder / "cloud.db").write_bytes(b"no database " * 100)
    for client in serve_again(fresh):
        answer = client.get("/api/worklist")
        assert (answer.fault, "Nothing is lost" in answer.json["problem"]) == ((503, "unavailable"), True)
        for path in fresh.folder.glob("cloud.db*"):
            path.unlink()
        assert client.get("/api/worklist").status == 200


def serve_again(served: Served) -> Iterator[Client]:
    """Restart the server, and go on with the session of before."""
    before = signed_in(served)
    served.process.terminate()
    served.process.wait(30.0)
    for again in serve(served.folder):
        client = Client(again)
        client.cookie = before.cookie
        yield client


def test_a_session_outlives_a_restart_of_the_server(fresh: Served) -> None:
    for client in serve_again(fresh):
        assert client.get("/api/session").json["session"]["uid"] == "doctor"


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
    ("option", "value", "match"),
    [
        ("--host", "0.0.0.0", "every network"),
        ("--host", "::", "every network"),
        ("--host", "example.org", "no IP address"),
        ("--prevalence", "breast", "is not like"),
        ("--prevalence", "breast=2", "is not like"),
        ("--prevalence", "=0.1", "is not like"),
    ],
)
def test_wrong_options_are_said(tmp_path: Path, option: str, value: str, match: str) -> None:
    """Listening everywhere is never an accident."""
    code, said = run("--folder", str(tmp_path), option, value)
    assert (code, match in said) == (2, True)


def test_a_folder_that_cannot_be_used_has_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "cloud").write_text("in the way")
    code, said = run("--folder", str(tmp_path / "cloud"), "--port", "0")
    assert (code, "cannot be used" in said, "Traceback" in said) == (5, True, False)


def test_the_passphrases_are_in_their_files_and_nowhere_else(fresh: Served) -> None:
    signed_in(fresh)
    fresh.process.terminate()
    assert fresh.process.stderr is not None
    said = fresh.process.stderr.read()
    old = {}
    for name in ("doctor", FIRST_ADMINISTRATOR):
        kept = first_sign_in(fresh.folder, name)
        assert kept is not None
        old[name] = kept.passphrase
        assert kept.passphrase not in said
        holders = [
            path.name for path in fresh.folder.rglob("*") if path.is_file() and kept.passphrase.encode() in path.read_bytes()
        ]
        assert holders == [passphrase_file(name)]
    (fresh.folder / PASSPHRASE_FILE).unlink()
    for again in serve(fresh.folder, 0, "--new-passphrase"):
        for name, passphrase in old.items():
            assert Client(again).sign_in(name, passphrase).status == 401
            assert signed_in(again, name).get("/api/session").json["session"]["uid"] == name
