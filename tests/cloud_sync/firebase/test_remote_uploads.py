"""Objects on their way to Firebase Storage, whole or in pieces, over real sockets that break."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from contextlib import suppress
from typing import Any

import pytest

from cloud_sync.firebase.remote import FirebaseRemote
from cloud_sync.remote import (
    Confirmation,
    RemoteGarbage,
    RemoteInterrupted,
    RemoteMismatch,
    RemoteRefused,
    RemoteUnavailable,
    RemoteUnfinished,
)
from tests.cloud_sync.firebase.peer import Peer, Request, answer, confirmation, google, says, stored
from tests.cloud_sync.firebase.scripted import LARGE, PART, remote_to
from tests.cloud_sync.samples import record_id


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


def test_a_small_object_goes_in_one_request_and_its_hash_is_in_path_and_metadata(peer: Peer, remote: FirebaseRemote) -> None:
    peer.script.append(stored)
    sha256 = hashlib.sha256(b"x" * 100).hexdigest()
    assert remote.put_object(PART, b"x" * 100, "application/x-npz", 5.0) == Confirmation(PART, sha256)
    (request,) = peer.asked("/storage/")
    assert request.headers["authorization"].startswith("Firebase ")
    assert re.search(f"{record_id(1)}%2F{sha256}%2F[0-9a-f]{{32}}%2Fcapture.npz", request.target)
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


def test_what_was_refused_where_it_may_lie_already_is_sent_elsewhere(peer: Peer, remote: FirebaseRemote) -> None:
    """A connection that breaks after the object arrived is replaced, and the same request is refused then."""
    peer.script += [lambda *_: None, says(403, google(403, "PERMISSION_DENIED", "there already")), stored]
    remote.put_object(PART, b"x" * 100, "application/x-npz", 5.0)
    broken, refused, taken = [request.target for request in peer.asked("/storage/")]
    assert broken == refused != taken


def test_a_part_that_is_refused_is_not_asked_about_for_ever(peer: Peer, remote: FirebaseRemote) -> None:
    peer.usual = says(403, google(403, "PERMISSION_DENIED", "no"))
    with pytest.raises(RemoteRefused):
        remote.put_object(PART, b"x" * 100, "application/x-npz", 5.0)
    assert len(peer.asked("/storage/")) == 2


def test_a_session_whose_last_answer_was_lost_is_followed_by_another_elsewhere(
    peer: Peer, remote: FirebaseRemote, uploads: Uploads
) -> None:
    def lose_the_last(request: Request, connection: Any) -> bytes | None:
        found = uploads(request, connection)
        if "finalize" in (request.command or "") and lost:
            lost.pop()
            return None
        return answer(200, {}, {"X-Goog-Upload-Status": "final"}) if request.command == "query" else found

    lost = [1, 2]  # the first is tried again at once, at a place that the server does not take
    peer.usual = lose_the_last
    for _ in range(3):
        with suppress(RemoteUnavailable):
            remote.put_object(PART, LARGE, "application/x-npz", 5.0)
            break
    starts = [request.target for request in peer.asked("/storage/") if request.command == "start"]
    assert len(set(starts)) == len(starts) == 2
    assert uploads.held == LARGE


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
