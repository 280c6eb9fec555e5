"""When the remote is to be left alone: longer with each failure in a row, and as long as it asks for."""

from __future__ import annotations

from random import Random

from cloud_sync.backoff import backoff_for
from cloud_sync.keeper import ConditionKeeper
from cloud_sync.remote import RemoteError, RemoteUnavailable
from device.process.moment import Timekeeper


class Patience:
    """Shared by all that is asked of one remote. Belongs to one thread."""

    def __init__(self, timekeeper: Timekeeper, rng: Random, condition: ConditionKeeper | None) -> None:
        self._timekeeper = timekeeper
        self._rng = rng
        self._condition = condition
        self._failures = 0
        self._until_s = timekeeper.monotonic()

    @property
    def waiting(self) -> bool:
        """Whether the remote is to be left alone for now."""
        return self._timekeeper.monotonic() < self._until_s

    def failed(self, error: RemoteError) -> float:
        """The remote itself failed: leave it alone, and return for how long."""
        self._failures += 1
        if self._condition is not None:
            self._condition.failed(str(error))
            self._condition.write()
        delay_s = backoff_for(error).delay_s(self._failures, self._rng)
        if isinstance(error, RemoteUnavailable):
            delay_s = max(delay_s, error.retry_after_s)
        self._until_s = self._timekeeper.monotonic() + delay_s
        return delay_s

    def worked(self, *, synced: bool = False) -> None:
        """The remote did what it was asked; ``synced``: it confirmed a record."""
        self._failures = 0
        if self._condition is None:
            return
        if synced:
            self._condition.synced()
        else:
            self._condition.failed(None)
