"""The kinds of hardware that a kiosk has, each as the few calls that a visit needs.

A driver's object is open when it has been made; `close` may be called twice. All of them are used from one thread.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

ROWS, COLUMNS = 24, 32
"""Pixels of the MLX90640 (datasheet section 1)."""


# -- cards


class CardTechnology(StrEnum):
    """What kind of card answered, from its SAK (NXP AN10833). Part of a card's identity."""

    MIFARE_CLASSIC = "mifare-classic"
    MIFARE_ULTRALIGHT = "mifare-ultralight"
    """NTAG21x too: they answer alike."""
    ISO14443_4 = "iso14443-4"
    OTHER = "iso14443-3"


@dataclass(frozen=True)
class Card:
    """One card in the field. ``uid`` is 4, 7 or 10 bytes and stays out of `repr` and so out of logs."""

    technology: CardTechnology
    uid: bytes = field(repr=False)


class CardReader(Protocol):
    """Looks for a card in the field."""

    def poll(self) -> Card | None:
        """Return the one card in the field now, or ``None``; takes a few milliseconds.

        A card that stays is returned each time. Raises `SeveralCards`, `UnusableCard` or `CardUnreadable` for what lies in
        the field, `DeviceMissing` or `BusError` for the reader itself.
        """

    def wait(self, timeout_s: float) -> Card:
        """Return the next card; raises `DeadlineExceeded` when there is none within ``timeout_s``."""

    def self_test(self) -> str:
        """Run the chip's own test and return its version in words; raises `SelfTestFailed`."""

    def close(self) -> None: ...


# -- thermal camera


@dataclass(frozen=True)
class ThermalFrame:
    """One complete frame: two fresh, consecutive subpages, computed and raw."""

    celsius: NDArray[np.float32]
    """Object temperature in °C, [24, 32], row 0 at the top, column 0 at the left of the scene. Bad pixels are interpolated."""
    bad: NDArray[np.bool_]
    """[24, 32]; true where the value was interpolated."""
    ambient_c: float
    """Ta, the temperature of the sensor's own die, °C (datasheet 11.2.2.3). Some 8 K above the room's once it is warm."""
    supply_v: float
    """Vdd in V (datasheet 11.2.2.2)."""
    raw: NDArray[np.uint16]
    """[2, 834]: for subpage 0 and 1 the 832 RAM words, the control register and the status register. The sensor's own order
    of pixels, which is a mirror image of the scene (`drivers.mlx90640.registers.to_scene`)."""
    finished_s: float
    """Monotonic time at which the second subpage had been read."""


@dataclass(frozen=True)
class Optics:
    """What a thermal camera can resolve, from its data sheet."""

    field_of_view_deg: tuple[float, float]
    """Horizontal, vertical."""
    netd_1hz_k: float
    """Noise of a mean pixel at a refresh rate of 1 Hz, K."""


class ThermalCamera(Protocol):
    """Delivers thermal frames at a steady rate. The sensor measures all the time; frames not polled are dropped."""

    @property
    def optics(self) -> Optics: ...

    @property
    def eeprom(self) -> NDArray[np.uint16]:
        """The 832 calibration words as they were read."""

    @property
    def refresh_hz(self) -> float:
        """Subpages per second; complete frames come at half of it."""

    @property
    def emissivity(self) -> float: ...

    def poll(self) -> ThermalFrame | None:
        """Fetch a subpage if one is ready, and return a frame once both are there; never waits.

        Raises `BadFrame`, `FrozenFrame`, `BusError`, or `DeadlineExceeded` when the sensor has been silent for too long.
        After any of them `reopen` is needed.
        """

    def capture(self, timeout_s: float) -> ThermalFrame:
        """Wait for a complete frame whose measurement began after this call; raises `DeadlineExceeded`."""

    def reopen(self) -> None:
        """Start afresh after an error: EEPROM read and checked again, no state left behind."""

    def close(self) -> None: ...


# -- visible-light camera


@dataclass(frozen=True)
class Photo:
    """A photograph, warped onto the thermal frame's field of view where a homography is stored."""

    rgb: NDArray[np.uint8]
    """[height, width, 3], R first."""
    aligned: bool


class PhotoCamera(Protocol):
    def capture(self, timeout_s: float) -> Photo:
        """Take one photograph; raises `DeadlineExceeded` where the camera does not deliver (a loose cable)."""

    def close(self) -> None: ...


# -- lights and buzzer


class Signal(StrEnum):
    """What the kiosk tells a person without words."""

    READY = "ready"
    SEEN = "seen"
    WORKING = "working"
    DONE = "done"
    ATTENTION = "attention"
    OFF = "off"


class Indicator(Protocol):
    def show(self, signal: Signal) -> None:
        """Switch to ``signal`` at once; returns without waiting for a sound to end."""

    def close(self) -> None: ...
