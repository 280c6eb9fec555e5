"""The way to Firebase over TLS: whom it trusts, and that a deadline holds there, too."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cloud_sync.remote import RemoteClockWrong, RemoteUnavailable
from tests.cloud_sync.firebase.peer import Peer, dribble, hang
from tests.cloud_sync.firebase.scripted import remote_to
from tests.cloud_sync.samples import document, record_id

PATH, DOCUMENT = f"sites/home/records/{record_id(1)}", json.dumps(document(1, None)).encode()
NOW = datetime.now(UTC)
DAY = timedelta(days=1)

MakeServer = Callable[..., ssl.SSLContext]


@pytest.fixture
def make_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeServer:
    """Return a server's context; its certificate is trusted by whoever opens a connection from now on."""

    def make(begins: datetime = NOW - DAY, ends: datetime = NOW + DAY, *, trusted: bool = True) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        (tmp_path / "server.pem").write_bytes(pem + private)
        (tmp_path / "trusted.pem").write_bytes(pem)
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "server.pem")
        return context

    return make


@pytest.fixture
def peer(make_server: MakeServer) -> Iterator[Peer]:
    with Peer(tls=make_server()) as peer:
        yield peer


def test_a_record_arrives(peer: Peer) -> None:
    remote = remote_to(peer)
    remote.put_document(PATH, DOCUMENT, 10.0)
    remote.put_document(PATH, DOCUMENT, 10.0)
    assert len({request.connection for request in peer.requests}) == 1, "one connection is used again and again"
    remote.close()


@pytest.mark.parametrize("behaviour", [hang, dribble])
def test_a_server_that_hangs_or_dribbles_costs_the_deadline_and_no_more(peer: Peer, behaviour: Callable[..., None]) -> None:
    remote = remote_to(peer)
    remote.put_document(PATH, DOCUMENT, 10.0)
    peer.script.append(behaviour)
    began = time.monotonic()
    with pytest.raises(RemoteUnavailable, match="did not answer in time"):
        remote.put_document(PATH, DOCUMENT, 0.6)
    assert 0.5 < time.monotonic() - began < 1.5
    remote.close()


def test_a_handshake_that_dribbles_costs_the_deadline_and_no_more(peer: Peer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def one_byte_at_a_time() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(4096)
                for byte in b"\x16\x03\x03\x40\x00" + b"\x02" * 10_000:
                    connection.sendall(bytes([byte]))
                    time.sleep(0.05)

        threading.Thread(target=one_byte_at_a_time, daemon=True).start()
        remote = remote_to(peer, storage=f"https://127.0.0.1:{server.getsockname()[1]}/storage")
        began = time.monotonic()
        with pytest.raises(RemoteUnavailable, match="did not answer in time"):
            remote.put_object(f"{PATH}/capture.npz", b"x", "application/x-npz", 0.6)
        assert 0.5 < time.monotonic() - began < 1.5
        remote.close()


def test_nobody_unknown_is_trusted(make_server: MakeServer) -> None:
    with Peer(tls=make_server(trusted=False)) as stranger:
        remote = remote_to(stranger)
        with pytest.raises(RemoteUnavailable, match="cannot prove who it is"):
            remote.put_document(PATH, DOCUMENT, 10.0)
        assert stranger.requests == []
        remote.close()


@pytest.mark.parametrize(("begins", "ends", "said"), [(DAY, 2 * DAY, "not valid yet"), (-2 * DAY, -DAY, "no longer valid")])
def test_a_certificate_of_another_time_tells_of_a_wrong_clock(
    make_server: MakeServer, begins: timedelta, ends: timedelta, said: str
) -> None:
    with Peer(tls=make_server(NOW + begins, NOW + ends)) as later:
        remote = remote_to(later)
        with pytest.raises(RemoteClockWrong, match=said):
            remote.put_document(PATH, DOCUMENT, 10.0)
        assert later.requests == []
        remote.close()
