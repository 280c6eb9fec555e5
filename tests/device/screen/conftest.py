"""A server on a free port, a browser where there is one, and a plain HTTP client that sends what no browser would."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from device.screen.server import ScreenServer
from tools.screenshots import open_tab

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Talks to a server like a browser of its own page, unless told otherwise."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, None, headers)

    def post(self, path: str, message: object, **headers: str) -> Answer:
        own = {"Origin": f"http://127.0.0.1:{self.port}", "Content-Type": "application/json"}
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return self.send("POST", path, body, own | headers)

    def send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        """An empty header is left out."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items() if value}
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()


class Stream:
    """One connection to the server's events."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
        self._connection.request("GET", "/events")
        self._response = self._connection.getresponse()

    def next(self) -> dict[str, Any]:
        """Return the next view; pings are passed over."""
        kind = ""
        while line := self._response.readline():
            if line.startswith(b"event: "):
                kind = line[7:].strip().decode()
            if line.startswith(b"data: ") and kind == "view":
                view: dict[str, Any] = json.loads(line[6:])
                return view
        raise EOFError("the server has ended the stream")

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while not wanted(view := self.next()):
            pass
        return view

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def server() -> Iterator[ScreenServer]:
    server = ScreenServer(0)
    yield server
    server.close()


@pytest.fixture
def client(server: ScreenServer) -> Client:
    return Client(server.port)


@pytest.fixture
def stream(server: ScreenServer) -> Iterator[Stream]:
    stream = Stream(server.port)
    yield stream
    stream.close()


@pytest.fixture
def tab(browser: Browser, server: ScreenServer) -> Iterator[Tab]:
    """A small kiosk that shows the server's page."""
    tab = open_tab(browser, server.url, (800, 480))
    tab.wait_for_selector("body[data-page=rest]")
    yield tab
    tab.context.close()
