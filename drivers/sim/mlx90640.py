"""An MLX90640 at register level: it measures all the time, whether anybody reads or not.

Nothing is computed until it is read: which measurements are finished follows from the clock, and words are made when a
transfer asks for them. So a kiosk that waits for a patient costs nothing.
"""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from drivers.clock import Clock
from drivers.mlx90640 import registers
from drivers.sim.errors import UndocumentedAccess
from drivers.sim.faults import Faults

_ROUNDING_S: Final = 1e-9
_INVALID_EVERY: Final = 97
_CONTROL_WRITABLE: Final = 0x1FFF & ~0x0002
"""Bits 13 to 15 are reserved; bit 1 (step mode) is no longer documented."""


class Measurement(Protocol):
    """What a sensor measures: words for one subpage."""

    def __call__(
        self, number: int, finished_s: float, control: int, subpage: int
    ) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
        """Return the words of the subpage's pixels [384] and the RAM behind the pixels [64].

        ``number`` counts from 1 since the last setting; the measurement was finished at ``finished_s`` on the clock.
        """


class SimMLX90640:
    """The chip: EEPROM, RAM, status, control and configuration registers."""

    def __init__(
        self,
        clock: Clock,
        eeprom: NDArray[np.uint16],
        measurement: Measurement,
        faults: Faults | None = None,
        *,
        at_most: int | None = None,
    ) -> None:
        """``at_most`` measurements are made after each setting, then the sensor falls silent."""
        self.eeprom = eeprom.copy()
        self._at_most = at_most
        self._clock = clock
        self._measurement = measurement
        self._faults = faults if faults is not None else Faults()
        self._flips = 0
        self.power_cycle()

    def power_cycle(self) -> None:
        """Interrupt the supply: the settings fall back to those of the EEPROM."""
        self._configuration = 0
        self._overwrite = False
        self._ram = np.zeros(registers.RAM_WORDS, dtype=np.uint16)
        self._set_control(int(self.eeprom[12]))

    @property
    def control(self) -> int:
        """The control register."""
        return self._control

    def write(self, data: bytes) -> None:
        if len(data) != 4:
            raise UndocumentedAccess(f"An MLX90640 is written to by register and word, not by {len(data)} bytes.")
        register, word = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:], "big")
        if register == registers.STATUS:
            self._write_status(word)
        elif register == registers.CONTROL and not word & ~_CONTROL_WRITABLE:
            self._set_control(word)
        elif register == registers.I2C_CONFIGURATION and not word & ~0x0007:
            self._configuration = word
        else:
            raise UndocumentedAccess(f"Writing {word:#06x} to {register:#06x} of an MLX90640 is not documented.")

    def write_read(self, data: bytes, count: int, takes_s: float) -> bytes:
        if len(data) != 2 or count % 2 or count == 0:
            raise UndocumentedAccess(f"An MLX90640 is read by register and whole words, not by {len(data)} and {count} bytes.")
        register, words = int.from_bytes(data, "big"), count // 2
        return self._read(register, words, takes_s).astype(">u2").tobytes()

    def _read(self, register: int, count: int, takes_s: float) -> NDArray[np.uint16]:
        if register >= registers.RAM and register + count <= registers.RAM + registers.RAM_WORDS:
            return self._read_ram(register - registers.RAM, count, takes_s)
        if register >= registers.EEPROM and register + count <= registers.EEPROM + registers.EEPROM_WORDS:
            first = register - registers.EEPROM
            return self._read_eeprom()[first : first + count]
        if count != 1:
            raise UndocumentedAccess(f"Reading {count} words at {register:#06x} of an MLX90640 is not documented.")
        return np.array([self._read_register(register)], dtype=np.uint16)

    def _read_register(self, register: int) -> int:
        match register:
            case registers.STATUS:
                return self._status(self._clock.monotonic())
            case registers.CONTROL:
                return self._control
            case registers.I2C_CONFIGURATION:
                return self._configuration
            case _:
                raise UndocumentedAccess(f"Register {register:#06x} of an MLX90640 is not documented.")

    # -- measuring

    def _set_control(self, control: int) -> None:
        """A new setting starts the measurements anew."""
        self._control = control
        self._pixels = [registers.subpage_pixels(bool(control & registers.CHESS), subpage) for subpage in (0, 1)]
        self._began_s = self._clock.monotonic()
        self._collected = 0
        self._written = [0, 0]

    def _finished(self, now: float) -> int:
        """How many measurements the RAM has seen since the last setting."""
        count = int((now - self._began_s + _ROUNDING_S) * registers.refresh_hz(self._control))
        if self._faults.sensor_silent:
            self._began_s = now - self._collected / registers.refresh_hz(self._control)
            return self._collected
        if self._control & registers.DATA_HOLD and not self._overwrite:
            count = min(count, self._collected + 1)
        return count if self._at_most is None else min(count, self._at_most)

    def _subpage(self, number: int) -> int:
        """Which subpage the ``number``-th measurement (from 1) is of."""
        if self._faults.sensor_half_frame or not self._control & registers.SUBPAGES:
            return 0
        if self._control & registers.SUBPAGE_REPEAT:
            return (self._control >> 4) & 1
        return (number - 1) & 1

    def _status(self, now: float) -> int:
        finished = self._finished(now)
        new = registers.NEW_DATA if finished > self._collected else 0
        return (self._subpage(finished) if finished else 0) | new | (registers.OVERWRITE if self._overwrite else 0)

    def _write_status(self, word: int) -> None:
        if word & ~(registers.SUBPAGE_MASK | registers.NEW_DATA | registers.OVERWRITE | registers.START):
            raise UndocumentedAccess(f"Writing {word:#06x} to the status register of an MLX90640 is not documented.")
        if not word & registers.NEW_DATA:
            self._collected = self._finished(self._clock.monotonic())
        self._overwrite = bool(word & registers.OVERWRITE)

    # -- memory

    def _read_ram(self, first: int, count: int, takes_s: float) -> NDArray[np.uint16]:
        """What a transfer sees that takes ``takes_s``: a measurement that is finished meanwhile changes the words to come."""
        begin = self._clock.monotonic()
        finished = self._finished(begin)
        self._write_ram(finished)
        words = self._ram[first : first + count].copy()
        for number in range(finished + 1, self._finished(begin + takes_s) + 1):
            at_s = self._began_s + number / registers.refresh_hz(self._control)
            passed = int((at_s - begin) / takes_s * count)
            self._write_ram(number)
            words[passed:] = self._ram[first + passed : first + count]
        return words

    def _write_ram(self, finished: int) -> None:
        """Bring the RAM to the state after ``finished`` measurements: the last of each subpage."""
        for number in range(max(1, finished - 1), finished + 1):
            subpage = self._subpage(number)
            if number <= self._written[subpage]:
                continue
            self._written[subpage] = number
            if self._faults.sensor_frozen or (self._faults.sensor_stale_subpage and subpage == 1):
                continue
            finished_s = self._began_s + number / registers.refresh_hz(self._control)
            pixels, auxiliary = self._measurement(number, finished_s, self._control, subpage)
            self._ram[self._pixels[subpage]], self._ram[registers.PIXELS :] = pixels, auxiliary
            if self._faults.sensor_invalid_words:
                self._ram[self._pixels[subpage][::_INVALID_EVERY]] = registers.NOT_MEASURED

    def _read_eeprom(self) -> NDArray[np.uint16]:
        if self._faults.eeprom_garbage:
            return np.random.default_rng(0).integers(0, 0x10000, registers.EEPROM_WORDS).astype(np.uint16)
        words = self.eeprom.copy()
        if self._faults.eeprom_flip:
            self._flips += 1
            words[(self._flips * 131) % registers.EEPROM_WORDS] ^= 1 << self._flips % 16
        return words
