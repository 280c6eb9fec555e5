"""Carries records from the outbox to the remote: urgent ones first, one at a time, each until the remote confirms its hash.

Killed anywhere, it loses nothing and doubles nothing: a record is due until it is acknowledged, what was sent already is
confirmed again, and the remote creates each document once.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from random import Random

from cloud_sync.backoff import UNREADABLE, Backoff, backoff_for
from cloud_sync.commands import Handler, carry_out
from cloud_sync.remote import (
    Remote,
    RemoteConflict,
    RemoteError,
    RemoteFull,
    RemoteGarbage,
    RemoteMismatch,
    RemoteRefused,
    RemoteStuck,
    RemoteUnavailable,
)
from cloud_sync.report import Confirmed, Failed, SyncReport
from cloud_sync.upload import GRACE_S, Unreadable, Uploader
from device.process.logs import Log
from device.process.moment import Timekeeper
from device.process.notify import Notifier
from device.store.errors import StoreCorrupt
from device.store.outbox import Leased, Outbox
from device.store.sealing import RecordOpener

POLL_S = 1.0
"""How soon a new record is noticed. Looking costs one indexed query, and writes nothing while nothing is due."""
_CALLS_PER_LEASE = 10
_ALARMS: Mapping[type[Exception], str] = {
    RemoteMismatch: "remote_confirms_other_bytes",
    RemoteConflict: "remote_holds_other_bytes",
    RemoteFull: "remote_full",
    Unreadable: "record_unreadable",
}
_log = Log(__name__)


@dataclass(frozen=True)
class SyncOptions:
    call_deadline_s: float = 20.0
    grace_s: float = GRACE_S
    interval_s: float = 10.0
    """How often commands are fetched."""
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
    ) -> None:
        self._outbox = outbox
        self._remote = remote
        self._timekeeper = timekeeper
        self._options = options
        self._rng = rng
        self._notifier = notifier
        self._handlers = handlers
        self._uploader = Uploader(remote, opener, options.call_deadline_s, options.grace_s)
        self._remote_failures = 0
        self._held_until_s = timekeeper.monotonic()
        self._commands_due_s = timekeeper.monotonic()

    def once(self, stop: threading.Event | None = None) -> SyncReport:
        """Send everything that is due, ask for commands, make room, and report.

        Ends early when the remote is away or stuck, or between two records when ``stop`` is set. Raises `StoreError`.
        """
        report = SyncReport()
        try:
            self._send_due(report, stop or threading.Event())
            if not self._held():
                self._fetch_commands()
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

    def close(self) -> None:
        self._uploader.close()

    def _turn(self, stop: threading.Event) -> None:
        if self._held():
            return
        report = SyncReport()
        self._send_due(report, stop)
        if report.confirmed:
            self._make_room()
        if report.confirmed or report.failed:
            counts = self._outbox.counts()
            self._notifier.status(f"{counts.saved} waiting, {counts.synced + counts.purged} synced, {counts.dead} laid aside")
        if self._timekeeper.monotonic() >= self._commands_due_s and not self._held():
            self._fetch_commands()

    def _send_due(self, report: SyncReport, stop: threading.Event) -> None:
        lease_s = self._uploader.longest_call_s * _CALLS_PER_LEASE
        while not stop.is_set() and not self._held():
            # One at a time: an urgent record waits for one upload at most, and one record is in memory.
            leased = self._outbox.lease(1, lease_s)
            if not leased:
                return
            self._send(leased[0], report)
            self._notifier.watchdog()

    def _send(self, leased: Leased, report: SyncReport) -> None:
        try:
            sha256 = self._uploader.upload(leased)
        except Unreadable as error:
            self._failed(leased, error, UNREADABLE, report)
        except (RemoteRefused, RemoteConflict, RemoteMismatch) as error:
            self._failed(leased, error, backoff_for(error), report)
        except RemoteError as error:
            delay_s = self._hold(error)
            # It says nothing about this record, so it does not count among its tries.
            self._outbox.retry(leased.id, delay_s, str(error), counted=False)
            self._note(leased, error, report, given_up=False)
            if isinstance(error, RemoteStuck):
                raise
        else:
            self._outbox.acknowledge(leased.id, sha256)
            self._remote_failures = 0
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
        kind = _ALARMS.get(type(error))
        if kind is not None:
            self._outbox.raise_alarm(kind, str(error))
        report.failed.append(Failed(leased.id, type(error).__name__, str(error), given_up))
        _log.warning("record not synced", record=leased.id, error=type(error).__name__, reason=str(error), given_up=given_up)

    def _held(self) -> bool:
        """Whether the remote is to be left alone for now."""
        return self._timekeeper.monotonic() < self._held_until_s

    def _hold(self, error: RemoteError) -> float:
        """Leave the remote alone for a while that grows with each failure in a row, and return how long."""
        self._remote_failures += 1
        delay_s = backoff_for(error).delay_s(self._remote_failures, self._rng)
        self._held_until_s = self._timekeeper.monotonic() + delay_s
        return delay_s

    def _fetch_commands(self) -> None:
        self._commands_due_s = self._timekeeper.monotonic() + self._options.interval_s
        deadline_s = self._options.call_deadline_s
        try:
            for command in self._uploader.call("fetching commands", partial(self._remote.fetch_commands, deadline_s)):
                answer = carry_out(command, self._handlers)
                acknowledge = partial(self._remote.acknowledge_command, answer, deadline_s)
                self._uploader.call("acknowledging a command", acknowledge)
                _log.info("command answered", kind=command.kind[:40], accepted=answer.accepted, detail=answer.detail)
        except RemoteStuck:
            raise
        except (RemoteUnavailable, RemoteGarbage) as error:
            self._hold(error)
            _log.warning("commands not fetched", error=type(error).__name__, reason=str(error))
        except RemoteError as error:
            _log.warning("commands not fetched", error=type(error).__name__, reason=str(error))

    def _make_room(self) -> None:
        purged = self._outbox.purge(self._options.keep_bytes, self._options.reserve_bytes)
        if purged.records:
            _log.info("synced payloads purged", records=purged.records, size_bytes=purged.size_bytes)
