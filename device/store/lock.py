"""One lock for the folder of the store: shared for each transaction, exclusive for opening, migrating and salvaging."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from device.process.time import SystemTimekeeper
from device.store.errors import StoreBusy, StoreClosed
from device.store.faults import disk_faults
from device.store.files import SHARED_FILE

LONGEST_S = 30.0
"""For a salvage in another process; everything else takes milliseconds."""

_STEP_S = 0.005


class FolderLock:
    """A file lock (flock(2)): it ends with the process that holds it, however that dies."""

    def __init__(self, path: Path) -> None:
        """Raises `StoreError` where the lock file cannot be opened for writing."""
        self._path = path
        with disk_faults(path):
            try:
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, SHARED_FILE)
                os.fchmod(descriptor, SHARED_FILE)
            except FileExistsError:
                descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        self._descriptor: int | None = descriptor
        # Another process is waited for, and its time is real even where ours is virtual.
        self._timekeeper = SystemTimekeeper()

    @contextmanager
    def held(self, *, exclusive: bool) -> Iterator[None]:
        """Hold the lock. Raises `StoreBusy` after `LONGEST_S`, `StoreClosed`."""
        if self._descriptor is None:
            raise StoreClosed(f"the store {self._path.parent} was closed; open it again")
        self._wait(self._descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _wait(self, descriptor: int, operation: int) -> None:
        end_s = self._timekeeper.monotonic() + LONGEST_S
        while True:
            try:
                fcntl.flock(descriptor, operation)
            except BlockingIOError:
                if self._timekeeper.monotonic() >= end_s:
                    raise StoreBusy(
                        f"another process has held {self._path} for {LONGEST_S:g} s; see which with `fuser {self._path}`"
                    ) from None
                self._timekeeper.sleep(_STEP_S)
            else:
                return
