"""Carries records from the outbox to the remote: urgent ones first, each until the remote confirms its hash.

To the embedded cloud they go one at a time, to one that is far away in batches, which give way to an urgent record.

Killed anywhere, it loses nothing and doubles nothing: a record is due until it is acknowledged, what was sent already is
confirmed again, and the remote creates each document once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

from cloud_sync.backoff import UNREADABLE, Backoff, backoff_for
from cloud_sync.batch import OF_ONE_RECORD, BatchUploader, Outcome
from cloud_sync.commands import Handler
from cloud_sync.fields import number_of
from cloud_sync.keeper import ConditionKeeper
from cloud_sync.patience import Patience
from cloud_sync.remote import (
    BatchRemote,
    Remote,
    RemoteClockWrong,
    RemoteConflict,
    RemoteError,
    RemoteFull,
    RemoteInterrupted,
    RemoteMismatch,
    RemoteQuota,
    RemoteRevoked,
    RemoteStuck,
)
from cloud_sync.report import Confirmed, Failed, SyncReport
from cloud_sync.talk import Talk
from cloud_sync.upload import GRACE_S, Unreadable, Uploader
from device.process.logs import Log
from device.process.moment import Timekeeper
from device.process.notify import Notifier
from device.store.errors import StoreCorrupt
from device.store.outbox import Leased, Outbox
from device.store.records import Lane
from device.store.sealing import RecordOpener

T = TypeVar("T")
POLL_S = 1.0
"""How soon a new record is noticed. Looking costs one indexed query, and writes nothing while nothing is due."""
_CALLS_PER_LEASE = 10
_BATCH = 60
"""Two rounds for a remote that takes six calls at once with five records each: 40 left four of the six idle in the second."""
_BATCH_BYTES = 2_000_000
"""In clear. With the sealed copy, that is what a batch takes of memory."""
_ALARMS: Mapping[type[Exception], str] = {
    RemoteMismatch: "remote_confirms_other_bytes",
    RemoteConflict: "remote_holds_other_bytes",
    RemoteFull: "remote_full",
    RemoteQuota: "remote_quota",
    RemoteClockWrong: "remote_clock_wrong",
    RemoteRevoked: "kiosk_revoked",
    Unreadable: "record_unreadable",
}
_log = Log(__name__)


@dataclass(frozen=True)
class SyncOptions:
    call_deadline_s: float = 20.0
    grace_s: float = GRACE_S
    interval_s: float = 10.0
    """How often commands are fetched."""
    heartbeat_s: float = 60.0
    keep_bytes: int = 2_000_000_000
    """Of synced payloads; what is beyond is purged, oldest first."""
    reserve_bytes: int = 0
    """Free disk space below which synced payloads are purged too."""


class Sync:
    """One process's work on one outbox. Belongs to one thread."""

    def __init__(
        self,
        outbox: Outbox,
        opener: RecordOpener,
        remote: Remote,
        timekeeper: Timekeeper,
        *,
        options: SyncOptions,
        rng: Random,
        notifier: Notifier,
        handlers: Mapping[str, Handler],
        condition: ConditionKeeper | None = None,
    ) -> None:
        """``condition``: what is said of this kiosk; ``None`` where nobody wants to know."""
        self._outbox = outbox
        self._options = options
        self._rng = rng
        self._notifier = notifier
        self._patience = Patience(timekeeper, rng, condition)
        self._uploader = Uploader(remote, opener, options.call_deadline_s, options.grace_s)
        self._batches = (
            BatchUploader(remote, opener, options.call_deadline_s, options.grace_s) if isinstance(remote, BatchRemote) else None
        )
        self._talk = Talk(
            remote,
            self._uploader,
            timekeeper,
            self._patience,
            handlers,
            condition,
            self._raise_alarm,
            interval_s=options.interval_s,
            heartbeat_s=options.heartbeat_s,
            call_deadline_s=options.call_deadline_s,
        )

    def once(self, stop: threading.Event | None = None) -> SyncReport:
        """Send everything that is due, ask for commands, make room, and report.

        Ends early when the remote is away or stuck, or between two records when ``stop`` is set. Raises `StoreError`.
        """
        report = SyncReport()
        try:
            self._send_due(report, stop or threading.Event())
            if not self._patience.waiting:
                self._talk.fetch_commands()
            if not self._patience.waiting:
                self._talk.beat()
        except RemoteStuck as error:
            report.stuck = str(error)
        self._make_room()
        counts = self._outbox.counts()
        report.remaining, report.dead = counts.saved, counts.dead
        return report

    def run(self, stop: threading.Event) -> None:
        """Go on until ``stop`` is set. Raises `StoreError`, and `RemoteStuck` where the process must be started anew."""
        self._make_room()
        while not stop.is_set():
            try:
                self._turn(stop)
            except StoreCorrupt as error:  # the next use salvages the store and goes on with a new one
                _log.error("the store is damaged", error=str(error))
            self._notifier.watchdog()
            stop.wait(POLL_S)

    def call(self, what: str, call: Callable[[], T]) -> T:
        """Make a call to the remote on behalf of a command, with a deadline. Raises `RemoteError`."""
        return self._uploader.call(what, call)

    def close(self) -> None:
        self._uploader.close()
        if self._batches is not None:
            self._batches.close()

    def _turn(self, stop: threading.Event) -> None:
        if self._patience.waiting:
            return
        report = SyncReport()
        self._send_due(report, stop)
        if report.confirmed:
            self._make_room()
        if report.confirmed or report.failed:
            counts = self._outbox.counts()
            self._notifier.status(f"{counts.saved} waiting, {counts.synced + counts.purged} synced, {counts.dead} laid aside")
        self._talk.turn()

    def _send_due(self, report: SyncReport, stop: threading.Event) -> None:
        lease_s = self._uploader.longest_call_s * _CALLS_PER_LEASE
        while not stop.is_set() and not self._patience.waiting:
            if self._batches is None:
                # One at a time: an urgent record waits for one upload at most, and one record is in memory.
                batch = self._outbox.lease(1, lease_s)
                outcomes = [self._alone(leased) for leased in batch]
            else:
                batch = self._outbox.lease_batch(_BATCH, _BATCH_BYTES, lease_s)
                outcomes = self._together(self._batches, batch, stop)
            if not batch:
                return
            self._settle(batch, outcomes, report)
            self._notifier.watchdog()
            if self._batches is not None:  # months of records must not make a kiosk look dead
                self._talk.turn()

    def _alone(self, leased: Leased) -> Outcome:
        try:
            return self._uploader.upload(leased)
        except (Unreadable, RemoteError) as error:
            return error
        finally:
            self._note_noise(self._uploader.last_document)

    def _together(self, batches: BatchUploader, batch: Sequence[Leased], stop: threading.Event) -> list[Outcome]:
        urgent = any(leased.lane is Lane.URGENT for leased in batch)

        def gives_way() -> bool:
            return stop.is_set() or (not urgent and (self._outbox.urgent_is_due() or self._talk.overdue))

        outcomes, documents = batches.upload(batch, gives_way, self._notifier.watchdog) if batch else ([], [])
        for document in documents:
            self._note_noise(document)
        return outcomes

    def _note_noise(self, document: Mapping[str, Any]) -> None:
        self._talk.noise_k = number_of(document, "quality", "noise_k") or self._talk.noise_k

    def _settle(self, batch: Sequence[Leased], outcomes: Sequence[Outcome], report: SyncReport) -> None:
        """Write down what became of each record, and leave the remote alone for a while where it is away."""
        confirmed = [(leased, outcome) for leased, outcome in zip(batch, outcomes, strict=True) if isinstance(outcome, str)]
        self._acknowledge(confirmed, report)
        held: tuple[RemoteError, float] | None = None
        for leased, outcome in zip(batch, outcomes, strict=True):
            match outcome:
                case str():
                    pass
                case RemoteInterrupted():
                    self._outbox.retry(leased.id, 0.0, str(outcome), counted=False)
                case Unreadable():
                    self._failed(leased, outcome, UNREADABLE, report)
                case _ if isinstance(outcome, OF_ONE_RECORD):
                    self._failed(leased, outcome, backoff_for(outcome), report)
                case _:
                    held = held or (outcome, self._patience.failed(outcome))
                    # It says nothing about this record, so it does not count among its tries.
                    self._outbox.retry(leased.id, held[1], str(outcome), counted=False)
                    self._note(leased, outcome, report, given_up=False)
        if held is not None and isinstance(held[0], RemoteStuck):
            raise held[0]

    def _acknowledge(self, confirmed: Sequence[tuple[Leased, str]], report: SyncReport) -> None:
        if len(confirmed) == 1:
            self._outbox.acknowledge(confirmed[0][0].id, confirmed[0][1])
        elif confirmed:
            self._outbox.acknowledge_all([(leased.id, sha256) for leased, sha256 in confirmed])
        if confirmed:
            self._patience.worked(synced=True)
        for leased, sha256 in confirmed:
            report.confirmed.append(Confirmed(leased.id, sha256))
            _log.info("record synced", record=leased.id, lane=leased.lane.name.lower(), tries=leased.tries)

    def _failed(self, leased: Leased, error: Exception, backoff: Backoff, report: SyncReport) -> None:
        """Deal with a fault of this one record: wait longer each time, or lay it aside after the last try."""
        given_up = backoff.exhausted(leased.tries)
        if given_up:
            self._outbox.bury(leased.id, str(error))
        else:
            self._outbox.retry(leased.id, backoff.delay_s(leased.tries, self._rng), str(error))
        self._note(leased, error, report, given_up=given_up)

    def _note(self, leased: Leased, error: Exception, report: SyncReport, *, given_up: bool) -> None:
        self._raise_alarm(error)
        report.failed.append(Failed(leased.id, type(error).__name__, str(error), given_up))
        _log.warning("record not synced", record=leased.id, error=type(error).__name__, reason=str(error), given_up=given_up)

    def _raise_alarm(self, error: Exception) -> None:
        """Tell a technician of the faults that need one."""
        kind = _ALARMS.get(type(error))
        if kind is not None:
            self._outbox.raise_alarm(kind, str(error))

    def _make_room(self) -> None:
        purged = self._outbox.purge(self._options.keep_bytes, self._options.reserve_bytes)
        if purged.records:
            _log.info("synced payloads purged", records=purged.records, size_bytes=purged.size_bytes)
