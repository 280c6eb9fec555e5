"""Linux's SPI, through the package spidev."""

from __future__ import annotations

from typing import Any

from drivers.errors import BusError, BusForbidden, BusMissing, DeviceClosed, DriverNotInstalled

HZ = 1_000_000
"""The MFRC522 takes 10 MHz (data sheet 8.1.2); at 1 MHz jumper wires still work, and a poll without a card takes 3 ms."""


class LinuxSPIBus:
    """`SPIBus` on ``/dev/spidevBUS.CHIP_SELECT``."""

    def __init__(self, bus: int, chip_select: int, hz: int = HZ) -> None:
        """Raises `DriverNotInstalled`, `BusMissing`, `BusForbidden` or `BusError`."""
        self._path = f"/dev/spidev{bus}.{chip_select}"
        try:
            import spidev
        except ImportError as error:
            raise DriverNotInstalled(
                "SPI needs the package spidev; install firstlight[pi] or Debian's python3-spidev."
            ) from error
        self._spi: Any = spidev.SpiDev()
        try:
            self._spi.open(bus, chip_select)
            self._spi.mode = 0
            self._spi.max_speed_hz = hz
        except FileNotFoundError as error:
            raise BusMissing(
                f"{self._path} does not exist. Enable SPI: dtparam=spi=on in the boot configuration, then restart."
            ) from error
        except PermissionError as error:
            raise BusForbidden(f"This user may not open {self._path}. Add it to the group spi.") from error
        except OSError as error:
            self._spi.close()
            raise BusError(
                f"{self._path} cannot be used ({error}). Check the number of the bus and of the chip select."
            ) from error

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._path}{', closed' if self._spi is None else ''}>"

    def transfer(self, data: bytes) -> bytes:
        if self._spi is None:
            raise DeviceClosed(f"{self._path} has been closed; open the device again.")
        try:
            return bytes(self._spi.xfer2(list(data)))
        except OSError as error:
            raise BusError(f"A transfer on {self._path} failed ({error}). Open the device again.") from error

    def close(self) -> None:
        if self._spi is not None:
            self._spi.close()
            self._spi = None
