"""Adafruit's MLX90640 driver as a `ThermalCamera`: a second opinion on the same wire, not the driver to run a kiosk with.

It shares the module-wide state and the private methods of adafruit-circuitpython-mlx90640 1.3.x, which offers no call that
does not wait for ever.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivers.adapters.warning import KnownDefects
from drivers.bus import I2CBus
from drivers.clock import Clock, Deadline
from drivers.errors import BadCalibration, BadFrame, DeadlineExceeded, DeviceClosed, DriverError, DriverNotInstalled
from drivers.mlx90640 import registers
from drivers.mlx90640.chip import Chip
from drivers.mlx90640.optics import WIDE
from drivers.protocols import Optics, ThermalFrame

DEFECTS = (
    "adafruit-circuitpython-mlx90640 shares its calibration between all sensors of a process, does not check the EEPROM, "
    "mixes measurements where a subpage was missed, and takes the word 0x7FFF for 764 °C. "
    "Use it to compare, not to examine people."
)
_LISTS = {"ksTo": 5, "ct": 5, "alpha": 768, "offset": 768, "kta": 768, "kv": 768, "cpAlpha": 2, "cpOffset": 2, "ilChessC": 3}
_SILENT_S = 2.0
_POLLS_PER_PERIOD = 25


class AdafruitCamera:
    """`ThermalCamera` over Adafruit's driver, on one of our buses."""

    def __init__(
        self,
        bus: I2CBus,
        clock: Clock,
        *,
        address: int = registers.DEFAULT_ADDRESS,
        refresh_hz: float = 8.0,
        emissivity: float = 0.95,
        reflected_c: float | None = None,
        optics: Optics = WIDE,
    ) -> None:
        """Open the sensor and warn of `DEFECTS`; raises `DriverNotInstalled`, `DeviceMissing`, `BadCalibration`, `BusError`."""
        warnings.warn(DEFECTS, KnownDefects, stacklevel=2)
        self._rate_code = registers.refresh_bits(refresh_hz) >> 7
        self._bus = bus
        self._clock = clock
        self._address = address
        self._refresh_hz = refresh_hz
        self._emissivity = emissivity
        self._reflected_c = reflected_c
        self._optics = optics
        self._closed = False
        self._heard_s = clock.monotonic()
        self.reopen()

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

    def poll(self) -> ThermalFrame | None:
        """Fetch a subpage if one is ready. The frame is whatever two different subpages were read last, as in ``getFrame``."""
        if self._closed:
            raise DeviceClosed("The thermal camera was closed; open a new one.")
        now = self._clock.monotonic()
        if not Chip(self._bus, self._address).read_word(registers.STATUS) & registers.NEW_DATA:
            if now - self._heard_s > max(_SILENT_S, 4 / self._refresh_hz):
                raise DeadlineExceeded("The thermal sensor has measured nothing for too long. Re-open it; check its supply.")
            return None
        self._heard_s = now
        words = [0] * 834
        try:
            subpage = self._driver._GetFrameData(words)
            ambient_c = self._driver._GetTa(words)
            reflected_c = ambient_c - 8 if self._reflected_c is None else self._reflected_c
            self._driver._CalculateTo(words, self._emissivity, reflected_c, self._celsius)
        except DriverError:
            raise
        except (RuntimeError, ValueError, ArithmeticError) as error:
            raise BadFrame(f"Adafruit's driver could not use what the sensor sent: {error}. Re-open it.") from error
        self._words[subpage] = np.array(words, dtype=np.uint16)
        return self._frame(ambient_c) if len(self._words) == 2 else None

    def capture(self, timeout_s: float) -> ThermalFrame:
        """See `ThermalCamera.capture`; waits for two subpages after the one that is under way."""
        deadline = Deadline(self._clock, timeout_s, "The thermal camera delivered no complete frame")
        self._words.clear()
        skip = True
        while True:
            frame = self.poll()
            if skip and self._words:
                self._words.clear()
                skip = False
            elif frame is not None:
                return frame
            deadline.check()
            self._clock.sleep(min(1 / self._refresh_hz / _POLLS_PER_PERIOD, deadline.remaining_s))

    def reopen(self) -> None:
        if self._closed:
            raise DeviceClosed("The thermal camera was closed; open a new one.")
        Chip(self._bus, self._address).require()
        try:
            import adafruit_mlx90640
        except (ImportError, NotImplementedError) as error:
            raise DriverNotInstalled("This needs adafruit-circuitpython-mlx90640; install firstlight[adapters].") from error
        # Its lists belong to the class, so a second sensor would write into the first one's: give each camera a class.
        own: dict[str, Any] = {name: [0] * length for name, length in _LISTS.items()}
        own_class = type("OwnMLX90640", (adafruit_mlx90640.MLX90640,), own | {"brokenPixels": [], "outlierPixels": []})
        try:
            self._driver: Any = own_class(_BusIO(self._bus), self._address)
            self._driver.refresh_rate = self._rate_code
        except DriverError:
            raise
        except (RuntimeError, ValueError, ArithmeticError) as error:
            raise BadCalibration(f"Adafruit's driver refuses the sensor's EEPROM: {error}. Check the wiring.") from error
        self._eeprom = np.array(adafruit_mlx90640.eeData, dtype=np.uint16)
        self._bad = np.zeros(registers.PIXELS, dtype=np.bool_)
        self._bad[[*self._driver.brokenPixels, *self._driver.outlierPixels]] = True
        self._celsius = [float("nan")] * registers.PIXELS
        self._words: dict[int, NDArray[np.uint16]] = {}
        self._heard_s = self._clock.monotonic()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._bus.close()

    def _frame(self, ambient_c: float) -> ThermalFrame:
        raw = np.stack([self._words.pop(0), self._words.pop(1)])
        return ThermalFrame(
            celsius=np.ascontiguousarray(registers.to_scene(np.array(self._celsius, dtype=np.float32))),
            bad=np.ascontiguousarray(registers.to_scene(self._bad)),
            ambient_c=ambient_c,
            supply_v=float(self._driver._GetVdd(raw[1].tolist())),
            raw=raw,
            finished_s=self._clock.monotonic(),
        )


class _BusIO:
    """The part of CircuitPython's ``busio.I2C`` that Adafruit's driver calls, over an `I2CBus`."""

    def __init__(self, bus: I2CBus) -> None:
        self._bus = bus

    def try_lock(self) -> bool:
        return True

    def unlock(self) -> None: ...

    def writeto(self, address: int, buffer: bytes, *, start: int = 0, end: int | None = None) -> None:
        data = bytes(buffer[start:end])
        if data:  # without data it is a probe, which `Chip.require` has already made
            self._bus.write(address, data)

    def writeto_then_readfrom(
        self,
        address: int,
        out_buffer: bytes,
        in_buffer: bytearray,
        *,
        out_start: int = 0,
        out_end: int | None = None,
        in_start: int = 0,
        in_end: int | None = None,
    ) -> None:
        end = len(in_buffer) if in_end is None else in_end
        in_buffer[in_start:end] = self._bus.write_read(address, bytes(out_buffer[out_start:out_end]), end - in_start)
