"""SPI: the simulated bus and its time, and Linux's with a stand-in for the package spidev."""

from __future__ import annotations

import errno
import os
import sys
from types import ModuleType

import pytest

from drivers.clock import VirtualClock
from drivers.errors import BusError, BusForbidden, BusMissing, DeviceClosed, DriverNotInstalled
from drivers.linux_spi import LinuxSPIBus
from drivers.sim.spi import CALL_S, SimSPIBus


class Echo:
    """A chip that answers with what it was sent."""

    def exchange(self, data: bytes) -> bytes:
        return data


def test_a_transfer_takes_its_bits_and_the_call() -> None:
    clock = VirtualClock()
    bus = SimSPIBus(Echo(), clock, hz=1_000_000)
    assert bus.transfer(b"\x01\x02") == b"\x01\x02"
    assert clock.monotonic() == pytest.approx(CALL_S + 16e-6)
    for _ in range(99):
        bus.transfer(b"\x00" * 10)
    assert bus.transfers == 100
    assert clock.monotonic() == pytest.approx(100 * CALL_S + 16e-6 + 99 * 80e-6)


class Oversleeping(VirtualClock):
    """Sleeps 0.1 ms too long, as machines do."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds + 0.1e-3)


def test_a_clock_that_oversleeps_is_charged_the_right_time_in_the_end() -> None:
    clock = Oversleeping()
    bus = SimSPIBus(Echo(), clock, hz=1_000_000)
    for _ in range(1000):
        bus.transfer(b"\x00\x00")
    assert clock.monotonic() == pytest.approx(1000 * (CALL_S + 16e-6), abs=0.2e-3)


class SpiDev:
    """Stands for `spidev.SpiDev`; class attributes say what goes wrong."""

    fails_to_open: OSError | None = None
    fails_to_transfer: OSError | None = None
    opened: tuple[int, int] | None = None
    closed = 0
    mode = 3
    max_speed_hz = 0

    def open(self, bus: int, chip_select: int) -> None:
        if self.fails_to_open:
            raise self.fails_to_open
        type(self).opened = bus, chip_select

    def xfer2(self, data: list[int]) -> list[int]:
        if self.fails_to_transfer:
            raise self.fails_to_transfer
        return [byte ^ 0xFF for byte in data]

    def close(self) -> None:
        type(self).closed += 1


@pytest.fixture
def spidev(monkeypatch: pytest.MonkeyPatch) -> type[SpiDev]:
    kind = type("FreshSpiDev", (SpiDev,), {})
    module = ModuleType("spidev")
    module.__dict__["SpiDev"] = kind
    monkeypatch.setitem(sys.modules, "spidev", module)
    return kind


def os_error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def test_linux_transfers_bytes_and_closes_once(spidev: type[SpiDev]) -> None:
    bus = LinuxSPIBus(0, 1)
    assert spidev.opened == (0, 1)
    assert bus.transfer(b"\x00\x0f") == b"\xff\xf0"
    assert repr(bus) == "<LinuxSPIBus /dev/spidev0.1>"
    bus.close()
    bus.close()
    assert spidev.closed == 1
    assert repr(bus) == "<LinuxSPIBus /dev/spidev0.1, closed>"
    with pytest.raises(DeviceClosed):
        bus.transfer(b"\x00")


@pytest.mark.parametrize(
    ("number", "expected", "remedy"),
    [
        (errno.ENOENT, BusMissing, "dtparam=spi=on"),
        (errno.EACCES, BusForbidden, "group spi"),
        (errno.EINVAL, BusError, "Check the number"),
    ],
)
def test_a_bus_that_cannot_be_opened_says_what_to_do(
    spidev: type[SpiDev], number: int, expected: type[Exception], remedy: str
) -> None:
    spidev.fails_to_open = os_error(number)
    with pytest.raises(expected, match=remedy):
        LinuxSPIBus(0, 0)


def test_a_failed_transfer_is_a_bus_error(spidev: type[SpiDev]) -> None:
    bus = LinuxSPIBus(0, 0)
    spidev.fails_to_transfer = os_error(errno.EIO)
    with pytest.raises(BusError, match=r"/dev/spidev0\.0"):
        bus.transfer(b"\x00")


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spidev", None)
    with pytest.raises(DriverNotInstalled, match="python3-spidev"):
        LinuxSPIBus(0, 0)
