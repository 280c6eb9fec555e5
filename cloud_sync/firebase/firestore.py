"""What a kiosk asks of Firestore, over REST: commits, and its own commands."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from cloud_sync.firebase.faults import fault_of, is_success, status_of
from cloud_sync.firebase.http import Answer
from cloud_sync.firebase.session import Session
from cloud_sync.firebase.values import decode_fields, encode_fields
from cloud_sync.remote import RemoteGarbage, RemoteRefused

Write: TypeAlias = dict[str, Any]
_SERVER = "Firestore"
_MOST_COMMANDS = 20


class AlreadyExists(Exception):
    """Something is at that path already, so the commit changed nothing."""


class Firestore:
    """One project's database. Any number of threads may use it."""

    def __init__(self, session: Session, base: str, project: str) -> None:
        self._session = session
        self._root = f"projects/{project}/databases/(default)/documents"
        self._base = f"{base}/{urllib.parse.quote(self._root, safe='/()')}"

    def create(self, path: str, fields: Mapping[str, object], *, time_field: str) -> Write:
        """Return the write that creates the document at ``path``, with the server's time in ``time_field``."""
        return {
            "update": {"name": f"{self._root}/{path}", "fields": encode_fields(fields)},
            "currentDocument": {"exists": False},
            "updateTransforms": [_now(time_field)],
        }

    def set(self, path: str, fields: Mapping[str, object], *, time_field: str) -> Write:
        """Return the write that puts a document at ``path``, whatever was there."""
        return {
            "update": {"name": f"{self._root}/{path}", "fields": encode_fields(fields)},
            "updateTransforms": [_now(time_field)],
        }

    def update(self, path: str, fields: Mapping[str, object], *, time_field: str | None = None) -> Write:
        """Return the write that changes these fields of the document at ``path``, which must exist."""
        write: Write = {
            "update": {"name": f"{self._root}/{path}", "fields": encode_fields(fields)},
            "updateMask": {"fieldPaths": list(fields)},
            "currentDocument": {"exists": True},
        }
        return write if time_field is None else {**write, "updateTransforms": [_now(time_field)]}

    def commit(self, writes: Sequence[Write], what: str, deadline_s: float) -> None:
        """Make all of the changes, or none. Raises `AlreadyExists` and `RemoteError`. ``what``: for the message."""
        answer = self._post(f"{self._base}:commit", {"writes": list(writes)}, deadline_s)
        if not is_success(answer):
            if answer.status == 409 and status_of(answer) == "ALREADY_EXISTS":
                raise AlreadyExists
            raise fault_of(answer, what, _SERVER, self._session.http.skew_s)
        body = answer.json()
        results = body.get("writeResults") if isinstance(body, dict) else None
        if not isinstance(results, list) or len(results) != len(writes):
            raise RemoteGarbage(f"Firestore's answer to {what} confirms nothing: is there a broken proxy on the way?")

    def queued(self, path: str, deadline_s: float) -> list[tuple[str, dict[str, Any]]]:
        """Return (id, fields) of the commands below the document at ``path`` that have waited longest for an answer.

        Of many the oldest: newer settings must not be overtaken by older ones.
        """
        query = {
            "structuredQuery": {
                "from": [{"collectionId": "commands"}],
                "where": {"fieldFilter": {"field": {"fieldPath": "state"}, "op": "EQUAL", "value": {"stringValue": "queued"}}},
                "orderBy": [{"field": {"fieldPath": "queued_at"}, "direction": "ASCENDING"}],
                "limit": _MOST_COMMANDS,
            }
        }
        answer = self._post(f"{self._base}/{urllib.parse.quote(path)}:runQuery", query, deadline_s)
        if not is_success(answer):
            raise fault_of(answer, "the list of commands", _SERVER, self._session.http.skew_s)
        rows = answer.json()
        if not isinstance(rows, list):
            raise RemoteGarbage("Firestore's list of commands is no list: is there a broken proxy on the way?")
        return [_document(row["document"]) for row in rows if isinstance(row, dict) and "document" in row]

    def get(self, path: str, what: str, deadline_s: float) -> dict[str, Any]:
        """Return the fields of the document at ``path``. Raises `RemoteError`."""
        found = self.find(path, what, deadline_s)
        if found is None:
            raise RemoteRefused(f"Firestore has no document at {path}: {what} is gone")
        return found

    def find(self, path: str, what: str, deadline_s: float) -> dict[str, Any] | None:
        """Return the fields of the document at ``path``, ``None`` where there is none. Raises `RemoteError`."""
        answer = self._session.request("GET", f"{self._base}/{urllib.parse.quote(path)}", deadline_s=deadline_s)
        if answer.status == 404 and status_of(answer) == "NOT_FOUND":
            return None
        if not is_success(answer):
            raise fault_of(answer, what, _SERVER, self._session.http.skew_s)
        return _document(answer.json())[1]

    def _post(self, url: str, body: Mapping[str, Any], deadline_s: float) -> Answer:
        return self._session.request(
            "POST",
            url,
            deadline_s=deadline_s,
            headers={"Content-Type": "application/json"},
            body=json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode(),
        )


def _now(field: str) -> dict[str, str]:
    return {"fieldPath": field, "setToServerValue": "REQUEST_TIME"}


def _document(document: object) -> tuple[str, dict[str, Any]]:
    if not isinstance(document, dict):
        raise RemoteGarbage("Firestore sent a document that is none")
    try:
        return str(document["name"]).rpartition("/")[2], decode_fields(document.get("fields", {}))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise RemoteGarbage(f"Firestore sent a document that is none ({type(error).__name__})") from error
