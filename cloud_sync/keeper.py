"""Keeps in mind what the sync process found out about itself, for its heartbeat and its report."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Protocol, runtime_checkable

from cloud_sync.condition import heartbeat, report, write_report
from cloud_sync.remote import Heartbeat, Remote
from device.process.moment import Moment, Timekeeper
from device.store.outbox import Outbox

_SKEW_S = 60.0
"""A clock that is further off is worth a word: the rules and certificates go by the hour."""


@runtime_checkable
class Introspective(Protocol):
    """A remote that can say something of the way to it."""

    @property
    def kind(self) -> str: ...

    @property
    def gateway(self) -> bool: ...

    def identity_age_s(self) -> float | None: ...

    def clock_ahead_s(self) -> float | None: ...


class ConditionKeeper:
    """Belongs to the thread of `Sync`."""

    def __init__(self, outbox: Outbox, data_dir: Path, timekeeper: Timekeeper, remote: Remote) -> None:
        self._outbox = outbox
        self._data_dir = data_dir
        self._timekeeper = timekeeper
        self._remote = remote
        self._synced: Moment | None = None
        self._fault: str | None = None

    def synced(self) -> None:
        """A record was confirmed just now."""
        self._synced, self._fault = self._timekeeper.now(), None

    def failed(self, reason: str | None) -> None:
        """The remote cannot be used, for this reason; ``None``: it can."""
        self._fault = reason

    def heartbeat(self, noise_k: float | None) -> Heartbeat:
        """Return how the kiosk fares. Raises `StoreError` and `OSError`."""
        ahead_s = self._remote.clock_ahead_s() if isinstance(self._remote, Introspective) else None
        skew = None
        if ahead_s is not None and abs(ahead_s) > _SKEW_S:
            skew = f"clock: it is {abs(ahead_s):.0f} s {'ahead of' if ahead_s > 0 else 'behind'} the cloud's"
        return heartbeat(self._outbox, self._data_dir, self._timekeeper, noise_k, skew)

    def write(self) -> None:
        """Leave the report for ``firstlight check``; a full disk is in other places already."""
        now, remote = self._timekeeper.now(), self._remote
        far = remote if isinstance(remote, Introspective) else None
        made = report(
            now,
            "local" if far is None else far.kind,
            gateway=far is not None and far.gateway,
            synced=self._synced,
            identity_age_s=None if far is None else far.identity_age_s(),
            clock_ahead_s=None if far is None else far.clock_ahead_s(),
            fault=self._fault,
        )
        with suppress(OSError):
            write_report(self._data_dir, made)
