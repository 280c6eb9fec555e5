"""A server that misbehaves on purpose, on real sockets: it plays Firebase Auth, Firestore and Storage as a test wants."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from types import TracebackType
from typing import Any, TypeAlias

from cloud_sync.firebase.endpoints import Endpoints
from tests.cloud_sync.firebase.emulators import unsigned

CLAIMS = {"role": "kiosk", "site": "home", "kiosk": "kiosk-1"}


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    connection: int = 0

    @property
    def command(self) -> str:
        """What the upload protocol asks for."""
        return self.headers.get("x-goog-upload-command", "")


Behaviour: TypeAlias = Callable[[Request, socket.socket], bytes | None]
"""Returns what to send back; ``None``: it has dealt with the connection itself, which is then closed."""


def answer(status: int, body: object = None, headers: Mapping[str, str] | None = None, *, wall: float | None = None) -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body if body is not None else {}).encode()
    lines = [
        f"HTTP/1.1 {status} Whatever",
        f"Date: {formatdate(time.time() if wall is None else wall, usegmt=True)}",
        f"Content-Length: {len(content)}",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def says(status: int, body: object = None, **headers: str) -> Behaviour:
    return lambda request, connection: answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


def google(status: int, word: str, message: str = "so it is") -> dict[str, Any]:
    """Return an error as Google's servers word it."""
    return {"error": {"code": status, "status": word, "message": message}}


def hang(request: Request, connection: socket.socket) -> None:
    """Take the request and never answer."""
    with suppress(OSError):
        connection.settimeout(30.0)
        connection.recv(1)


def dribble(request: Request, connection: socket.socket) -> None:
    """Answer one byte at a time, each soon enough for a time-out that counts from byte to byte."""
    with suppress(OSError):
        for byte in answer(200, {"writeResults": [{}] * 3, "padding": "x" * 2000}):
            connection.sendall(bytes([byte]))
            time.sleep(0.05)


def disconnect(request: Request, connection: socket.socket) -> None:
    """Close without an answer."""


def stored(request: Request, connection: socket.socket) -> bytes:
    """Store an object that came in one request, and confirm it as Storage does."""
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    content = request.body.split(b"--" + boundary)[2].partition(b"\r\n\r\n")[2][:-2]
    return answer(200, confirmation(content))


def confirmation(content: bytes) -> dict[str, str]:
    return {"md5Hash": base64.b64encode(hashlib.md5(content).digest()).decode(), "size": str(len(content))}


def committed(request: Request, connection: socket.socket) -> bytes:
    return answer(200, {"writeResults": [{} for _ in json.loads(request.body)["writes"]]})


def token(**claims: object) -> str:
    return unsigned({**CLAIMS, **claims, "iat": int(time.time())})


def fresh_token(request: Request, connection: socket.socket) -> bytes:
    return answer(200, {"id_token": token(jti=time.monotonic_ns()), "refresh_token": "refresh", "expires_in": "3600"})


@dataclass
class Peer:
    """Listens until it is closed. What a test scripts is used up in order; then everything is answered as it should be."""

    requests: list[Request] = field(default_factory=list)
    tokens: list[Behaviour] = field(default_factory=list)
    """For requests of tokens."""
    script: list[Behaviour] = field(default_factory=list)
    """For all others."""
    usual: Behaviour = committed
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._lock = threading.Lock()
        self._connections: list[socket.socket] = []
        self.cut_body_at: int | None = None
        """Close a connection once so many bytes of a body came, once."""
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def endpoints(self) -> Endpoints:
        base = f"{'http' if self.tls is None else 'https'}://127.0.0.1:{self.port}"
        return Endpoints(f"{base}/auth/accounts", f"{base}/auth/token", f"{base}/firestore/v1", f"{base}/storage/v0")

    def asked(self, part: str) -> list[Request]:
        """Return the requests whose address contains ``part``."""
        return [request for request in self.requests if part in request.target]

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)  # closing alone would leave `accept` waiting for one more
        self._server.close()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection, len(self._connections)), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        if self.tls is not None:
            try:
                connection = self.tls.wrap_socket(connection, server_side=True)
            except OSError:  # whoever called does not trust us
                connection.close()
                return
        with connection, suppress(OSError, ValueError), connection.makefile("rb") as file:
            while (request := self._read(file, number)) is not None:
                with self._lock:
                    self.requests.append(request)
                    of_tokens = "/auth/" in request.target or "securetoken" in request.target
                    scripted, usual = (self.tokens, fresh_token) if of_tokens else (self.script, self.usual)
                    behaviour = scripted.pop(0) if scripted else usual
                sent = behaviour(request, connection)
                if sent is None:
                    connection.shutdown(socket.SHUT_RDWR)
                    return
                connection.sendall(sent)

    def _read(self, file: Any, number: int) -> Request | None:
        first = file.readline().decode().split()
        if len(first) != 3:
            return None
        headers = {}
        while line := file.readline().decode().strip():
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        size = int(headers.get("content-length", "0"))
        if self.cut_body_at is not None and size > self.cut_body_at:
            file.read(self.cut_body_at)
            self.cut_body_at = None
            raise OSError("cut on purpose")
        body = file.read(size)
        if len(body) < size:
            raise OSError("the other end broke off")
        return Request(first[0], first[1], headers, body, number)
