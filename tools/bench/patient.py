"""Somebody at a running kiosk, over HTTP: taps on the bench page, reads the screen's events, touches the screen."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from typing import Any

ANSWERS: dict[str, dict[str, Any]] = {
    "new_card": {"say": "agree", "value": {"training": False}},
    "choose_pin": {"say": "pin", "value": ""},
    "prepare": {"say": "start_now"},
}
SILENCE_S = 30.0
"""A kiosk that sends nothing for so long has stopped; its screen sends signs of life."""


class VisitEnded(Exception):
    """The visit ended on another page than the result."""


class Patient:
    """Agrees, wants no PIN, starts now."""

    def __init__(self, port: int) -> None:
        """``port`` of the screen of a kiosk that was started with its bench page."""
        self._port = port

    def visit(self, card: str = "04A3C6CAE26180", timeout_s: float = 60.0) -> dict[str, Any]:
        """Make one visit and return the data of the result page; the card is taken away after it.

        Raises `VisitEnded`, `TimeoutError`, or an `OSError` or `http.client.HTTPException` when the kiosk dies meanwhile.
        """
        end_s = time.monotonic() + timeout_s
        self.bench({"act": "pull"})
        answered, tapped = "", False
        for view in self._views(end_s):
            page = view["page"]
            if not tapped:
                if page in ("rest", "sorry", "result"):
                    tapped = page == "rest"
                    self.bench({"act": "tap", "uid": card, "beside": False} if tapped else {"act": "pull"})
            elif page == "result":
                self.bench({"act": "pull"})
                data: dict[str, Any] = view["data"]
                return data
            elif page == "sorry":
                self.bench({"act": "pull"})
                raise VisitEnded(view["data"]["reason"])
            elif page != answered and page in ANSWERS:
                self._post("/touch", {"session": view["session"], "sequence": view["sequence"], **ANSWERS[page]})
            answered = page
        raise ConnectionError("the screen's event stream ended")

    def bench(self, message: dict[str, Any]) -> None:
        """Pull one of the levers of the bench page."""
        self._post("/bench/act", message)

    def _views(self, end_s: float) -> Iterator[dict[str, Any]]:
        """Yield what the screen shows; raises `TimeoutError` after ``end_s``, also where it shows nothing new."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=SILENCE_S)
        try:
            connection.request("GET", "/events")
            for line in connection.getresponse():
                if time.monotonic() > end_s:
                    raise TimeoutError("no result in time; the kiosk is alive, but its screen does not come to an end")
                if line.startswith(b"data:") and (view := json.loads(line[5:])):  # a sign of life is empty
                    yield view
        finally:
            connection.close()

    def _post(self, path: str, message: dict[str, Any]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=SILENCE_S)
        try:
            headers = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{self._port}"}
            connection.request("POST", path, json.dumps(message), headers)
            answer = connection.getresponse()
            if answer.status >= 400:
                raise VisitEnded(f"{path} answered {answer.status}: {answer.read().decode(errors='replace')}")
        finally:
            connection.close()
