"""A poll without a card: SPI transfers and bus time, ours against PyPI's mfrc522 on the same simulated wire."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator

from drivers.adapters.mfrc522_package import Mfrc522PackageReader
from drivers.adapters.warning import KnownDefects
from drivers.clock import VirtualClock
from drivers.errors import DriverNotInstalled
from drivers.mfrc522.reader import Mfrc522Reader
from drivers.sim.world import World
from tools.bench.figure import Figure

MOST_TRANSFERS = 20


def measure() -> Iterator[Figure]:
    """Yield transfers and simulated milliseconds of one poll of an empty field."""
    transfers, ms = _poll(lambda world, clock: Mfrc522Reader(world.spi, clock))
    peer: str | None = "PyPI's mfrc522"
    peer_transfers: int | None
    peer_ms: float | None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", KnownDefects)
            peer_transfers, peer_ms = _poll(lambda world, clock: Mfrc522PackageReader(world.spi, clock))
    except DriverNotInstalled:
        peer = peer_transfers = peer_ms = None
    met = transfers <= MOST_TRANSFERS
    yield Figure("SPI transfers of a poll without a card", transfers, "", f"≤ {MOST_TRANSFERS}", met, peer, peer_transfers)
    yield Figure("bus and waiting time of such a poll, simulated", ms, "ms", "≤ 10 ms", ms <= 10, peer, peer_ms)


def _poll(make: Callable[[World, VirtualClock], Mfrc522Reader | Mfrc522PackageReader]) -> tuple[int, float]:
    clock = VirtualClock()
    world = World(clock)
    reader = make(world, clock)
    reader.poll()
    before, start_s = world.spi.transfers, clock.monotonic()
    reader.poll()
    return world.spi.transfers - before, 1000 * (clock.monotonic() - start_s)
