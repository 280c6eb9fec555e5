"""One HTTP request with one deadline, at the pace that is allowed, told apart by what can go wrong on the way."""

from __future__ import annotations

import json
import ssl
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError, ProtocolError, ProxyError, SSLError

from cloud_sync.firebase.sockets import drop, pool_manager, within
from cloud_sync.pace import GivenWay, Pace
from cloud_sync.remote import RemoteClockWrong, RemoteGarbage, RemoteInterrupted, RemoteUnavailable
from device.process.moment import Timekeeper

LARGEST_ANSWER = 16 << 20
"""Bytes. Nothing that is asked for has more in one answer."""
_CLOCK_FAULTS = {9: "not valid yet", 10: "no longer valid"}
"""OpenSSL's verify codes X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON. Raises `RemoteGarbage`."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            begin = self.body[:60].decode("utf-8", "replace")
            raise RemoteGarbage(
                f"the answer ({self.status}) is no JSON but begins with {begin!r}: is there a sign-in page or a broken proxy "
                "in this network?"
            ) from error


class Http:
    """Makes requests from any number of threads. Counts what leaves and what comes."""

    def __init__(self, timekeeper: Timekeeper, pace: Pace, connections: int = 1) -> None:
        self._timekeeper = timekeeper
        self._pace = pace
        self._connections = connections
        self._lock = threading.Lock()
        self._managers: dict[str | None, urllib3.PoolManager] = {}
        self.sent_bytes = self.received_bytes = 0
        """Of bodies."""
        self.skew_s: float | None = None
        """How far the clock here is ahead of the last server that answered; ``None`` until one did."""

    def deadline(self, timeout_s: float) -> float:
        """Return the point on the monotonic clock at which a call that may take ``timeout_s`` ends."""
        return self._timekeeper.monotonic() + timeout_s

    def left_s(self, deadline_s: float) -> float:
        return deadline_s - self._timekeeper.monotonic()

    def request(
        self, method: str, url: str, *, deadline_s: float, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """Return the answer, whatever its status. Raises `RemoteUnavailable` or one of its kinds, or `RemoteGarbage`.

        A connection that the other end had closed meanwhile is replaced once; every request here may be repeated.
        """
        try:
            with within(time.monotonic() + self.left_s(deadline_s)):
                try:
                    return self._request(method, url, headers or {}, body)
                except ProtocolError:
                    return self._request(method, url, headers or {}, body)
        except GivenWay as error:
            drop()
            raise RemoteInterrupted("something more urgent goes first") from error
        except (HTTPError, TimeoutError, OSError) as error:
            raise self._fault(error, url) from error

    def close(self) -> None:
        for manager in self._managers.values():
            manager.clear()

    def _request(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        size = {"Content-Length": str(len(body))} if body is not None else {}
        response = self._manager(url).request(
            method,
            url,
            body=self._pieces(body) if body else body,
            headers={"User-Agent": "firstlight", **headers, **size},
            redirect=False,
            preload_content=False,
        )
        try:
            content = b"".join(self._read(response))
        except BaseException:
            response.close()
            raise
        response.release_conn()
        answer = Answer(response.status, {name.lower(): value for name, value in response.headers.items()}, content)
        self._note_time(answer)
        return answer

    def _read(self, response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        size = 0
        while piece := response.read(64 << 10):
            size += len(piece)
            if size > LARGEST_ANSWER:
                raise RemoteGarbage(f"the answer has more than {LARGEST_ANSWER} bytes: nothing that was asked for has")
            yield piece
        with self._lock:
            self.received_bytes += size

    def _pieces(self, body: bytes) -> Iterator[bytes]:
        step = self._pace.piece_bytes
        for start in range(0, len(body), step):
            piece = body[start : start + step]
            self._pace.take(len(piece))
            with self._lock:
                self.sent_bytes += len(piece)
            yield piece

    def _manager(self, url: str) -> urllib3.PoolManager:
        proxy = _proxy_for(url)
        with self._lock:
            if proxy not in self._managers:
                self._managers[proxy] = pool_manager(proxy, self._connections)
            return self._managers[proxy]

    def _note_time(self, answer: Answer) -> None:
        try:
            there = parsedate_to_datetime(answer.headers["date"])
        except (KeyError, ValueError, TypeError):
            return
        if there.tzinfo is not None:
            self.skew_s = (self._timekeeper.now().wall - there.astimezone(UTC)).total_seconds()

    def _fault(self, error: Exception, url: str) -> Exception:
        if isinstance(error, RemoteUnavailable | RemoteGarbage):
            return error
        host, cause = urllib.parse.urlsplit(url).netloc, _cause(error)
        if isinstance(cause, ssl.SSLCertVerificationError):
            if cause.verify_code in _CLOCK_FAULTS:
                now = self._timekeeper.now().wall.astimezone(UTC)
                return RemoteClockWrong(
                    f"by the clock here ({now:%Y-%m-%d %H:%M} UTC) the certificate of {host} is "
                    f"{_CLOCK_FAULTS[cause.verify_code]}: set the clock, or let it be set from the network"
                )
            return RemoteUnavailable(
                f"{host} cannot prove who it is ({cause.verify_message}): is there a proxy that opens connections? "
                "Then this machine must trust its certificate"
            )
        if isinstance(error, ProxyError):
            return RemoteUnavailable(f"the proxy on the way to {host} does not serve ({cause}): check HTTPS_PROXY")
        if isinstance(cause, TimeoutError):
            return RemoteUnavailable(f"{host} did not answer in time: check the network")
        return RemoteUnavailable(f"{host} cannot be reached ({cause}): check the network")


def _cause(error: BaseException) -> BaseException:
    """Return the innermost fault, which says most."""
    while True:
        inner = error.__cause__ or error.__context__
        if inner is None and isinstance(error, ProtocolError | SSLError | NewConnectionError) and len(error.args) > 1:
            inner = error.args[1] if isinstance(error.args[1], BaseException) else None
        if inner is None or isinstance(inner, KeyError):
            return error
        error = inner


def _proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for ``url`` (HTTP_PROXY, HTTPS_PROXY, NO_PROXY), if any."""
    parts = urllib.parse.urlsplit(url)
    proxies = urllib.request.getproxies_environment()
    if urllib.request.proxy_bypass(parts.netloc):
        return None
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"
