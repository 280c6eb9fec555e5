"""One record on its way: opened, sent part by part, and compared with what the remote says that it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from cloud_sync.deadline import DeadlineCaller
from cloud_sync.paths import BadPath, document_path, object_path
from cloud_sync.remote import Confirmation, Remote, RemoteError, RemoteGarbage, RemoteMismatch, RemoteUnfinished
from device.store.errors import SealBroken
from device.store.outbox import Leased
from device.store.sealing import DOCUMENT, OpenedRecord, RecordOpener

T = TypeVar("T")

GRACE_S = 5.0
"""How much longer than its own deadline a call may take before the remote counts as stuck."""


class Unreadable(ValueError):
    """The record in the store cannot be opened or is no record; the remote has nothing to do with it."""


class ForeignRecord(Unreadable):
    """It names another site or kiosk than the one that brought it."""


@dataclass(frozen=True)
class Outgoing:
    """A record in clear, with the places where it goes."""

    id: str
    document_path: str
    document: bytes
    document_sha256: str
    parts: tuple[OutgoingPart, ...]
    fields: Mapping[str, Any]
    """The document, parsed."""


@dataclass(frozen=True)
class OutgoingPart:
    name: str
    path: str
    content: bytes
    media_type: str
    sha256: str


def open_outgoing(opener: RecordOpener, leased: Leased) -> Outgoing:
    """Open a record for its way to the cloud. Raises `Unreadable`."""
    record = _open(opener, leased)
    own = {part.name: part.sha256 for part in leased.parts}
    site = _site_of(record)
    try:
        parts = tuple(
            OutgoingPart(name, object_path(site, leased.id, name), part.content, part.media_type, own[name])
            for name, part in record.parts.items()
            if name != DOCUMENT
        )
        path = document_path(site, leased.id)
    except BadPath as error:
        raise Unreadable(str(error)) from error
    return Outgoing(leased.id, path, record.parts[DOCUMENT].content, leased.document_sha256, parts, record.document)


class Uploader:
    """Sends records to one remote, one at a time, every call with a deadline."""

    def __init__(self, remote: Remote, opener: RecordOpener, call_deadline_s: float, grace_s: float = GRACE_S) -> None:
        self._remote = remote
        self._opener = opener
        self._call_deadline_s = call_deadline_s
        self._grace_s = grace_s
        self._caller = DeadlineCaller()
        self.last_document: Mapping[str, Any] = {}
        """Of the record that was opened last."""

    @property
    def longest_call_s(self) -> float:
        return self._call_deadline_s + self._grace_s

    def upload(self, leased: Leased, origin: tuple[str, str] | None = None) -> str:
        """Send a record and return the hash of its document as the remote confirms it.

        The document goes last: who sees it in the cloud finds all its files there. May be repeated at any time, because the
        remote keeps what it has. ``origin``: the site and the kiosk that brought it; a record that names another one is not
        sent. Raises `RemoteError`, `Unreadable` and, of its kind, `ForeignRecord`.
        """
        record = open_outgoing(self._opener, leased)
        self.last_document = record.fields
        if origin is not None and (record.fields["site"], record.fields.get("kiosk", origin[1])) != origin:
            raise ForeignRecord(
                f"record {leased.id} names another site or kiosk than {'/'.join(origin)}, which brought it: nothing of it was "
                "sent; find out who wrote it"
            )
        for part in record.parts:
            put = partial(self._remote.put_object, part.path, part.content, part.media_type, self._call_deadline_s)
            require_same(self._finished(f"storing {part.name}", put), part.path, part.sha256)
        store = partial(self._remote.put_document, record.document_path, record.document, self._call_deadline_s)
        confirmed = self.call("storing a document", store)
        require_same(confirmed, record.document_path, record.document_sha256)
        return confirmed.sha256

    def _finished(self, what: str, call: Callable[[], T]) -> T:
        """Make a call again as long as each one brings some of a large file there."""
        while True:
            try:
                return self.call(what, call)
            except RemoteUnfinished:
                continue

    def call(self, what: str, call: Callable[[], T]) -> T:
        """Return what ``call`` returns. Raises `RemoteError`: whatever else the remote's client raises is garbage to us."""
        try:
            return self._caller.call(what, call, self.longest_call_s)
        except Exception as error:
            raise as_remote_error(error, what) from error

    def close(self) -> None:
        self._caller.close()


def as_remote_error(error: Exception, what: str) -> RemoteError:
    """Return ``error`` as what it is to us: whatever a remote's client raises beside `RemoteError` is garbage."""
    if isinstance(error, RemoteError):
        return error
    return RemoteGarbage(f"the remote's client failed at {what} with {type(error).__name__}: {error}")


def require_same(confirmed: Confirmation, path: str, sha256: str) -> None:
    """Raise `RemoteMismatch` unless the remote confirms these bytes at this place."""
    if (confirmed.path, confirmed.sha256) != (path, sha256):
        raise RemoteMismatch(
            f"sent was {path} with hash {sha256[:12]}…, the remote confirms {confirmed.path} with {confirmed.sha256[:12]}…: "
            "nothing counts as synced; find out what changes the bytes on the way"
        )


def _open(opener: RecordOpener, leased: Leased) -> OpenedRecord:
    try:
        return opener.open(leased.id, leased.parts)
    except SealBroken as error:
        raise Unreadable(str(error)) from error
    except (LookupError, TypeError, ValueError) as error:  # it opens, but is no record: one of them must not stop all
        raise Unreadable(f"record {leased.id} is none ({type(error).__name__}: {error})") from error


def _site_of(record: OpenedRecord) -> str:
    site = record.document.get("site")
    if not isinstance(site, str):
        raise Unreadable("the record names no site")
    return site
