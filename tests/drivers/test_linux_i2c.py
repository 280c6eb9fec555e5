"""Linux's I2C: each of the kernel's errors becomes one that says what to do. The kernel itself is replaced; the bus is not."""

from __future__ import annotations

import ctypes
import errno
import sys
from typing import Any

import pytest
from pytest_mock import MockerFixture

from drivers.errors import BusError, BusForbidden, BusMissing, BusStuck, DeviceClosed, DriverNotInstalled, NotAcknowledged
from drivers.linux_i2c import LinuxI2CBus

smbus2 = pytest.importorskip("smbus2")


class Kernel:
    """Answers the ioctl I2C_RDWR like a device with a pointer register."""

    def __init__(self) -> None:
        self.error: int | None = None
        self.seen: list[tuple[int, int, bytes]] = []

    def ioctl(self, descriptor: int, request: int, data: Any) -> int:
        if request != smbus2.smbus2.I2C_RDWR:
            return 0
        if self.error is not None:
            raise OSError(self.error, "as told")
        for index in range(data.nmsgs):
            message = data.msgs[index]
            if message.flags & smbus2.smbus2.I2C_M_RD:
                ctypes.memmove(message.buf, bytes(i % 256 for i in range(message.len)), message.len)
            self.seen.append((message.addr, message.flags, ctypes.string_at(message.buf, message.len)))
        return data.nmsgs  # type: ignore[no-any-return]


@pytest.fixture
def kernel(mocker: MockerFixture) -> Kernel:
    kernel = Kernel()
    mocker.patch("smbus2.smbus2.os.open", return_value=99)
    mocker.patch("smbus2.smbus2.os.close")
    mocker.patch("smbus2.smbus2.ioctl", kernel.ioctl)
    mocker.patch.object(smbus2.SMBus, "_get_funcs", return_value=0)
    return kernel


def test_write(kernel: Kernel) -> None:
    LinuxI2CBus(1).write(0x33, b"\x80\x0d\x1a\x01")
    assert kernel.seen == [(0x33, 0, b"\x80\x0d\x1a\x01")]


def test_read_after_a_repeated_start(kernel: Kernel) -> None:
    assert LinuxI2CBus(1).write_read(0x33, b"\x24\x00", 1664) == bytes(i % 256 for i in range(1664))
    assert [(address, flags, len(data)) for address, flags, data in kernel.seen] == [(0x33, 0, 2), (0x33, 1, 1664)]


@pytest.mark.parametrize(
    ("number", "error", "says"),
    [
        (errno.EREMOTEIO, NotAcknowledged, "0x33.*wiring"),
        (errno.ENXIO, NotAcknowledged, "0x33.*wiring"),
        (errno.ETIMEDOUT, BusStuck, "held low"),
        (errno.EAGAIN, BusStuck, "held low"),
        (errno.EIO, BusError, "Re-open"),
    ],
)
def test_failed_transfer(kernel: Kernel, number: int, error: type[BusError], says: str) -> None:
    bus = LinuxI2CBus(1)
    kernel.error = number
    with pytest.raises(error, match=says) as caught:
        bus.write_read(0x33, b"\x80\x00", 2)
    assert type(caught.value) is error
    kernel.error = None
    assert bus.write_read(0x33, b"\x80\x00", 2) == b"\x00\x01"


@pytest.mark.parametrize(
    ("number", "error", "says"),
    [
        (errno.EACCES, BusForbidden, "group i2c"),
        (errno.ENOENT, BusMissing, "i2c_arm=on"),
        (errno.ENOTTY, BusMissing, "i2c_arm=on"),
        (errno.EBUSY, BusError, "Another program"),
    ],
)
def test_bus_that_does_not_open(mocker: MockerFixture, number: int, error: type[Exception], says: str) -> None:
    mocker.patch("smbus2.smbus2.os.open", side_effect=OSError(number, "as told"))
    with pytest.raises(error, match=says):
        LinuxI2CBus(1)


def test_bus_that_is_not_there() -> None:
    with pytest.raises(BusMissing, match="/dev/i2c-251"):
        LinuxI2CBus(251)


def test_without_the_package(mocker: MockerFixture) -> None:
    mocker.patch.dict(sys.modules, {"smbus2": None})
    with pytest.raises(DriverNotInstalled, match=r"firstlight\[pi\]"):
        LinuxI2CBus(1)


def test_closed(kernel: Kernel) -> None:
    bus = LinuxI2CBus(1)
    assert repr(bus) == "<LinuxI2CBus /dev/i2c-1>"
    bus.close()
    bus.close()
    assert repr(bus) == "<LinuxI2CBus /dev/i2c-1, closed>"
    with pytest.raises(DeviceClosed):
        bus.write(0x33, b"\x00")
