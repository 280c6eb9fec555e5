"""Devices that were not there when the kiosk started: opened as soon as they are; meanwhile the screen can say sorry."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from drivers.errors import DeviceMissing
from drivers.protocols import Card, CardReader, Optics, ThermalCamera, ThermalFrame


class LateCamera:
    """A `ThermalCamera` that is opened by its first `reopen` that succeeds."""

    def __init__(self, open_camera: Callable[[], ThermalCamera]) -> None:
        self._open = open_camera
        self._camera: ThermalCamera | None = None

    @property
    def optics(self) -> Optics:
        return self._opened().optics

    @property
    def eeprom(self) -> NDArray[np.uint16]:
        return self._opened().eeprom

    @property
    def refresh_hz(self) -> float:
        return self._opened().refresh_hz

    @property
    def emissivity(self) -> float:
        return self._opened().emissivity

    def poll(self) -> ThermalFrame | None:
        return self._opened().poll()

    def capture(self, timeout_s: float) -> ThermalFrame:
        return self._opened().capture(timeout_s)

    def reopen(self) -> None:
        if self._camera is None:
            self._camera = self._open()
        else:
            self._camera.reopen()

    def close(self) -> None:
        if self._camera is not None:
            self._camera.close()

    def _opened(self) -> ThermalCamera:
        if self._camera is None:
            raise DeviceMissing("The thermal sensor has not answered yet; check its plug, and that I2C is enabled.")
        return self._camera


class LateReader:
    """A `CardReader` that is opened by the first call that succeeds."""

    def __init__(self, open_reader: Callable[[], CardReader]) -> None:
        self._open = open_reader
        self._reader: CardReader | None = None

    def poll(self) -> Card | None:
        return self._opened().poll()

    def wait(self, timeout_s: float) -> Card:
        return self._opened().wait(timeout_s)

    def self_test(self) -> str:
        return self._opened().self_test()

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()

    def _opened(self) -> CardReader:
        """Raises what opening it raises."""
        if self._reader is None:
            self._reader = self._open()
        return self._reader
