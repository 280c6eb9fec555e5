"""The way to Firebase with everything that can go wrong on it, over real sockets."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from cloud_sync.firebase.credential import Credential
from cloud_sync.firebase.http import Http
from cloud_sync.firebase.identity import LONGEST_AGE_S, KioskIdentity
from cloud_sync.firebase.remote import FirebaseRemote
from cloud_sync.pace import Pace
from cloud_sync.remote import (
    BatchRemote,
    Confirmation,
    RemoteClockWrong,
    RemoteConflict,
    RemoteError,
    RemoteFull,
    RemoteGarbage,
    RemoteInterrupted,
    RemoteMismatch,
    RemoteQuota,
    RemoteRefused,
    RemoteRevoked,
    RemoteUnavailable,
    RemoteUnfinished,
)
from device.process.time import SystemTimekeeper, VirtualTimekeeper
from tests.cloud_sync.firebase.peer import (
    Peer,
    Request,
    answer,
    committed,
    confirmation,
    disconnect,
    dribble,
    google,
    hang,
    says,
    stored,
    token,
)
from tests.cloud_sync.samples import document, record_id

CREDENTIAL = Credential("demo", "key", "demo.appspot.com", "home", "kiosk-1", "refresh")
PATH = f"sites/home/records/{record_id(1)}"
PART = f"{PATH}/capture.npz"
DOCUMENT = json.dumps(document(1, None)).encode()
LARGE = bytes(range(256)) * 3000  # 768,000 bytes: three pieces


def remote_to(peer: Peer, bytes_per_s: float | None = None, *, storage: str = "") -> FirebaseRemote:
    time_ = SystemTimekeeper()
    endpoints = replace(peer.endpoints, storage=storage or peer.endpoints.storage)
    pace = Pace(time_, bytes_per_s)
    http = Http(time_, pace, connections=2)
    identity = KioskIdentity(CREDENTIAL, http, endpoints, time_)
    return FirebaseRemote(identity, http, pace, endpoints, CREDENTIAL.project, CREDENTIAL.bucket)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer() as peer:
        yield peer


@pytest.fixture
def remote(peer: Peer) -> Iterator[FirebaseRemote]:
    remote = remote_to(peer)
    yield remote
    remote.close()


def fault(remote: FirebaseRemote, timeout_s: float = 5.0) -> RemoteError:
    with pytest.raises(RemoteError) as caught:
        remote.put_document(PATH, DOCUMENT, timeout_s)
    return caught.value


def test_it_is_what_sync_takes_for_a_remote_that_is_far_away(remote: FirebaseRemote) -> None:
    assert isinstance(remote, BatchRemote)


# -- a server that does not answer, or not in time


@pytest.mark.parametrize("behaviour", [hang, dribble])
@pytest.mark.parametrize("what", ["token", "document", "object"])
def test_a_server_that_hangs_or_dribbles_costs_the_deadline_and_no_more(
    peer: Peer, remote: FirebaseRemote, behaviour: Callable[..., Any], what: str
) -> None:
    (peer.tokens if what == "token" else peer.script).append(behaviour)
    put_object = partial(remote.put_object, PART, b"x" * 100, "application/x-npz")
    put = put_object if what == "object" else partial(remote.put_document, PATH, DOCUMENT)
    began = time.monotonic()
    with pytest.raises(RemoteUnavailable, match="did not answer in time"):
        put(0.6)
    assert 0.5 < time.monotonic() - began < 1.5


def test_a_server_that_takes_nothing_costs_the_deadline_and_no_more(peer: Peer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:  # the kernel connects, nobody reads
        mute.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        remote = remote_to(peer, storage=f"http://127.0.0.1:{mute.getsockname()[1]}/storage")
        began = time.monotonic()
        with pytest.raises(RemoteUnavailable, match="did not answer in time"):
            remote.put_object(PART, LARGE[:250_000], "application/x-npz", 0.6)
        assert 0.5 < time.monotonic() - began < 1.5
        remote.close()


def test_nobody_listens(peer: Peer, remote: FirebaseRemote) -> None:
    peer.__exit__(None, None, None)
    assert isinstance(fault(remote), RemoteUnavailable)
    assert "cannot be reached" in str(fault(remote))


# -- what servers say


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (says(500, b"<html>oops"), RemoteUnavailable),
        (says(503, google(503, "UNAVAILABLE")), RemoteUnavailable),
        (says(409, google(409, "ABORTED")), RemoteUnavailable),
        (says(429, google(429, "RESOURCE_EXHAUSTED")), RemoteQuota),
        (says(403, google(403, "RESOURCE_EXHAUSTED", "Quota exceeded.")), RemoteQuota),
        (says(402, google(402, "")), RemoteFull),
        (says(403, google(403, "PERMISSION_DENIED")), RemoteRefused),
        (says(400, google(400, "INVALID_ARGUMENT")), RemoteRefused),
        (says(404, google(404, "NOT_FOUND")), RemoteRefused),
        (says(200, b"<html>Please pay for the Wi-Fi</html>"), RemoteGarbage),
        (says(200, {"hello": "world"}), RemoteGarbage),
        (says(200, {"writeResults": []}), RemoteGarbage),
        (says(302, b"", Location="http://captive.portal/"), RemoteGarbage),
        (says(403, b"<html>blocked by your provider"), RemoteGarbage),
        (says(200, b"[" * 100_000), RemoteGarbage),
        (says(400, {"error": "invalid_grant", "error_description": "not in a reasonable timeframe"}), RemoteClockWrong),
        (lambda request, connection: b"SSH-2.0-OpenSSH_9.2\r\n\r\n", RemoteUnavailable),
    ],
)
def test_each_answer_has_its_error(
    peer: Peer, remote: FirebaseRemote, behaviour: Callable[..., Any], kind: type[RemoteError]
) -> None:
    peer.script += [behaviour, behaviour]
    assert type(fault(remote)) is kind


def test_quota_says_how_long_to_wait(peer: Peer, remote: FirebaseRemote) -> None:
    peer.script.append(says(429, google(429, "RESOURCE_EXHAUSTED"), Retry_After="17"))
    error = fault(remote)
    assert isinstance(error, RemoteQuota)
    assert error.retry_after_s == 17.0
    peer.script.append(says(503, b"", Retry_After="Fri, 27 Nov 2099 10:00:00 GMT"))
    later = fault(remote)
    assert isinstance(later, RemoteUnavailable)
    assert later.retry_after_s == 3600.0, "no server may silence a kiosk for years"


def test_an_answer_without_end_is_cut_off(peer: Peer, remote: FirebaseRemote) -> None:
    peer.script.append(says(200, b"x" * (17 << 20)))
    assert isinstance(fault(remote, 20.0), RemoteGarbage)


# -- tokens


def test_a_token_that_is_not_believed_is_replaced_once(peer: Peer, remote: FirebaseRemote) -> None:
    peer.script.append(says(401, google(401, "UNAUTHENTICATED")))
    assert remote.put_document(PATH, DOCUMENT, 5.0).sha256 == hashlib.sha256(DOCUMENT).hexdigest()
    first, second = peer.asked("commit")
    assert first.headers["authorization"] != second.headers["authorization"]
    assert len(peer.asked("/auth/token")) == 2
    peer.script += [says(401, google(401, "UNAUTHENTICATED"))] * 2
    assert isinstance(fault(remote), RemoteRefused)
    assert len(peer.asked("/auth/token")) == 3, "not again and again"


def test_tokens_are_replaced_before_the_rules_find_them_too_old(peer: Peer) -> None:
    clock = VirtualTimekeeper(1000.0)
    http = Http(clock, Pace(clock))
    identity = KioskIdentity(CREDENTIAL, http, peer.endpoints, clock)
    for _ in range(100):
        identity.token(clock.monotonic() + 5.0)
        age = identity.age_s()
        assert age is not None
        assert age < 240.0
        clock.sleep(29.0)
    assert len(peer.asked("/auth/token")) == pytest.approx(100 * 29 / LONGEST_AGE_S, abs=2)
    clock.jump(timedelta(days=-9000))  # the wall clock changes no age
    before = len(peer.requests)
    identity.token(clock.monotonic() + 5.0)
    assert len(peer.requests) - before <= 1
    http.close()


@pytest.mark.parametrize("word", ["USER_DISABLED", "TOKEN_EXPIRED", "USER_NOT_FOUND", "INVALID_REFRESH_TOKEN"])
def test_a_revoked_kiosk_hears_it_and_asks_no_more(peer: Peer, remote: FirebaseRemote, word: str) -> None:
    peer.tokens += [says(400, {"error": {"code": 400, "message": word}})] * 9
    assert isinstance(fault(remote), RemoteRevoked)
    for _ in range(5):
        assert isinstance(fault(remote), RemoteRevoked)
    assert len(peer.requests) == 1, "no tight loop"
    assert "refresh" not in str(fault(remote))


@pytest.mark.parametrize("claims", [{"site": "elsewhere"}, {"kiosk": "other"}, {"role": "doctor"}])
def test_somebody_elses_token_is_not_used(peer: Peer, remote: FirebaseRemote, claims: dict[str, str]) -> None:
    peer.tokens.append(says(200, {"id_token": token(**claims), "refresh_token": "x"}))
    assert isinstance(fault(remote), RemoteRevoked)
    assert peer.asked("commit") == []


@pytest.mark.parametrize("body", [b"<html>", {"id_token": "no.token"}, {"id_token": 5, "refresh_token": "x"}, []])
def test_garbage_from_the_token_server(peer: Peer, remote: FirebaseRemote, body: object) -> None:
    peer.tokens.append(says(200, body))
    assert isinstance(fault(remote), RemoteGarbage)


# -- records


def test_a_record_that_is_there_already_is_confirmed_by_writing_it_again(peer: Peer, remote: FirebaseRemote) -> None:
    peer.script.append(says(409, google(409, "ALREADY_EXISTS")))
    assert remote.put_document(PATH, DOCUMENT, 5.0) == Confirmation(PATH, hashlib.sha256(DOCUMENT).hexdigest())
    (write,) = json.loads(peer.asked("commit")[1].body)["writes"]
    assert write["currentDocument"] == {"exists": True}
    assert sorted(write["updateMask"]["fieldPaths"]) == ["json", "kiosk", "patient", "sha256"]
    assert write["update"]["fields"]["json"] == {"stringValue": DOCUMENT.decode()}
    assert "updateTransforms" not in write


def test_other_bytes_under_the_same_name_are_a_conflict(peer: Peer, remote: FirebaseRemote) -> None:
    peer.script += [says(409, google(409, "ALREADY_EXISTS")), says(403, google(403, "PERMISSION_DENIED"))]
    assert isinstance(fault(remote), RemoteConflict)


def test_one_of_a_batch_that_is_refused_does_not_keep_the_others_back(peer: Peer, remote: FirebaseRemote) -> None:
    documents = [(f"sites/home/records/{record_id(n)}", json.dumps(document(n, None)).encode()) for n in range(3)]
    no = says(403, google(403, "PERMISSION_DENIED"))
    peer.script += [no, committed, no, committed]
    first, second, third = remote.put_documents(documents, 5.0)
    assert (isinstance(first, Confirmation), isinstance(second, RemoteRefused), isinstance(third, Confirmation)) == (True,) * 3
    assert [len(json.loads(request.body)["writes"]) for request in peer.asked("commit")] == [9, 3, 3, 3]


def test_a_batch_goes_in_one_commit(peer: Peer, remote: FirebaseRemote) -> None:
    documents = [(f"sites/home/records/{record_id(n)}", json.dumps(document(n, None)).encode()) for n in range(5)]
    assert [type(each) for each in remote.put_documents(documents, 5.0)] == [Confirmation] * 5
    assert len(peer.asked("commit")) == 1


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("sites/elsewhere/records/x", DOCUMENT),
        (PATH, b"\xff\xfe"),
        (PATH, b'{"a": "' + b"x" * 1_000_000 + b'"}'),
        ("sites/home/patients/x", DOCUMENT),
    ],
)
def test_what_the_cloud_could_never_take_is_not_even_sent(
    peer: Peer, remote: FirebaseRemote, path: str, content: bytes
) -> None:
    with pytest.raises(RemoteRefused):
        remote.put_document(path, content, 5.0)
    assert peer.requests == []


# -- objects


def test_a_small_object_goes_in_one_request_and_its_hash_is_in_path_and_metadata(peer: Peer, remote: FirebaseRemote) -> None:
    peer.script.append(stored)
    sha256 = hashlib.sha256(b"x" * 100).hexdigest()
    assert remote.put_object(PART, b"x" * 100, "application/x-npz", 5.0) == Confirmation(PART, sha256)
    (request,) = peer.asked("/storage/")
    assert request.headers["authorization"].startswith("Firebase ")
    assert f"{record_id(1)}%2F{sha256}%2Fcapture.npz" in request.target
    assert sha256.encode() in request.body.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("held", [confirmation(b"other"), {**confirmation(b"x" * 100), "size": "7"}])
def test_another_md5_is_a_mismatch(peer: Peer, remote: FirebaseRemote, held: dict[str, str]) -> None:
    peer.script.append(says(200, held))
    with pytest.raises(RemoteMismatch, match="nothing counts as synced"):
        remote.put_object(PART, b"x" * 100, "application/x-npz", 5.0)


def test_an_object_without_a_hash_is_not_confirmed(peer: Peer, remote: FirebaseRemote) -> None:
    peer.script.append(says(200, {"name": "something"}))
    with pytest.raises(RemoteGarbage):
        remote.put_object(PART, b"x" * 100, "application/x-npz", 5.0)


def test_a_media_type_of_a_device_cannot_forge_a_header(peer: Peer, remote: FirebaseRemote) -> None:
    peer.script.append(stored)
    remote.put_object(PART, b"x", "text/html\r\nX-Evil: 1", 5.0)
    assert b"X-Evil" not in peer.asked("/storage/")[0].body


class Uploads:
    """Storage's side of an upload in pieces."""

    def __init__(self, peer: Peer) -> None:
        self.held = b""
        self.final = False
        self._peer = peer

    def __call__(self, request: Request, connection: Any) -> bytes | None:
        url = f"http://127.0.0.1:{self._peer.port}/storage/v0/upload/1"
        match request.command:
            case "start":
                self.held = b""
                return answer(200, {}, {"X-Goog-Upload-URL": url, "X-Goog-Upload-Status": "active"})
            case "query":
                return answer(200, {}, {"X-Goog-Upload-Status": "active", "X-Goog-Upload-Size-Received": str(len(self.held))})
            case _:
                if int(request.headers["x-goog-upload-offset"]) != len(self.held):
                    return answer(400, google(400, "INVALID", "wrong offset"))
                self.held += request.body
                if "finalize" in request.command:
                    self.final = True
                    return answer(200, confirmation(self.held), {"X-Goog-Upload-Status": "final"})
                return answer(200, {}, {"X-Goog-Upload-Status": "active"})


@pytest.fixture
def uploads(peer: Peer) -> Uploads:
    uploads = Uploads(peer)
    peer.usual = uploads
    return uploads


def test_a_large_object_goes_in_pieces(peer: Peer, remote: FirebaseRemote, uploads: Uploads) -> None:
    assert remote.put_object(PART, LARGE, "application/x-npz", 5.0).sha256 == hashlib.sha256(LARGE).hexdigest()
    assert uploads.held == LARGE
    assert [request.command for request in peer.asked("/storage/")] == ["start", "upload", "upload", "upload, finalize"]


def test_a_connection_that_breaks_in_the_middle_costs_one_piece(peer: Peer, remote: FirebaseRemote, uploads: Uploads) -> None:
    def break_twice(request: Request, connection: Any) -> bytes | None:
        if len(uploads.held) == 262_144 and breaks:
            breaks.pop()
            return None
        return uploads(request, connection)

    breaks = [1, 2]  # the first is tried again at once
    peer.usual = break_twice
    with pytest.raises(RemoteUnfinished, match="262144 of 768000 bytes"):
        remote.put_object(PART, LARGE, "application/x-npz", 5.0)
    before = len(peer.requests)
    assert remote.put_object(PART, LARGE, "application/x-npz", 5.0).sha256 == hashlib.sha256(LARGE).hexdigest()
    assert uploads.held == LARGE
    commands = [request.command for request in peer.requests[before:]]
    assert commands == ["query", "upload", "upload, finalize"], "it goes on where it broke"


def test_a_body_that_is_cut_off_is_sent_again(peer: Peer, remote: FirebaseRemote, uploads: Uploads) -> None:
    peer.cut_body_at = 100_000
    remote.put_object(PART, LARGE, "application/x-npz", 5.0)
    assert uploads.held == LARGE


def test_a_session_that_the_server_forgot_begins_anew(peer: Peer, remote: FirebaseRemote, uploads: Uploads) -> None:
    forgotten = [True]

    def forget(request: Request, connection: Any) -> bytes | None:
        if len(uploads.held) == 262_144 and request.command == "upload" and forgotten:
            forgotten.clear()
            return answer(404, b"Not Found")
        return uploads(request, connection)

    peer.usual = forget
    with pytest.raises(RemoteUnfinished, match="begins anew"):
        remote.put_object(PART, LARGE, "application/x-npz", 5.0)
    remote.put_object(PART, LARGE, "application/x-npz", 5.0)
    assert uploads.held == LARGE


def test_a_server_that_always_forgets_is_not_asked_in_a_tight_loop(
    peer: Peer, remote: FirebaseRemote, uploads: Uploads
) -> None:
    def forget(request: Request, connection: Any) -> bytes | None:
        return uploads(request, connection) if request.command == "start" else answer(404, b"Not Found")

    peer.usual = forget
    with pytest.raises(RemoteUnfinished):
        remote.put_object(PART, LARGE, "application/x-npz", 5.0)
    with pytest.raises(RemoteUnavailable, match="again") as caught:
        remote.put_object(PART, LARGE, "application/x-npz", 5.0)
    assert not isinstance(caught.value, RemoteUnfinished)


def test_an_upload_url_of_another_server_gets_nothing(peer: Peer, remote: FirebaseRemote) -> None:
    peer.script.append(says(200, {}, X_Goog_Upload_URL="http://127.0.0.1:9/elsewhere"))
    with pytest.raises(RemoteGarbage, match="another server"):
        remote.put_object(PART, LARGE, "application/x-npz", 5.0)


def test_a_broken_connection_is_tried_again_once_at_once(peer: Peer, remote: FirebaseRemote) -> None:
    remote.put_document(PATH, DOCUMENT, 5.0)
    peer.script.append(disconnect)
    remote.put_document(PATH, DOCUMENT, 5.0)
    peer.script += [disconnect, disconnect]
    assert isinstance(fault(remote), RemoteUnavailable)


# -- the clock


def test_how_far_the_clock_is_off_is_known_from_the_servers_date(peer: Peer, remote: FirebaseRemote) -> None:
    remote.put_document(PATH, DOCUMENT, 5.0)
    assert abs(remote.clock_ahead_s() or 0.0) < 5.0
    peer.script.append(lambda request, connection: answer(200, {"writeResults": [{}] * 3}, wall=time.time() + 7200.0))
    remote.put_document(PATH, DOCUMENT, 5.0)
    assert remote.clock_ahead_s() == pytest.approx(-7200.0, abs=5.0)


def test_a_clock_that_google_does_not_believe_is_told_apart(peer: Peer, remote: FirebaseRemote) -> None:
    body = {"error": "invalid_grant", "error_description": "Token must be short-lived and in a reasonable timeframe"}
    peer.tokens.append(lambda request, connection: answer(400, body, wall=(datetime.now(UTC) + timedelta(hours=3)).timestamp()))
    error = fault(remote)
    assert isinstance(error, RemoteClockWrong)
    assert "10800 s behind" in str(error) or "10799 s behind" in str(error)


# -- proxies


def test_requests_go_through_the_proxy_of_the_environment(
    peer: Peer, remote: FirebaseRemote, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Peer() as proxy:
        monkeypatch.setenv("http_proxy", f"http://user:word@127.0.0.1:{proxy.port}")
        remote.put_document(PATH, DOCUMENT, 5.0)
        assert peer.requests == []
        assert all(request.target.startswith(f"http://127.0.0.1:{peer.port}/") for request in proxy.requests)
        assert proxy.requests[0].headers["proxy-authorization"] == "Basic dXNlcjp3b3Jk"
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        remote.put_document(PATH, DOCUMENT, 5.0)
        assert len(peer.asked("commit")) == 1


def test_https_goes_through_a_tunnel_and_a_proxy_that_refuses_is_named(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    time_ = SystemTimekeeper()
    http = Http(time_, Pace(time_))
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{peer.port}")
    peer.script.append(says(407, b""))
    with pytest.raises(RemoteUnavailable, match="proxy"):
        http.request("GET", "https://firestore.invalid/v1", deadline_s=http.deadline(5.0))
    (request,) = peer.requests
    assert (request.method, request.target) == ("CONNECT", "firestore.invalid:443")
    http.close()


# -- pace


def test_the_cap_holds_over_all_threads(peer: Peer) -> None:
    remote = remote_to(peer, 100_000.0)
    peer.usual = stored
    remote.identity.token(time.monotonic() + 5.0)
    began = time.monotonic()
    threads = [
        threading.Thread(target=remote.put_object, args=(f"{PATH}/{n}.npz", bytes([n]) * 25_000, "application/x-npz", 20.0))
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20.0)
    took_s = time.monotonic() - began
    assert 0.75 < took_s < 2.5, "100 kB at 100 kB/s"
    remote.close()


def test_what_gives_way_ends_within_a_second_and_goes_on_later(peer: Peer, uploads: Uploads) -> None:
    remote = remote_to(peer, 200_000.0)  # 768 kB would take 4 s
    remote.identity.token(time.monotonic() + 5.0)
    caught: list[Exception] = []

    def send() -> None:
        try:
            remote.put_object(PART, LARGE, "application/x-npz", 20.0)
        except RemoteInterrupted as error:
            caught.append(error)

    thread = threading.Thread(target=send)
    thread.start()
    time.sleep(1.8)
    began = time.monotonic()
    remote.give_way(True)
    thread.join(5.0)
    assert time.monotonic() - began < 1.0
    assert [type(error) for error in caught] == [RemoteInterrupted]
    remote.give_way(False)
    held = len(uploads.held)
    assert held == 262_144
    remote._pace._rate = None
    remote.put_object(PART, LARGE, "application/x-npz", 20.0)
    assert uploads.held == LARGE
    assert len([request for request in peer.requests if request.command == "start"]) == 1
    remote.close()
