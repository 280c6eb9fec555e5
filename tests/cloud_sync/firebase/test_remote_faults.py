"""The way to Firebase with everything that can go wrong on it, over real sockets."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from cloud_sync.firebase.http import Http
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
    RemoteQuota,
    RemoteRefused,
    RemoteUnavailable,
)
from device.process.time import SystemTimekeeper
from tests.cloud_sync.firebase.peer import Peer, committed, disconnect, dribble, google, hang, says, stored
from tests.cloud_sync.firebase.scripted import DOCUMENT, LARGE, PART, PATH, fault, remote_to
from tests.cloud_sync.samples import document, record_id


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


def test_a_broken_connection_is_tried_again_once_at_once(peer: Peer, remote: FirebaseRemote) -> None:
    remote.put_document(PATH, DOCUMENT, 5.0)
    peer.script.append(disconnect)
    remote.put_document(PATH, DOCUMENT, 5.0)
    peer.script += [disconnect, disconnect]
    assert isinstance(fault(remote), RemoteUnavailable)


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
