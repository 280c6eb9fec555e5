"""A clinic's own computer with a service account: access tokens for a signed assertion, over real sockets."""

from __future__ import annotations

import base64
import json
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from cloud_sync.firebase import gateway
from cloud_sync.firebase.credential import BadCredential
from cloud_sync.firebase.gateway import GatewayIdentity
from cloud_sync.firebase.http import Http
from cloud_sync.pace import Pace
from cloud_sync.remote import RemoteClockWrong, RemoteGarbage, RemoteRevoked
from device.process.time import VirtualTimekeeper
from tests.cloud_sync.firebase.peer import Peer, says

pytest.importorskip("google.auth", reason="it comes with firstlight[cloud]")


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def account(tmp_path: Path, key: rsa.RSAPrivateKey) -> Path:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path / "account.json"
    whole = {"type": "service_account", "project_id": "demo", "client_email": "sync@demo.invalid", "private_key": pem.decode()}
    path.write_text(json.dumps(whole))
    return path


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    with Peer() as peer:
        monkeypatch.setattr(gateway, "_TOKENS", f"http://127.0.0.1:{peer.port}/auth/token")
        yield peer


def identity(account: Path, clock: VirtualTimekeeper) -> GatewayIdentity:
    return GatewayIdentity(account, "home", "kiosk-1", Http(clock, Pace(clock)), clock, emulated=False)


def test_a_signed_assertion_is_traded_for_a_token_that_lasts(account: Path, peer: Peer, key: rsa.RSAPrivateKey) -> None:
    clock = VirtualTimekeeper(100.0)
    peer.tokens += [says(200, {"access_token": "first"}), says(200, {"access_token": "second"})]
    mine = identity(account, clock)
    assert mine.token(clock.monotonic() + 5.0) == "first"
    clock.sleep(2900.0)
    assert mine.token(clock.monotonic() + 5.0) == "first"
    clock.sleep(200.0)
    assert mine.token(clock.monotonic() + 5.0) == "second"
    form = urllib.parse.parse_qs(peer.requests[0].body.decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    head, payload, signature = form["assertion"][0].split(".")
    padded = signature + "=" * (-len(signature) % 4)
    key.public_key().verify(base64.urlsafe_b64decode(padded), f"{head}.{payload}".encode(), padding.PKCS1v15(), hashes.SHA256())
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["iss"] == "sync@demo.invalid"
    assert claims["exp"] - claims["iat"] == 3600
    assert "datastore" in claims["scope"]


@pytest.mark.parametrize(
    ("description", "kind"),
    [
        ("Invalid grant: account not found", RemoteRevoked),
        ("Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe", RemoteClockWrong),
    ],
)
def test_a_removed_account_and_a_wrong_clock_are_told_apart(
    account: Path, peer: Peer, description: str, kind: type[Exception]
) -> None:
    clock = VirtualTimekeeper(100.0)
    peer.tokens.append(says(400, {"error": "invalid_grant", "error_description": description}))
    with pytest.raises(kind):
        identity(account, clock).token(clock.monotonic() + 5.0)


def test_an_answer_without_a_token_is_garbage(account: Path, peer: Peer) -> None:
    clock = VirtualTimekeeper(100.0)
    peer.tokens.append(says(200, {"hello": "world"}))
    with pytest.raises(RemoteGarbage):
        identity(account, clock).token(clock.monotonic() + 5.0)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"project_id": ""}'])
def test_what_is_no_account_is_said(tmp_path: Path, content: str) -> None:
    (tmp_path / "account.json").write_text(content)
    with pytest.raises(BadCredential):
        identity(tmp_path / "account.json", VirtualTimekeeper(100.0))
