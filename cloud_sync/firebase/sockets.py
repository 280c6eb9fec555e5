"""Connections that keep one deadline for everything: connecting, the TLS handshake, sending, and each byte of the answer.

A time-out of a public HTTP library holds for one operation on the socket; a server that sends a byte a second never meets it.
Here each operation gets what is left of the thread's deadline. (A TLS record that dribbles in is one operation to Python, which
counts its time as a whole.)
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_SEND_BUFFER = 64 << 10
"""Bytes. What lies in the kernel cannot be taken back when something more urgent comes, so it must not be much."""
_SHORTEST_S = 0.001
_local = threading.local()


@contextmanager
def within(deadline_s: float) -> Iterator[None]:
    """Let every operation of this thread on a connection of this module end at ``deadline_s`` (`time.monotonic`).

    They raise `TimeoutError` then.
    """
    before: float | None = getattr(_local, "deadline_s", None)
    _local.deadline_s, _local.socket = deadline_s, None
    try:
        yield
    finally:
        _local.deadline_s = before


def drop() -> None:
    """Let the connection that this thread used last end without sending what is left in its buffer."""
    used: socket.socket | None = getattr(_local, "socket", None)
    if used is not None and used.fileno() >= 0:
        used.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def left_s() -> float | None:
    """Return how much of this thread's deadline is left, ``None`` without one. Raises `TimeoutError` where nothing is."""
    deadline_s: float | None = getattr(_local, "deadline_s", None)
    if deadline_s is None:
        return None
    left = deadline_s - time.monotonic()
    if left <= 0:
        raise TimeoutError("the deadline is over")
    return max(left, _SHORTEST_S)


class _PlainSocket(socket.socket):
    def recv_into(self, *arguments: Any) -> int:
        self.settimeout(left_s())
        return super().recv_into(*arguments)

    def sendall(self, *arguments: Any) -> None:
        self.settimeout(left_s())
        _local.socket = self
        super().sendall(*arguments)


class _TlsSocket(ssl.SSLSocket):
    def do_handshake(self, block: bool = False) -> None:
        self.settimeout(left_s())
        super().do_handshake(block)

    def recv_into(self, *arguments: Any) -> int:
        self.settimeout(left_s())
        return super().recv_into(*arguments)

    def send(self, *arguments: Any) -> int:
        self.settimeout(left_s())
        _local.socket = self
        return super().send(*arguments)


def tls_context() -> ssl.SSLContext:
    """Return a context that trusts whom the system trusts."""
    context = ssl.create_default_context()
    context.sslsocket_class = _TlsSocket
    return context


def _connect(host: str, port: int) -> socket.socket:
    """Return a connection to the first address that answers. Raises `OSError`.

    Asking for the addresses has no deadline of its own (getaddrinfo(3) knows none): who calls from a thread of a
    `DeadlineCaller` gets out of it nevertheless.
    """
    fault: OSError = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        opened = _PlainSocket(family, kind, protocol)
        try:
            opened.settimeout(left_s())
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
            opened.connect(address)
        except OSError as error:
            opened.close()
            fault = error
        else:
            return opened
    raise fault


class _PlainConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self._dns_host, self.port)


class _TlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self._dns_host, self.port)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


def pool_manager(proxy: str | None, connections: int) -> urllib3.PoolManager:
    """Return a manager of connections, kept for reuse, at most ``connections`` to each host; through ``proxy``, if any."""
    options: dict[str, Any] = {"maxsize": connections, "block": False, "ssl_context": tls_context(), "retries": False}
    if proxy is None:
        manager = urllib3.PoolManager(**options)
    else:
        user = urllib3.util.parse_url(proxy).auth
        headers = urllib3.make_headers(proxy_basic_auth=user) if user else None
        manager = urllib3.ProxyManager(proxy, proxy_headers=headers, proxy_ssl_context=tls_context(), **options)
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}
    return manager
