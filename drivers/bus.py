"""Wires: the two calls that an I2C driver and the one that an SPI driver needs.

Linux's are in `drivers.linux_i2c` and `drivers.linux_spi`, simulated ones in `drivers.sim.i2c` and `drivers.sim.spi`.
"""

from __future__ import annotations

from typing import Protocol


class I2CBus(Protocol):
    """A bus master. Every call raises `BusError` when the device does not acknowledge."""

    def write(self, address: int, data: bytes) -> None: ...

    def write_read(self, address: int, data: bytes, count: int) -> bytes:
        """Write ``data``, then read ``count`` bytes after a repeated start."""

    def close(self) -> None: ...


class SPIBus(Protocol):
    """One chip select of an SPI controller, mode 0, most significant bit first."""

    def transfer(self, data: bytes) -> bytes:
        """Clock ``data`` out and return as many bytes clocked in."""

    def close(self) -> None: ...
