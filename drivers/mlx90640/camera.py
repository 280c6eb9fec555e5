"""The MLX90640 as a `ThermalCamera`: complete frames of fresh, consecutive subpages, or a typed error."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivers.bus import I2CBus
from drivers.clock import Clock, Deadline
from drivers.errors import BadFrame, BusTooSlow, DeadlineExceeded, DeviceClosed, DriverError, FrozenFrame
from drivers.mlx90640 import registers
from drivers.mlx90640.chip import Chip
from drivers.mlx90640.eeprom import check
from drivers.mlx90640.flat_field import check_flat_field
from drivers.mlx90640.optics import WIDE
from drivers.mlx90640.pairing import Pairing, Subpage
from drivers.mlx90640.repair import Repair
from drivers.mlx90640.temperature import Thermometer
from drivers.protocols import Optics, ThermalFrame

OPEN_AIR_K = 8.0
"""How much warmer the die is than the room that the object mirrors (datasheet 11.2.2.9)."""
_SILENT_PERIODS = 4
_SILENT_AT_LEAST_S = 1.0
_POLLS_PER_PERIOD = 25
_SLOW_READINGS = 8
"""A busy machine may be late now and then; a bus that is too slow always is."""


class Mlx90640Camera:
    """One sensor on one bus. Everything that it remembers of its sensor is its own, and `reopen` forgets all of it.

    `poll` costs one status read (0.2 ms of a bus at 400 kHz) while there is nothing new, and 38 ms when a subpage is
    fetched. It may be called as seldom as one likes; for complete frames it must be called at least once per period.
    """

    def __init__(
        self,
        bus: I2CBus,
        clock: Clock,
        *,
        address: int = registers.DEFAULT_ADDRESS,
        refresh_hz: float = 8.0,
        emissivity: float = 0.98,
        reflected_c: float | None = None,
        optics: Optics = WIDE,
        flat_field: NDArray[np.float32] | None = None,
        rotated: bool = False,
    ) -> None:
        """Open the sensor; the bus is closed where the sensor cannot be used.

        ``reflected_c`` is the temperature of what the object mirrors; ``None`` takes Ta - 8 K. ``flat_field`` [24, 32] in K is
        subtracted. ``rotated``: the sensor is mounted upside down. Raises `DeviceMissing`, `BadCalibration`, `BusError`,
        `BadFlatField`, or `ValueError` for a rate or emissivity that cannot be.
        """
        registers.refresh_bits(refresh_hz)
        if not 0.1 <= emissivity <= 1.0:
            raise ValueError(f"Emissivity lies between 0.1 and 1, not at {emissivity:g}; skin has 0.98.")
        self._bus = bus
        self._chip = Chip(bus, address)
        self._clock = clock
        self._refresh_hz = refresh_hz
        self._emissivity = emissivity
        self._reflected_c = reflected_c
        self._optics = optics
        self._flat_field = None if flat_field is None else check_flat_field(flat_field)
        self._rotated = rotated
        self._closed = False
        self._fault: DriverError | None = None
        try:
            self._start()
        except DriverError:
            self.close()
            raise

    def __repr__(self) -> str:
        return f"<Mlx90640Camera at {self._refresh_hz:g} Hz, emissivity {self._emissivity:g}>"

    @property
    def optics(self) -> Optics:
        return self._optics

    @property
    def eeprom(self) -> NDArray[np.uint16]:
        return self._eeprom.copy()

    @property
    def refresh_hz(self) -> float:
        return self._refresh_hz

    @property
    def emissivity(self) -> float:
        return self._emissivity

    @property
    def bus_hz(self) -> float:
        """Bits per second at which the EEPROM came over the bus; infinite where the clock saw no time pass."""
        return self._bus_hz

    def poll(self) -> ThermalFrame | None:
        if self._closed:
            raise DeviceClosed("The thermal camera was closed; open a new one.")
        if self._fault is not None:
            raise DeviceClosed(f"The thermal camera failed before and was not re-opened since: {self._fault}")
        try:
            subpage = self._next_subpage()
            pair = None if subpage is None else self._pairing.add(subpage)
            return None if pair is None else self._frame(*pair)
        except DriverError as error:
            self._fault = error
            raise

    def capture(self, timeout_s: float) -> ThermalFrame:
        deadline = Deadline(self._clock, timeout_s, "The thermal camera delivered no complete frame")
        # What is measured at this moment began before the call, so it must not count.
        self._pairing.drop()
        self._skip = 2 if self._announced() else 1
        while (frame := self.poll()) is None:
            deadline.check()
            self._clock.sleep(min(1 / self._refresh_hz / _POLLS_PER_PERIOD, deadline.remaining_s))
        return frame

    def reopen(self) -> None:
        if self._closed:
            raise DeviceClosed("The thermal camera was closed; open a new one.")
        self._start()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._bus.close()

    def _start(self) -> None:
        """Read and check everything from the chip; on failure the camera stays unusable until the next `reopen`."""
        self._fault = None
        try:
            self._chip.require()
            self._eeprom, self._bus_hz = self._chip.read_eeprom(self._clock)
            calibration = check(self._eeprom)
            self._control = self._chip.configure(self._refresh_hz, calibration.chess, calibration.resolution)
            # What the RAM holds already is what a frozen sensor would send as its first frame.
            ram = self._chip.read(registers.RAM, registers.RAM_WORDS)
            self._chip.acknowledge()
        except DriverError as error:
            self._fault = error
            raise
        self._thermometer = Thermometer(calibration)
        self._repair = Repair(np.ascontiguousarray(registers.to_scene(calibration.bad, self._rotated)))
        self._pairing = Pairing(1 / self._refresh_hz)
        self._previous = [ram[self._thermometer.constants(self._control, subpage).pixels] for subpage in (0, 1)]
        self._skip = self._slow = 0
        self._quiet_s = self._heard_s = self._clock.monotonic()

    def _announced(self) -> bool:
        """Whether a finished measurement waits to be fetched."""
        if self._closed or self._fault is not None:
            return False  # poll says so
        try:
            return bool(self._chip.read_word(registers.STATUS) & registers.NEW_DATA)
        except DriverError as error:
            self._fault = error
            raise

    def _next_subpage(self) -> Subpage | None:
        asked_s = self._clock.monotonic()
        status = self._chip.read_word(registers.STATUS)
        if not status & registers.NEW_DATA:
            self._quiet_s = asked_s
            silent_s = max(_SILENT_AT_LEAST_S, _SILENT_PERIODS / self._refresh_hz)
            if asked_s - self._heard_s > silent_s:
                raise DeadlineExceeded(f"The thermal sensor measured nothing for {silent_s:g} s. Re-open it; check its supply.")
            return None
        self._heard_s = seen_s = self._clock.monotonic()
        self._chip.acknowledge()
        cleared_s = self._clock.monotonic()
        after_s, self._quiet_s = self._quiet_s, cleared_s
        if self._skip:
            self._skip -= 1
            return None
        words = self._fetch(status, cleared_s)
        return None if words is None else self._measure(words, status & registers.SUBPAGE_MASK, after_s, seen_s, cleared_s)

    def _fetch(self, status: int, cleared_s: float) -> NDArray[np.uint16] | None:
        """Read the 834 words, or ``None`` where the sensor overtook the reading, which mixes two measurements."""
        words = np.empty(registers.RAM_WORDS + 2, dtype=np.uint16)
        words[: registers.RAM_WORDS] = self._chip.read(registers.RAM, registers.RAM_WORDS)
        took_s = self._clock.monotonic() - cleared_s
        words[registers.RAM_WORDS] = self._chip.read_word(registers.CONTROL)
        words[registers.RAM_WORDS + 1] = status
        after = self._chip.read_word(registers.STATUS)
        self._slow = self._slow + 1 if took_s >= 1 / self._refresh_hz else 0
        if self._slow >= _SLOW_READINGS:
            raise BusTooSlow(
                f"Reading a measurement takes {took_s * 1000:.0f} ms, but the thermal sensor makes one every "
                f"{1000 / self._refresh_hz:.0f} ms. Set dtparam=i2c_arm_baudrate=400000 in the boot configuration, "
                "or choose a lower refresh rate."
            )
        if after & registers.NEW_DATA or (after ^ status) & registers.SUBPAGE_MASK:
            self._pairing.drop()
            return None
        return words

    def _measure(self, words: NDArray[np.uint16], number: int, after_s: float, seen_s: float, cleared_s: float) -> Subpage:
        self._refuse(words, number)
        control = int(words[registers.RAM_WORDS])
        signed = words[: registers.RAM_WORDS].view(np.int16)
        found = self._thermometer.surroundings(signed, control)
        reflected_c = found.ambient_c - OPEN_AIR_K if self._reflected_c is None else self._reflected_c
        celsius = self._thermometer.object_c(signed, control, number, found, self._emissivity, reflected_c)
        return Subpage(number, words, celsius, found, after_s, seen_s, cleared_s)

    def _refuse(self, words: NDArray[np.uint16], number: int) -> None:
        """Raise for words that are no new measurement of this sensor as it was set up."""
        control = int(words[registers.RAM_WORDS])
        if control != self._control:
            raise BadFrame(
                f"The thermal sensor forgot its settings ({control:#06x} instead of {self._control:#06x}): its supply was "
                "interrupted. Check its 3.3 V wire, then re-open it."
            )
        if number > 1:
            raise BadFrame(f"The thermal sensor announces subpage {number}; there are 0 and 1. Re-open it.")
        constants = self._thermometer.constants(control, number)
        pixels = words[constants.pixels]
        good = pixels if constants.good is None else pixels[constants.good]
        if (good == registers.NOT_MEASURED).any() or (words[_AUXILIARY] == registers.NOT_MEASURED).any():
            raise BadFrame("The thermal sensor sent 0x7FFF, its mark for no measurement. Re-open it.")
        if np.array_equal(self._previous[number], pixels):
            raise FrozenFrame(
                f"The thermal sensor announces new data, but subpage {number} is as before, without noise. Re-open it."
            )
        self._previous[number] = pixels

    def _frame(self, zero: Subpage, one: Subpage) -> ThermalFrame:
        pixels = np.empty(registers.PIXELS, dtype=np.float32)
        for subpage in (zero, one):
            pixels[self._thermometer.constants(self._control, subpage.number).pixels] = subpage.celsius
        celsius = np.ascontiguousarray(registers.to_scene(pixels, self._rotated))
        if self._flat_field is not None:
            celsius -= self._flat_field
        self._repair.apply(celsius)
        return ThermalFrame(
            celsius=celsius,
            bad=self._repair.bad.copy(),
            ambient_c=(zero.surroundings.ambient_c + one.surroundings.ambient_c) / 2,
            supply_v=(zero.surroundings.supply_v + one.surroundings.supply_v) / 2,
            raw=np.stack([zero.words, one.words]),
            finished_s=self._clock.monotonic(),
        )


_AUXILIARY = np.array(registers.USED_AUXILIARY)
