"""The registers of one MLX90640 on an I2C bus, without any memory of what was read before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivers.bus import I2CBus
from drivers.clock import Clock
from drivers.errors import BadCalibration, DeviceMissing, NotAcknowledged
from drivers.mlx90640 import registers
from drivers.mlx90640.eeprom import compare

_BITS_PER_BYTE = 9
_MEASURING_ERROR = 1.1


class Chip:
    """Register access; every call raises `BusError` where a transfer fails."""

    def __init__(self, bus: I2CBus, address: int) -> None:
        self._bus = bus
        self._address = address

    def read(self, register: int, count: int) -> NDArray[np.uint16]:
        data = self._bus.write_read(self._address, register.to_bytes(2, "big"), 2 * count)
        return np.frombuffer(data, dtype=">u2").astype(np.uint16)

    def read_word(self, register: int) -> int:
        return int.from_bytes(self._bus.write_read(self._address, register.to_bytes(2, "big"), 2), "big")

    def write_word(self, register: int, word: int) -> None:
        self._bus.write(self._address, register.to_bytes(2, "big") + word.to_bytes(2, "big"))

    def require(self) -> None:
        """Raise `DeviceMissing` where nothing acknowledges the address."""
        try:
            self.read_word(registers.STATUS)
        except NotAcknowledged as error:
            raise DeviceMissing(
                f"No thermal sensor answers at I2C address {self._address:#04x}. Check its four wires and its supply, and "
                "compare the address with `i2cdetect -y 1`."
            ) from error

    def acknowledge(self) -> None:
        """Clear "new data"; the sensor goes on measuring and may overwrite its RAM (as in Melexis's own driver)."""
        self.write_word(registers.STATUS, registers.OVERWRITE | registers.START)

    def configure(self, refresh_hz: float, chess: bool, resolution: int) -> int:
        """Set rate, pattern and resolution; returns the control register as the chip then has it."""
        pattern = registers.CHESS if chess else 0
        control = registers.SUBPAGES | registers.refresh_bits(refresh_hz) | resolution << 10 | pattern
        self.write_word(registers.CONTROL, control)
        found = self.read_word(registers.CONTROL)
        if found != control:
            raise DeviceMissing(
                f"What answers at I2C address {self._address:#04x} does not keep its settings ({found:#06x} instead of "
                f"{control:#06x}): it is no MLX90640, or it is badly powered."
            )
        return control

    def read_eeprom(self, clock: Clock) -> tuple[NDArray[np.uint16], float]:
        """Read the 832 words twice and compare; returns them and the bus rate in Hz at which they came.

        Raises `BadCalibration` where the two differ, or where the bus is faster than the EEPROM allows.
        """
        begin = clock.monotonic()
        first = self.read(registers.EEPROM, registers.EEPROM_WORDS)
        took = clock.monotonic() - begin
        bus_hz = (2 * registers.EEPROM_WORDS + 4) * _BITS_PER_BYTE / took if took > 0 else float("inf")
        if registers.EEPROM_MAX_HZ * _MEASURING_ERROR < bus_hz < float("inf"):
            raise BadCalibration(
                f"The I2C bus runs at {bus_hz / 1000:.0f} kHz, but the thermal sensor's EEPROM may be read at 400 kHz at most. "
                "Set dtparam=i2c_arm_baudrate=400000 in the boot configuration."
            )
        compare(first, self.read(registers.EEPROM, registers.EEPROM_WORDS))
        return first, bus_hz
