"""Speaks to the server as the portal's page does, without a browser."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any

from cloud_sync.local.accounts import first_sign_in
from tests.cloud_sync.local.conftest import Served
from tests.cloud_sync.samples import record_id


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def fault(self) -> tuple[int, str]:
        return self.status, self.json["fault"]


class Client:
    """Keeps a cookie, and sends what the page would send."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.host = served.url.removeprefix("http://")
        self.cookie: str | None = None

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, None, headers)

    def post(self, path: str, body: object = None, **headers: str) -> Answer:
        own = {"Content-Type": "application/json", "Origin": self.served.url, "Sec-Fetch-Site": "same-origin"}
        return self.ask("POST", path, json.dumps(body if body is not None else {}).encode(), own | headers)

    def ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        connection = http.client.HTTPConnection(self.host, timeout=30.0)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            sent["Cookie"] = self.cookie
        connection.request(method, path, body, sent)
        answer = Answer(connection.getresponse())
        connection.close()
        if cookie := answer.headers.get("Set-Cookie"):
            self.cookie = cookie.partition(";")[0]
        return answer

    def sign_in(self, name: str = "doctor", passphrase: str | None = None) -> Answer:
        if passphrase is None:
            kept = first_sign_in(self.served.folder, name)
            assert kept is not None
            passphrase = kept.passphrase
        return self.post("/api/sign-in", {"name": name, "passphrase": passphrase})

    def open(self, number: int, site: str = "home") -> Answer:
        return self.post(f"{path_of(number, site)}/open")

    def review(self, number: int, **changes: object) -> Answer:
        """Sign a review of a record that was opened before."""
        body = {"record_sha256": self.get(path_of(number)).json.get("sha256", ""), "verdict": "agree", "note": "", **changes}
        return self.post(f"{path_of(number)}/reviews", body)


def path_of(number: int, site: str = "home") -> str:
    return f"/api/records/{site}/{record_id(number)}"


def signed_in(served: Served, name: str = "doctor", passphrase: str | None = None) -> Client:
    client = Client(served)
    answer = client.sign_in(name, passphrase)
    assert answer.status == 200, answer.body
    return client
