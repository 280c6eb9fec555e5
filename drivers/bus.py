"""Wires: the two calls that an I2C driver and the one that an SPI driver needs, and Linux's implementation of each.

Simulated wires with simulated chips behind them are in `drivers.sim.wires`.
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
