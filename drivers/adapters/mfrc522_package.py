"""PyPI's package mfrc522 as a `CardReader`: a second opinion on the same wire, not the driver to run a kiosk with.

The package is GPL-3 and wants spidev and RPi.GPIO, which does not work on a Pi 5. Here it is given stand-ins for both that lead
to one of our buses, so that it runs wherever our own driver does. The reader's reset pin must be wired to 3.3 V.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from drivers.adapters.warning import KnownDefects
from drivers.bus import SPIBus
from drivers.clock import Clock
from drivers.errors import CardUnreadable, DeviceClosed, DriverError, DriverNotInstalled
from drivers.mfrc522.chip import Chip
from drivers.mfrc522.reader import technology_of
from drivers.protocols import Card
from drivers.waiting import wait_for_card

DEFECTS = (
    "The package mfrc522 reads only the first part of a 7-byte UID, so 7-byte UIDs collide: two patients can be taken for one. "
    "It checks no CRC, cannot tell two cards or a missing reader from no card, accepts random UIDs, and needs 2,000 transfers "
    "to find nothing. Use it to compare, not for patients."
)
_REPLACED = ("spidev", "RPi", "RPi.GPIO")


class Mfrc522PackageReader:
    """`CardReader` over PyPI's driver, on one of our buses."""

    def __init__(self, bus: SPIBus, clock: Clock) -> None:
        """Open the reader and warn of `DEFECTS`; raises `DriverNotInstalled`, `DeviceMissing` or `SelfTestFailed`."""
        warnings.warn(DEFECTS, KnownDefects, stacklevel=2)
        self._bus = bus
        self._clock = clock
        self._chip = Chip(bus, clock)
        self._open = True
        self._seen = False
        try:
            self._chip.version()  # the package itself would take a missing reader for an empty field
            self._reader: Any = _load_package(bus).MFRC522()
        except DriverError:
            self.close()
            raise
        self._reader.logger.handlers.clear()  # each construction adds another one

    def __repr__(self) -> str:
        return f"<{type(self).__name__}{'' if self._open else ', closed'}>"

    def poll(self) -> Card | None:
        """See `CardReader.poll`, but `SeveralCards`, `UnusableCard` and `DeviceMissing` are never raised."""
        if not self._open:
            raise DeviceClosed("The card reader has been closed; open it again.")
        seen_before, self._seen = self._seen, False
        # The package halts no card, and one that was just read is deaf to the next request, once.
        if not self._request() and not (seen_before and self._request()):
            return None
        status, uid = self._reader.MFRC522_Anticoll()
        if status != self._reader.MI_OK:
            raise CardUnreadable("The card could not be read. Hold one card flat on the reader and keep it still.")
        self._seen = True
        return Card(technology_of(self._reader.MFRC522_SelectTag(uid)), bytes(uid[:4]))

    def wait(self, timeout_s: float) -> Card:
        return wait_for_card(self.poll, self._clock, timeout_s)

    def self_test(self) -> str:
        """The package has none: the chip is tested with ours and given back."""
        if not self._open:
            raise DeviceClosed("The card reader has been closed; open it again.")
        version = self._chip.self_test()
        self._reader.MFRC522_Init()
        return version.name

    def close(self) -> None:
        if self._open:
            self._open = False
            self._bus.close()

    def _request(self) -> bool:
        status, _ = self._reader.MFRC522_Request(self._reader.PICC_REQALL)
        return bool(status == self._reader.MI_OK)


def _load_package(bus: SPIBus) -> ModuleType:
    """Import a copy of the package that speaks to ``bus``, and leave `sys.modules` as it was."""
    with _stand_ins(bus):
        try:
            return importlib.import_module("mfrc522")
        except ImportError as error:
            raise DriverNotInstalled(
                "The driver mfrc522 needs the package of that name; install firstlight[adapters]."
            ) from error


@contextmanager
def _stand_ins(bus: SPIBus) -> Iterator[None]:
    def concerned() -> list[str]:
        return [name for name in sys.modules if name in _REPLACED or name.partition(".")[0] == "mfrc522"]

    before = {name: sys.modules.pop(name) for name in concerned()}
    gpio = _gpio()
    package = ModuleType("RPi")
    package.__dict__["GPIO"] = gpio
    sys.modules.update({"spidev": _spidev(bus), "RPi": package, "RPi.GPIO": gpio})
    try:
        yield
    finally:
        for name in concerned():
            del sys.modules[name]
        sys.modules.update(before)


def _spidev(bus: SPIBus) -> ModuleType:
    class SpiDev:
        max_speed_hz = 0

        def open(self, number: int, chip_select: int) -> None:
            """Do nothing: the bus is open."""

        def xfer2(self, data: list[int]) -> list[int]:
            return list(bus.transfer(bytes(data)))

        def close(self) -> None:
            """Do nothing: the adapter closes the bus."""

    module = ModuleType("spidev")
    module.__dict__["SpiDev"] = SpiDev
    return module


def _gpio() -> ModuleType:
    """What the package asks of RPi.GPIO: to hold the reset pin high."""

    def ignore(*_: object) -> None:
        return None

    module = ModuleType("RPi.GPIO")
    module.__dict__.update(OUT=0, getmode=ignore, setmode=ignore, setup=ignore, output=ignore, cleanup=ignore)
    return module
