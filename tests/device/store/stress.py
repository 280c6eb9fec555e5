"""The two processes that `test_kill.py` kills: ``python -m tests.device.store.stress save|sync DIR [FIRST]``.

Each says on stdout, one line each, what it has been told is done. Whatever was said must be true after any kill.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

from device.process.time import SystemTimekeeper
from device.store.database import Store
from device.store.keys import load_opener
from device.store.outbox import Outbox
from tests.device.store.samples import sample_record

IMAGE = bytes(range(256)) * 120


def save(data_dir: Path, first: int) -> None:
    """Save visits numbered from ``first``, and say each one's number when it is saved."""
    with Store.open(data_dir, SystemTimekeeper(), reserve_bytes=0) as store:
        for number in count(first):
            store.save(sample_record(visit=number, image=IMAGE))
            print(number, flush=True)


def sync(data_dir: Path) -> None:
    """Send to the folder ``remote``, as a remote with create-if-absent, and say each id that is acknowledged."""
    timekeeper = SystemTimekeeper()
    opener = load_opener(data_dir)
    with Outbox.open(data_dir, timekeeper) as outbox:
        print("ready", flush=True)
        while True:
            for leased in outbox.lease(3, 0.05):
                content = opener.open(leased.id, leased.parts).parts["record.json"].content
                draft = data_dir / "remote" / f".{leased.id}-{time.monotonic_ns()}"
                draft.write_bytes(content)
                with suppress(FileExistsError):
                    (data_dir / "remote" / leased.id).hardlink_to(draft)
                draft.unlink()
                outbox.acknowledge(leased.id, leased.document_sha256)
                print(leased.id, flush=True)
            timekeeper.sleep(0.002)


if __name__ == "__main__":
    command, folder, *rest = sys.argv[1:]
    save(Path(folder), int(rest[0])) if command == "save" else sync(Path(folder))
