"""Which processes are sending from one store: any number may, and the first one tidies up after those that were killed."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from device.process.moment import Timekeeper
from device.store.errors import StoreBusy
from device.store.faults import disk_faults

LONGEST_S = 30.0
_STEP_S = 0.01


@contextmanager
def sending(path: Path, timekeeper: Timekeeper, when_alone: Callable[[], object]) -> Iterator[None]:
    """Be among the senders as long as the block lasts; call ``when_alone`` first if nobody else is.

    The lock (flock(2) on ``path``) ends with its process, however that dies. Raises `StoreError`.
    """
    # For reading: flock needs no more, so a file that root made serves the sync user too.
    with disk_faults(path):
        descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if _try_lock(descriptor, fcntl.LOCK_EX):
            when_alone()
        end_s = timekeeper.monotonic() + LONGEST_S
        while not _try_lock(descriptor, fcntl.LOCK_SH):
            if timekeeper.monotonic() >= end_s:
                raise StoreBusy(f"another process has held {path} for {LONGEST_S:g} s; see which with `fuser {path}`")
            timekeeper.sleep(_STEP_S)
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
