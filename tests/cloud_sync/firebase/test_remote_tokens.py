"""Tokens: replaced in time, asked for again once, and never in a tight loop. And clocks that servers do not believe."""

from __future__ import annotations

import hashlib
import time
from datetime import UTC, datetime, timedelta

import pytest

from cloud_sync.firebase.http import Http
from cloud_sync.firebase.identity import LONGEST_AGE_S, KioskIdentity
from cloud_sync.firebase.remote import FirebaseRemote
from cloud_sync.pace import Pace
from cloud_sync.remote import RemoteClockWrong, RemoteGarbage, RemoteRefused, RemoteRevoked
from device.process.time import VirtualTimekeeper
from tests.cloud_sync.firebase.peer import Peer, answer, google, says, token
from tests.cloud_sync.firebase.scripted import CREDENTIAL, DOCUMENT, PATH, fault

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
