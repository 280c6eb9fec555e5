"""Several records on their way at once, to a remote that is far away: their files side by side, their documents together.

Each record keeps what `Uploader` promises: its document goes once the remote has confirmed all of its files, and it counts once
the remote has confirmed the document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from cloud_sync.deadline import Call, DeadlineCaller
from cloud_sync.remote import (
    BatchRemote,
    Confirmation,
    RemoteConflict,
    RemoteError,
    RemoteInterrupted,
    RemoteMismatch,
    RemoteRefused,
    RemoteStuck,
    RemoteUnfinished,
)
from cloud_sync.upload import Outgoing, OutgoingPart, Unreadable, as_remote_error, open_outgoing, require_same
from device.store.outbox import Leased
from device.store.sealing import RecordOpener

Outcome: TypeAlias = str | Unreadable | RemoteError
"""The hash that the remote confirmed, or what went wrong."""

OF_ONE_RECORD = (RemoteRefused, RemoteConflict, RemoteMismatch)
"""Faults that say nothing about the others."""
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
        run = _Run(self, records, outcomes, gives_way, progressed)
        try:
            self._caller.work(run.first(), run.done, run.turn)
        except RemoteStuck as error:
            outcomes.update({record: error for record in records if record not in outcomes})
        finally:
            self._remote.give_way(False)
        left = RemoteInterrupted("something else goes first")
        return [outcomes.get(leased.id, left) for leased in batch], [record.fields for record in records.values()]

    def close(self) -> None:
        self._caller.close()

    def part_call(self, record: Outgoing, part: OutgoingPart) -> Call:
        timeout_s = self._timeout_s(len(part.content))
        put = partial(self._remote.put_object, part.path, part.content, part.media_type, timeout_s)
        return Call(f"storing {part.name}", put, timeout_s + self._grace_s, (record, part))

    def documents_call(self, group: Sequence[Outgoing]) -> Call:
        documents = [(record.document_path, record.document) for record in group]
        timeout_s = self._timeout_s(sum(len(content) for _, content in documents))
        put = partial(self._remote.put_documents, documents, timeout_s)
        return Call("storing documents", put, timeout_s + self._grace_s, list(group))

    @property
    def largest_batch(self) -> int:
        return self._remote.largest_batch

    def make_way(self) -> None:
        """Let what is under way end, because something more urgent waits."""
        self._remote.give_way(True)

    def _timeout_s(self, size: int) -> float:
        """A call's own deadline, and the time that its bytes take on a slow line. A large file takes several calls."""
        return self._call_deadline_s + min(_LONGEST_TRANSFER_S, size / _SLOWEST_BYTES_PER_S)

    def has(self, record_id: str, part: OutgoingPart) -> bool:
        return (record_id, part.path) in self._stored

    def remember(self, record_id: str, part: OutgoingPart) -> None:
        self._stored[record_id, part.path] = None
        while len(self._stored) > _REMEMBERED:
            del self._stored[next(iter(self._stored))]

    def forget(self, record: Outgoing) -> None:
        for part in record.parts:
            self._stored.pop((record.id, part.path), None)


class _Run:
    """What becomes of one batch: each result leads to the calls that follow from it."""

    def __init__(
        self,
        uploader: BatchUploader,
        records: Mapping[str, Outgoing],
        outcomes: dict[str, Outcome],
        gives_way: Callable[[], bool],
        progressed: Callable[[], None],
    ) -> None:
        self._uploader = uploader
        self._records = records
        self._outcomes = outcomes
        self._gives_way = gives_way
        self._progressed = progressed
        self._missing = {
            record.id: {part.name for part in record.parts if not uploader.has(record.id, part)} for record in records.values()
        }
        self._ready: list[Outgoing] = []
        self._way_given = False

    def first(self) -> list[Call]:
        """Return the calls to begin with."""
        self._ready = [record for record in self._records.values() if not self._missing[record.id]]
        parts = [
            self._uploader.part_call(record, part)
            for record in self._records.values()
            for part in record.parts
            if part.name in self._missing[record.id]
        ]
        return [*self._documents(), *parts]

    def turn(self) -> bool:
        """Look around while calls are under way; say whether others may begin."""
        if not self._way_given and self._gives_way():
            self._way_given = True
            self._uploader.make_way()
        return not self._way_given

    def done(self, call: Call, result: object) -> list[Call] | None:
        self._progressed()
        if isinstance(result, Exception):
            result = as_remote_error(result, call.what)
        if isinstance(call.about, list):
            return self._documents_done(call.about, result)
        record, part = call.about
        return self._part_done(record, part, result)

    def _part_done(self, record: Outgoing, part: OutgoingPart, result: Any) -> list[Call] | None:
        if isinstance(result, RemoteUnfinished):
            return [self._uploader.part_call(record, part)]
        fault = _fault(result, part.path, part.sha256)
        if fault is None:
            self._uploader.remember(record.id, part)
            self._missing[record.id].discard(part.name)
            if not self._missing[record.id]:
                self._ready.append(record)
        else:
            self._outcomes.setdefault(record.id, fault)
        return self._documents() if fault is None or isinstance(fault, OF_ONE_RECORD) else None

    def _documents(self) -> list[Call]:
        """Return the calls for full groups of records whose files are all there; for the rest, too, once no others come."""
        size, calls = self._uploader.largest_batch, []
        others_come = any(self._missing[record] for record in self._records if record not in self._outcomes)
        while len(self._ready) >= size or (self._ready and not others_come):
            group, self._ready = self._ready[:size], self._ready[size:]
            calls.append(self._uploader.documents_call(group))
        return calls

    def _documents_done(self, group: Sequence[Outgoing], result: Any) -> list[Call] | None:
        each = [result] * len(group) if isinstance(result, RemoteError) else list(result)
        go_on = True
        for record, one in zip(group, each, strict=True):
            fault = _fault(one, record.document_path, record.document_sha256)
            self._outcomes[record.id] = record.document_sha256 if fault is None else fault
            if fault is None or isinstance(fault, OF_ONE_RECORD):
                self._uploader.forget(record)
            else:
                go_on = False
        return [] if go_on else None


def _fault(result: Confirmation | RemoteError, path: str, sha256: str) -> RemoteError | None:
    if isinstance(result, RemoteError):
        return result
    try:
        require_same(result, path, sha256)
    except RemoteMismatch as error:
        return error
    return None
