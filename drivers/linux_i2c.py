"""Linux's I2C, through the package smbus2."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any, NoReturn

from drivers.errors import (
    BusError,
    BusForbidden,
    BusMissing,
    BusStuck,
    DeviceClosed,
    DriverError,
    DriverNotInstalled,
    NotAcknowledged,
)

if TYPE_CHECKING:
    from types import ModuleType

_NO_ANSWER = frozenset({errno.EREMOTEIO, errno.ENXIO})
_STUCK = frozenset({errno.ETIMEDOUT, errno.EAGAIN, errno.EBUSY})


class LinuxI2CBus:
    """An I2C bus of the machine, ``/dev/i2c-N``. The clock rate is a matter of the boot configuration, not of this class."""

    def __init__(self, bus: int) -> None:
        """Open the bus; raises `BusMissing`, `BusForbidden` or `DriverNotInstalled`."""
        self._name = f"/dev/i2c-{bus}"
        self._package = _smbus2()
        try:
            self._bus: Any = self._package.SMBus(bus)
        except OSError as error:
            raise _not_opened(error, self._name) from error

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._name}{'' if self._bus else ', closed'}>"

    def write(self, address: int, data: bytes) -> None:
        """See `I2CBus.write`."""
        self._transfer(address, self._package.i2c_msg.write(address, data))

    def write_read(self, address: int, data: bytes, count: int) -> bytes:
        """See `I2CBus.write_read`."""
        answer = self._package.i2c_msg.read(address, count)
        self._transfer(address, self._package.i2c_msg.write(address, data), answer)
        return bytes(answer)

    def close(self) -> None:
        if self._bus is not None:
            self._bus.close()
            self._bus = None

    def _transfer(self, address: int, *messages: Any) -> None:
        if self._bus is None:
            raise DeviceClosed(f"{self._name} was closed; open it again.")
        try:
            self._bus.i2c_rdwr(*messages)
        except OSError as error:
            _raise_transfer_error(error, self._name, address)


def _smbus2() -> ModuleType:
    try:
        import smbus2
    except ImportError as error:
        raise DriverNotInstalled("I2C needs the package smbus2; install firstlight[pi] or python3-smbus2.") from error
    module: ModuleType = smbus2
    return module


def _not_opened(error: OSError, name: str) -> DriverError:
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return BusForbidden(f"This user may not open {name}. Add it to the group i2c.")
        case errno.ENOENT | errno.ENODEV | errno.ENXIO | errno.ENOTTY:
            return BusMissing(
                f"There is no I2C bus {name}. Enable I2C: dtparam=i2c_arm=on in the boot configuration, then restart."
            )
        case _:
            return BusError(f"{name} cannot be opened: {error.strerror or error}. Another program may be using it.")


def _raise_transfer_error(error: OSError, name: str, address: int) -> NoReturn:
    if error.errno in _NO_ANSWER:
        raise NotAcknowledged(
            f"Nothing acknowledged address {address:#04x} on {name}. Check the wiring and the supply of the device."
        ) from error
    if error.errno in _STUCK:
        raise BusStuck(f"{name} is stuck: a line is held low. Switch the kiosk off and on, then check the wires.") from error
    raise BusError(f"A transfer to {address:#04x} on {name} failed: {error.strerror or error}. Re-open the device.") from error
