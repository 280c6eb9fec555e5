"""Several records on their way at once, to a remote that is far away: their files side by side, their documents together.

Each record keeps what `Uploader` promises: its document goes once the remote has confirmed all of its files, and it counts once
the remote has confirmed the document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias, TypeVar

from cloud_sync.deadline import Call, DeadlineCaller, NotBegun
from cloud_sync.remote import (
    BatchRemote,
    Confirmation,
    RemoteConflict,
    RemoteError,
    RemoteInterrupted,
    RemoteMismatch,
    RemoteRefused,
    RemoteStuck,
    RemoteUnavailable,
    RemoteUnfinished,
)
from cloud_sync.upload import Outgoing, OutgoingPart, Unreadable, as_remote_error, open_outgoing, require_same
from device.store.outbox import Leased
from device.store.sealing import RecordOpener

T = TypeVar("T")
Outcome: TypeAlias = str | Unreadable | RemoteError
"""The hash that the remote confirmed, or what went wrong."""

OF_ONE_RECORD = (RemoteRefused, RemoteConflict, RemoteMismatch)
"""Faults that say nothing about the others."""
LEFT = "something else goes first"
_SLOWEST_BYTES_PER_S = 4096.0
_LONGEST_TRANSFER_S = 100.0
_REMEMBERED = 512


class BatchUploader:
    """Sends batches to one remote. Belongs to one thread, and lets the remote work in several."""

    def __init__(self, remote: BatchRemote, opener: RecordOpener, call_deadline_s: float, grace_s: float) -> None:
        self._remote = remote
        self._opener = opener
        self._call_deadline_s = call_deadline_s
        self._grace_s = grace_s
        self._caller = DeadlineCaller(remote.threads)
        self._stored: dict[tuple[str, str], None] = {}
        """Files that the remote confirmed and whose document it has not; a batch that gave way sends them once."""

    def upload(
        self, batch: Sequence[Leased], gives_way: Callable[[], bool], progressed: Callable[[], None]
    ) -> tuple[list[Outcome], list[Mapping[str, Any]]]:
        """Send ``batch`` and return what became of each record, in order, and the documents that could be opened.

        Once ``gives_way`` says yes, what is not through yet is left with `RemoteInterrupted`. ``progressed`` is called
        whenever some calls have ended. A remote that is away is asked once, not for each record: the others are left, too.
        """
        outcomes: dict[str, Outcome] = {}
        records: dict[str, Outgoing] = {}
        for leased in batch:
            try:
                records[leased.id] = open_outgoing(self._opener, leased)
            except Unreadable as error:
                outcomes[leased.id] = error
        watch = _Watch(self._remote, gives_way, progressed)
        try:
            self._send_parts(records, outcomes, watch)
            self._send_documents(records, outcomes, watch)
        except RemoteStuck as error:
            outcomes = {record: outcomes.get(record, error) for record in [*outcomes, *records]}
        finally:
            self._remote.give_way(False)
        left = RemoteInterrupted(LEFT)
        return [outcomes.get(leased.id, left) for leased in batch], [record.fields for record in records.values()]

    def close(self) -> None:
        self._caller.close()

    def _send_parts(self, records: Mapping[str, Outgoing], outcomes: dict[str, Outcome], watch: _Watch) -> None:
        pending = [(record.id, part) for record in records.values() for part in record.parts if not self._has(record.id, part)]
        while pending and not watch.given_way:
            unfinished = []
            results = self._call_all([self._part_call(part) for _, part in pending], watch)
            for (record_id, part), result in zip(pending, results, strict=True):
                if isinstance(result, RemoteUnfinished):
                    unfinished.append((record_id, part))
                    continue
                fault = _fault(result, part.path, part.sha256)
                if fault is None:
                    self._remember(record_id, part)
                else:
                    outcomes.setdefault(record_id, fault)
            pending = unfinished if all(_says_nothing_of_others(outcome) for outcome in outcomes.values()) else []

    def _send_documents(self, records: Mapping[str, Outgoing], outcomes: dict[str, Outcome], watch: _Watch) -> None:
        ready = [
            record
            for record in records.values()
            if record.id not in outcomes and all(self._has(record.id, part) for part in record.parts)
        ]
        if watch.given_way or not all(_says_nothing_of_others(outcome) for outcome in outcomes.values()):
            return
        size = self._remote.largest_batch
        groups = [ready[start : start + size] for start in range(0, len(ready), size)]
        answers = self._call_all([self._documents_call(group) for group in groups], watch)
        for group, answer in zip(groups, answers, strict=True):
            each = [answer] * len(group) if isinstance(answer, RemoteError) else list(answer)
            for record, result in zip(group, each, strict=True):
                fault = _fault(result, record.document_path, record.document_sha256)
                outcomes[record.id] = record.document_sha256 if fault is None else fault
                if not isinstance(fault, RemoteInterrupted | RemoteUnavailable):
                    self._forget(record)

    def _part_call(self, part: OutgoingPart) -> Call[Confirmation]:
        timeout_s = self._timeout_s(len(part.content))
        put = partial(self._remote.put_object, part.path, part.content, part.media_type, timeout_s)
        return Call(f"storing {part.name}", put, timeout_s + self._grace_s)

    def _documents_call(self, group: Sequence[Outgoing]) -> Call[Sequence[Confirmation | RemoteError]]:
        documents = [(record.document_path, record.document) for record in group]
        timeout_s = self._timeout_s(sum(len(content) for _, content in documents))
        put = partial(self._remote.put_documents, documents, timeout_s)
        return Call("storing documents", put, timeout_s + self._grace_s)

    def _timeout_s(self, size: int) -> float:
        """A call's own deadline, and the time that its bytes take on a slow line. A large file takes several calls."""
        return self._call_deadline_s + min(_LONGEST_TRANSFER_S, size / _SLOWEST_BYTES_PER_S)

    def _call_all(self, calls: Sequence[Call[T]], watch: _Watch) -> list[T | RemoteError]:
        results = self._caller.call_all(calls, go_on=_says_nothing_of_others, turn=watch.turn)
        watch.progressed()
        return [
            _as_remote_error(result, call.what) if isinstance(result, Exception) else result
            for call, result in zip(calls, results, strict=True)
        ]

    def _has(self, record_id: str, part: OutgoingPart) -> bool:
        return (record_id, part.path) in self._stored

    def _remember(self, record_id: str, part: OutgoingPart) -> None:
        self._stored[record_id, part.path] = None
        while len(self._stored) > _REMEMBERED:
            del self._stored[next(iter(self._stored))]

    def _forget(self, record: Outgoing) -> None:
        for part in record.parts:
            self._stored.pop((record.id, part.path), None)


class _Watch:
    """Looks around while calls are under way, and makes the remote give way where it must."""

    def __init__(self, remote: BatchRemote, gives_way: Callable[[], bool], progressed: Callable[[], None]) -> None:
        self.given_way = False
        self.progressed = progressed
        self._remote = remote
        self._gives_way = gives_way

    def turn(self) -> None:
        if not self.given_way and self._gives_way():
            self.given_way = True
            self._remote.give_way(True)


def _says_nothing_of_others(outcome: Outcome | Exception) -> bool:
    return isinstance(outcome, (str, Unreadable, RemoteUnfinished, *OF_ONE_RECORD))


def _fault(result: Confirmation | RemoteError, path: str, sha256: str) -> RemoteError | None:
    if isinstance(result, RemoteError):
        return result
    try:
        require_same(result, path, sha256)
    except RemoteMismatch as error:
        return error
    return None


def _as_remote_error(error: Exception, what: str) -> RemoteError:
    return RemoteInterrupted(LEFT) if isinstance(error, NotBegun) else as_remote_error(error, what)
