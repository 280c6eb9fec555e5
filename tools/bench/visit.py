"""A whole visit in real time: tap to result against the sensor's integration time, and what it writes to the disk.

Somebody who is known agrees, starts now and stands right. The disk is the one of /var/tmp, because /tmp may lie in memory.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from device.kiosk.assembly import build
from device.kiosk.single import settle
from device.process.config import Config
from device.process.time import SystemTimekeeper
from device.screen.scripted import ScriptedScreen
from device.screen.view import Page, View
from device.store.catalogue import open_record
from device.store.keys import load_opener
from device.visit.table import State
from drivers.sim.body import Torso
from drivers.sim.world import World
from tools.bench.figure import Figure, percentile

VISITS = 6
LARGEST_RATIO = 1.05
LARGEST_BYTES = 200_000
TIMEOUT_S = 60.0
DISK = "/var/tmp"


class _Watched(ScriptedScreen):
    """Notes when the result was shown."""

    shown_s = 0.0

    def show(self, view: View) -> None:
        if view.page is Page.RESULT and self.views[-1].page is not Page.RESULT:
            self.shown_s = time.monotonic()
        super().show(view)


def measure() -> Iterator[Figure]:
    """Yield the largest ratio of the visits after the registration, and the bytes of one visit beside its images."""
    ratios, written = [], []
    with tempfile.TemporaryDirectory(dir=DISK) as name:
        folder, timekeeper, config = Path(name), SystemTimekeeper(), Config().simulated()
        world, screen = World(timekeeper), _Watched()
        world.body = Torso()
        kiosk = build(config, folder, timekeeper, screen, world=world)
        settle(kiosk, config, timekeeper)
        for number in range(VISITS + 1):
            bytes_before = _written_bytes()
            tapped_s = time.monotonic()
            world.tap("04A3C6CAE26180")
            end_s = tapped_s + TIMEOUT_S
            kiosk.run(lambda: kiosk.visit.state is State.RESULT or time.monotonic() > end_s)  # noqa: B023
            record = kiosk.visit.session.record
            if record is None:
                raise TimeoutError(f"the visit did not reach its result within {TIMEOUT_S:g} s")
            opened = open_record(folder, record.id, load_opener(folder))
            images = sum(len(part.content) for name, part in opened.parts.items() if name != "record.json")
            if number:  # the first one registers the card
                ratios.append((screen.shown_s - tapped_s) / opened.document["timing"]["integration_s"])
                written.append(_written_bytes() - bytes_before - images)
            world.pull()
            kiosk.run(lambda: kiosk.resting)
        kiosk.close()
    worst = max(ratios)
    detail = f"median {percentile(ratios, 50):.3f}, n {VISITS}; from the tap to the result on the screen"
    yield Figure(
        "tap to result ÷ integration time, worst", worst, "", f"≤ {LARGEST_RATIO}", worst <= LARGEST_RATIO, detail=detail
    )
    most = max(written)
    counted = min(written) > 0  # the images alone are more than nothing, where the folder lies on a disk
    yield Figure(
        "written to disk for a visit, images aside",
        most,
        "bytes",
        f"≤ {LARGEST_BYTES:,} bytes",
        counted and most <= LARGEST_BYTES,
        detail="" if counted else f"not measured: {DISK} lies on no disk whose writes the kernel counts",
    )


def _written_bytes() -> int:
    """Bytes that this process has caused to be written to a block device (proc(5), ``write_bytes``)."""
    for line in Path("/proc/self/io").read_text(encoding="ascii").splitlines():
        key, _, value = line.partition(":")
        if key == "write_bytes":
            return int(value)
    raise LookupError("this kernel does not count written bytes")
