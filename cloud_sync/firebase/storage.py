"""Objects to and from Firebase Storage, over its own endpoint, where the rules hold (X-Goog-Upload protocol).

A small object goes in one request. A large one goes in pieces within an upload session: a connection that breaks, a call that
ends at its deadline, and a way that was given to something urgent cost the piece that was under way and no more.

Each upload has a path of its own, with a segment made at random. Where the last answer was lost, nobody asks about what may be
there: the object is sent once more, somewhere else. What no document names is swept up by an administrator.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import urllib.parse
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from cloud_sync.firebase.faults import fault_of, is_success
from cloud_sync.firebase.http import Answer
from cloud_sync.firebase.session import Session
from cloud_sync.remote import (
    RemoteError,
    RemoteGarbage,
    RemoteInterrupted,
    RemoteMismatch,
    RemoteRefused,
    RemoteUnavailable,
    RemoteUnfinished,
)

LARGEST_AT_ONCE = 256 << 10
"""Bytes. What is larger is worth a session."""
PIECE = 256 << 10
"""Bytes of a session's piece: the granularity that the server asks for. It passes in half a minute at 64 kbit/s."""
_SESSIONS = 8
_SERVER = "Firebase Storage"
_DROPPED_SESSIONS = (400, 404, 410)
"""What Storage answers where it does not know a session any more, or not as we do: then the object begins anew."""
_REFUSED = 403


@dataclass
class _Upload:
    id: str
    """The segment of the object's path."""
    url: str
    offset: int = 0
    sure: bool = True
    """Whether ``offset`` is what the server has; otherwise it is asked."""


class Storage:
    """One project's bucket. Any number of threads may use it; two must not send the same object at once."""

    def __init__(self, session: Session, base: str, bucket: str, *, piece: int = PIECE, at_once: int = LARGEST_AT_ONCE) -> None:
        self._session = session
        self._objects = f"{base}/b/{urllib.parse.quote(bucket, safe='')}/o"
        self._piece = piece
        self._at_once = at_once
        self._lock = threading.Lock()
        self._uploads: OrderedDict[tuple[str, str], _Upload] = OrderedDict()
        self._lost: set[tuple[str, str]] = set()
        """Objects whose session the server forgot once: a server that always does must not be asked in a tight loop."""

    def put(self, folder: str, part: str, content: bytes, media_type: str, sha256: str, deadline_s: float) -> str:
        """Store ``content`` as ``folder/UPLOAD/part`` with ``sha256`` in its metadata; return UPLOAD, 32 hexadecimal digits.

        It returns once the server named the MD5 and the size of what it holds. UPLOAD is the same in all calls that carry on
        with one session, and otherwise new. Two threads must not send the same object at once.

        Raises `RemoteUnfinished` where the deadline ended it, `RemoteMismatch` where the server holds other bytes than were
        sent, and the other `RemoteError`s.
        """
        if len(content) <= self._at_once:
            upload, answer = self._whole(folder, part, content, media_type, sha256, deadline_s)
        else:
            upload, answer = self._in_pieces(folder, part, content, media_type, sha256, deadline_s)
        _require_same(answer, f"{folder}/{upload}/{part}", content)
        return upload

    def get(self, name: str, offset: int, most: int, deadline_s: float) -> bytes:
        """Return at most ``most`` bytes of an object from ``offset``, none at its end. Raises `RemoteError`."""
        answer = self._session.request(
            "GET",
            f"{self._objects}/{urllib.parse.quote(name, safe='')}?alt=media",
            deadline_s=deadline_s,
            headers={"Range": f"bytes={offset}-{offset + most - 1}"},
        )
        if answer.status == 416:
            return b""
        if answer.status == 404:
            raise RemoteRefused(f"{_SERVER} holds nothing at {name}: was it published?")
        if not is_success(answer):
            raise self._fault(answer, f"fetching {name}")
        return answer.body[:most] if answer.status == 206 else answer.body[offset : offset + most]

    def _whole(
        self, folder: str, part: str, content: bytes, media_type: str, sha256: str, deadline_s: float
    ) -> tuple[str, Answer]:
        """Send the object in one request; once more, elsewhere, where that was refused.

        A connection that broke is replaced and the request repeated (`Http.request`): the object may be there already then, and
        nobody may write over it.
        """
        for _ in range(2):
            upload = _new_upload()
            name = f"{folder}/{upload}/{part}"
            kind, body = _multipart(_metadata(name, media_type, sha256), media_type, content)
            headers = {"X-Goog-Upload-Protocol": "multipart", "Content-Type": kind}
            answer = self._session.request("POST", self._url(name), deadline_s=deadline_s, headers=headers, body=body)
            if answer.status != _REFUSED:
                break
        if not is_success(answer):
            raise self._fault(answer, f"storing {folder}/{part}")
        return upload, answer

    def _in_pieces(
        self, folder: str, part: str, content: bytes, media_type: str, sha256: str, deadline_s: float
    ) -> tuple[str, Answer]:
        key, name = (folder, part), f"{folder}/{part}"
        began = self._offset(key)
        try:
            while True:
                upload = self._open(key, content, media_type, sha256, deadline_s)
                answer = self._send_piece(upload, name, content, deadline_s)
                if answer is not None:
                    self._forget(key)
                    self._lost.discard(key)
                    return upload.id, answer
        except _SessionLost:
            raise self._lose(key, name) from None
        except RemoteInterrupted:
            self._doubt(key)
            raise
        except RemoteUnavailable as error:
            self._doubt(key)
            sent = self._offset(key)
            if sent > began and type(error) is RemoteUnavailable:
                raise RemoteUnfinished(f"{sent} of {len(content)} bytes of {name} are there: {error}") from error
            raise

    def _open(self, key: tuple[str, str], content: bytes, media_type: str, sha256: str, deadline_s: float) -> _Upload:
        """Return the session of this object, begun if there is none, at the place where the server is."""
        with self._lock:
            upload = self._uploads.get(key)
        if upload is None:
            upload = self._begin(key, content, media_type, sha256, deadline_s)
            with self._lock:
                self._uploads[key] = upload
                while len(self._uploads) > _SESSIONS:
                    self._uploads.popitem(last=False)
        if not upload.sure:
            upload.offset = self._ask_offset(upload, "/".join(key), len(content), deadline_s)
            upload.sure = True
        return upload

    def _begin(self, key: tuple[str, str], content: bytes, media_type: str, sha256: str, deadline_s: float) -> _Upload:
        (folder, part), upload = key, _new_upload()
        name = f"{folder}/{upload}/{part}"
        headers = {
            "X-Goog-Upload-Protocol": "resumable",
            "X-Goog-Upload-Command": "start",
            "X-Goog-Upload-Header-Content-Length": str(len(content)),
            "X-Goog-Upload-Header-Content-Type": media_type,
            "Content-Type": "application/json; charset=utf-8",
        }
        body = _metadata(name, media_type, sha256)
        answer = self._session.request("POST", self._url(name), deadline_s=deadline_s, headers=headers, body=body)
        if not is_success(answer):
            raise self._fault(answer, f"beginning to store {name}")
        url = answer.headers.get("x-goog-upload-url", "")
        if not _same_server(url, self._objects):
            raise RemoteGarbage(f"{_SERVER} sends the upload of {name} to another server: is there a broken proxy on the way?")
        return _Upload(upload, url)

    def _send_piece(self, upload: _Upload, name: str, content: bytes, deadline_s: float) -> Answer | None:
        """Send what comes next; return the last answer once all is there, ``None`` before."""
        end = min(upload.offset + self._piece, len(content))
        last = end == len(content)
        headers = {
            "X-Goog-Upload-Command": "upload, finalize" if last else "upload",
            "X-Goog-Upload-Offset": str(upload.offset),
        }
        answer = self._upload(upload, headers, content[upload.offset : end], deadline_s)
        if not is_success(answer):
            raise self._fault(answer, f"storing {name}")
        upload.offset = end
        return answer if last else None

    def _ask_offset(self, upload: _Upload, name: str, size: int, deadline_s: float) -> int:
        """Return how much of the object the server has."""
        answer = self._upload(upload, {"X-Goog-Upload-Command": "query"}, None, deadline_s)
        if answer.headers.get("x-goog-upload-status") in ("final", "cancelled"):
            raise _SessionLost  # one that is final had its answer lost: it is sent again, elsewhere
        if not is_success(answer):
            raise self._fault(answer, f"how much of {name} is there")
        try:
            offset = int(answer.headers["x-goog-upload-size-received"])
        except (KeyError, ValueError) as error:
            raise RemoteGarbage(f"{_SERVER} does not say how much of {name} is there") from error
        if not 0 <= offset <= size:
            raise _SessionLost
        return offset

    def _upload(self, upload: _Upload, headers: Mapping[str, str], body: bytes | None, deadline_s: float) -> Answer:
        answer = self._session.request("POST", upload.url, deadline_s=deadline_s, headers=headers, body=body or b"")
        if answer.status in _DROPPED_SESSIONS:
            raise _SessionLost
        return answer

    def _url(self, name: str) -> str:
        return f"{self._objects}?name={urllib.parse.quote(name, safe='')}"

    def _fault(self, answer: Answer, what: str) -> RemoteError:
        return fault_of(answer, what, _SERVER, self._session.http.skew_s)

    def _offset(self, key: tuple[str, str]) -> int:
        with self._lock:
            return self._uploads[key].offset if key in self._uploads else 0

    def _doubt(self, key: tuple[str, str]) -> None:
        with self._lock:
            if key in self._uploads:
                self._uploads[key].sure = False

    def _lose(self, key: tuple[str, str], name: str) -> RemoteUnavailable:
        self._forget(key)
        if key in self._lost:
            self._lost.discard(key)
            return RemoteUnavailable(f"{_SERVER} has forgotten the upload of {name} again: it begins anew, later")
        self._lost.add(key)
        return RemoteUnfinished(f"{_SERVER} has forgotten the upload of {name}: it begins anew")

    def _forget(self, key: tuple[str, str]) -> None:
        with self._lock:
            self._uploads.pop(key, None)


class _SessionLost(Exception):
    pass


def _multipart(metadata: bytes, media_type: str, content: bytes) -> tuple[str, bytes]:
    """Return the media type and the body of a request that holds both."""
    boundary = secrets.token_hex(16)
    first = f"--{boundary}\r\nContent-Type: application/json; charset=utf-8\r\n\r\n".encode() + metadata
    second = f"\r\n--{boundary}\r\nContent-Type: {media_type}\r\n\r\n".encode() + content
    return f"multipart/related; boundary={boundary}", first + second + f"\r\n--{boundary}--".encode()


def _new_upload() -> str:
    return secrets.token_hex(16)


def _metadata(name: str, media_type: str, sha256: str) -> bytes:
    return json.dumps({"name": name, "contentType": media_type, "metadata": {"sha256": sha256}}).encode()


def _require_same(answer: Answer, name: str, content: bytes) -> None:
    """Compare what the server says that it holds with what was sent. Raises `RemoteMismatch` or `RemoteGarbage`."""
    held = answer.json()
    if not isinstance(held, dict) or not isinstance(held.get("md5Hash"), str):
        raise RemoteGarbage(f"{_SERVER} does not confirm {name}: is there a broken proxy on the way?")
    md5 = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
    if held["md5Hash"] != md5 or str(held.get("size")) != str(len(content)) or held.get("name", name) != name:
        raise RemoteMismatch(
            f"{_SERVER} holds other bytes at {name} than were sent ({held.get('size')} bytes with MD5 {held['md5Hash'][:12]}…, "
            f"sent were {len(content)} with {md5[:12]}…): nothing counts as synced; find out what changes the bytes on the way"
        )


def _same_server(url: str, objects: str) -> bool:
    return urllib.parse.urlsplit(url)[:2] == urllib.parse.urlsplit(objects)[:2]
