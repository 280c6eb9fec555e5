"""Firestore's and Storage's REST interfaces as anybody may call them, with any token or none."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.cloud_sync.firebase.emulators import CALL_DEADLINE_S, DIRECT, Emulators

Token = str | None
Write = dict[str, Any]
OWNER = "owner"
"""The token of a test's own preparations, for which no rules hold."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    """By their names in lower case."""

    @property
    def allowed(self) -> bool:
        """Whether the rules let it pass. Any other trouble is a mistake of the test, and raises."""
        if self.status not in (200, 403, 404):
            raise AssertionError(f"neither allowed nor refused: {self.status} {self.body}")
        return self.status != 403


class Now:
    """Stands for the cloud's own time of a commit."""


NOW = Now()


def encoded(value: Any) -> dict[str, Any]:
    """Return ``value`` as Firestore's REST interface writes it."""
    if value is None:
        return {"nullValue": None}
    if isinstance(value, bool):
        return {"booleanValue": value}
    if isinstance(value, int):
        return {"integerValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, datetime):
        return {"timestampValue": value.astimezone(UTC).isoformat().replace("+00:00", "Z")}
    if isinstance(value, Mapping):
        return {"mapValue": {"fields": {key: encoded(inner) for key, inner in value.items()}}}
    if isinstance(value, Sequence):
        return {"arrayValue": {"values": [encoded(inner) for inner in value]}}
    raise TypeError(type(value))


class Firestore:
    def __init__(self, emulators: Emulators) -> None:
        self._documents = emulators.documents
        self._root = f"http://{emulators.firestore_host}/v1/{emulators.documents}"

    def set(self, path: str, fields: Mapping[str, Any], *, exists: bool | None = None, only: Iterable[str] = ()) -> Write:
        """Return a write; a field that is `NOW` becomes the cloud's time. ``only``: change these fields alone."""
        plain = {key: encoded(value) for key, value in fields.items() if not isinstance(value, Now)}
        write: Write = {"update": {"name": f"{self._documents}/{path}", "fields": plain}}
        stamped = [key for key, value in fields.items() if isinstance(value, Now)]
        if stamped:
            write["updateTransforms"] = [{"fieldPath": key, "setToServerValue": "REQUEST_TIME"} for key in stamped]
        if only:
            write["updateMask"] = {"fieldPaths": [key for key in only if key not in stamped]}
        if exists is not None:
            write["currentDocument"] = {"exists": exists}
        return write

    def create(self, path: str, fields: Mapping[str, Any]) -> Write:
        return self.set(path, fields, exists=False)

    def update(self, path: str, fields: Mapping[str, Any]) -> Write:
        return self.set(path, fields, exists=True, only=list(fields))

    def delete(self, path: str) -> Write:
        return {"delete": f"{self._documents}/{path}"}

    def commit(self, token: Token, *writes: Write) -> Answer:
        return call(f"{self._root}:commit", {"writes": list(writes)}, token=token)

    def get(self, token: Token, path: str) -> Answer:
        return call(f"{self._root}/{path}", token=token)

    def list(self, token: Token, collection: str, **equal: Any) -> Answer:
        """Ask for a collection, or for those documents of it whose fields have these values."""
        parent, _, name = collection.rpartition("/")
        return self.query(token, parent, {"from": [{"collectionId": name}], **where(equal)})

    def query(self, token: Token, parent: str, query: Mapping[str, Any]) -> Answer:
        return call(f"{self._root}{'/' if parent else ''}{parent}:runQuery", {"structuredQuery": query}, token=token)

    def count(self, token: Token, parent: str, collection: str) -> Answer:
        """Ask how many documents there are, without asking for one."""
        counted = {"structuredQuery": {"from": [{"collectionId": collection}]}, "aggregations": [{"alias": "n", "count": {}}]}
        return call(f"{self._root}/{parent}:runAggregationQuery", {"structuredAggregationQuery": counted}, token=token)

    def prepare(self, *writes: Write) -> None:
        """Write as an administrator's tool."""
        answer = self.commit(OWNER, *writes)
        assert answer.status == 200, answer


def where(equal: Mapping[str, Any]) -> dict[str, Any]:
    filters = [{"fieldFilter": {"field": {"fieldPath": key}, "op": "EQUAL", "value": encoded(equal[key])}} for key in equal]
    return {"where": {"compositeFilter": {"op": "AND", "filters": filters}}} if filters else {}


class Storage:
    def __init__(self, emulators: Emulators) -> None:
        self._root = f"http://{emulators.storage_host}/v0/b/{emulators.bucket}/o"

    def upload(
        self,
        token: Token,
        path: str,
        content: bytes,
        metadata: Mapping[str, str] | None = None,
        media_type: str = "application/x-npz",
    ) -> Answer:
        described = json.dumps({"name": path, "contentType": media_type, "metadata": metadata or {}}).encode()
        parts = [
            b"Content-Type: application/json\r\n\r\n" + described,
            b"Content-Type: %s\r\n\r\n" % media_type.encode() + content,
        ]
        body = b"".join(b"--split\r\n" + part + b"\r\n" for part in parts) + b"--split--"
        headers = {"Content-Type": "multipart/related; boundary=split", "X-Goog-Upload-Protocol": "multipart"}
        return call(f"{self._root}?name={quoted(path)}", body, token=token, headers=headers)

    def in_session(self, token: Token, path: str, content: bytes, metadata: Mapping[str, str]) -> Answer:
        """Upload in a session: begin it, then send all in one piece; return the first refusal, or the last answer."""
        described = {"name": path, "contentType": "application/x-npz", "metadata": dict(metadata)}
        start = {"X-Goog-Upload-Protocol": "resumable", "X-Goog-Upload-Command": "start"}
        url = f"{self._root}?name={quoted(path)}"
        begun = call(url, described, token=token, headers=start)
        if begun.status != 200:
            return begun
        piece = {"X-Goog-Upload-Command": "upload, finalize", "X-Goog-Upload-Offset": "0"}
        return call(begun.headers["x-goog-upload-url"], content, token=token, headers=piece)

    def describe(self, token: Token, path: str) -> Answer:
        return call(f"{self._root}/{quoted(path)}", token=token)

    def download(self, token: Token, path: str) -> Answer:
        return call(f"{self._root}/{quoted(path)}?alt=media", token=token)

    def list(self, token: Token, folder: str) -> Answer:
        return call(f"{self._root}?prefix={quoted(folder)}&delimiter=/", token=token)

    def relabel(self, token: Token, path: str, changes: Mapping[str, Any]) -> Answer:
        return call(f"{self._root}/{quoted(path)}", dict(changes), token=token, method="PATCH")

    def delete(self, token: Token, path: str) -> Answer:
        return call(f"{self._root}/{quoted(path)}", token=token, method="DELETE")


def quoted(path: str) -> str:
    return urllib.parse.quote(path, safe="")


def call(
    url: str,
    body: Mapping[str, Any] | bytes | None = None,
    *,
    token: Token,
    method: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send one request, straight to this machine whatever proxy the environment names."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method or ("GET" if data is None else "POST"))
    for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
        request.add_header(name, value)
    if token is not None:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with DIRECT.open(request, timeout=CALL_DEADLINE_S) as answer:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(answer.status, parsed(answer.read()), headers)
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, parsed(error.read()))


def parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content
