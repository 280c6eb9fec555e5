"""Where things are in an MLX90640 (datasheet rev. 12, sections 10 and 11). Words are 16 bits, most significant byte first."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from drivers.protocols import COLUMNS, ROWS

DEFAULT_ADDRESS: Final = 0x33
PIXELS: Final = ROWS * COLUMNS

RAM: Final = 0x0400
RAM_WORDS: Final = 832
EEPROM: Final = 0x2400
EEPROM_WORDS: Final = 832
EEPROM_MAX_HZ: Final = 400_000
"""The RAM may be read at 1 MHz, the EEPROM may not (section 8)."""

STATUS: Final = 0x8000
CONTROL: Final = 0x800D
I2C_CONFIGURATION: Final = 0x800F

# -- status register

SUBPAGE_MASK: Final = 0x0007
NEW_DATA: Final = 0x0008
OVERWRITE: Final = 0x0010
START: Final = 0x0020

# -- control register

SUBPAGES: Final = 0x0001
DATA_HOLD: Final = 0x0004
SUBPAGE_REPEAT: Final = 0x0008
CHESS: Final = 0x1000
CONTROL_AT_POWER_UP: Final = 0x1901

REFRESH_RATES_HZ: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Subpages per second, in the order of the register's code."""

# -- RAM words behind the pixels (section 11.2.2)

VBE: Final = 768
CP_SUBPAGE_0: Final = 776
GAIN: Final = 778
PTAT: Final = 800
CP_SUBPAGE_1: Final = 808
VDD: Final = 810
USED_AUXILIARY: Final = (VBE, CP_SUBPAGE_0, GAIN, PTAT, CP_SUBPAGE_1, VDD)

NOT_MEASURED: Final = 0x7FFF
"""The word that the sensor leaves where it has no valid measurement."""

_row = np.repeat(np.arange(ROWS), COLUMNS)
_column = np.tile(np.arange(COLUMNS), ROWS)
CHESS_PATTERN: Final[NDArray[np.intp]] = (_row + _column) & 1
"""[768]: the subpage that each pixel belongs to in chess mode."""
INTERLEAVED_PATTERN: Final[NDArray[np.intp]] = _row & 1
"""[768]: the same in interleaved mode."""


def refresh_hz(control: int) -> float:
    """Return the subpages per second that a control register asks for."""
    return REFRESH_RATES_HZ[(control >> 7) & 7]


def refresh_bits(hz: float) -> int:
    """Return the control register's bits for ``hz``; raises `ValueError` for a rate that the chip does not have."""
    if hz not in REFRESH_RATES_HZ:
        rates = ", ".join(f"{rate:g}" for rate in REFRESH_RATES_HZ)
        raise ValueError(f"An MLX90640 has no refresh rate of {hz:g} Hz; choose one of {rates}.")
    return REFRESH_RATES_HZ.index(hz) << 7


def resolution_bits(control: int) -> int:
    """Return the ADC resolution's code, 0 for 16 bits to 3 for 19 bits."""
    return (control >> 10) & 3


def subpage_pixels(chess: bool, subpage: int) -> NDArray[np.intp]:
    """Return the indices [384] of the pixels that belong to ``subpage``."""
    return np.flatnonzero((CHESS_PATTERN if chess else INTERLEAVED_PATTERN) == subpage)


def to_scene(pixels: NDArray[Any], rotated: bool = False) -> NDArray[Any]:
    """Arrange values [768] in the sensor's order as the scene [24, 32] is seen from the sensor, as in a photograph.

    The sensor numbers its pixels as one sees them looking at it, and its lens turns the picture upside down; together that
    is a mirror image, whichever way up it is mounted. ``rotated`` is for a sensor mounted the other way up.
    """
    image = pixels.reshape(ROWS, COLUMNS)[:, ::-1]
    return image[::-1, ::-1] if rotated else image


def from_scene(image: NDArray[Any], rotated: bool = False) -> NDArray[Any]:
    """Undo `to_scene`: [24, 32] to [768]."""
    return (image[::-1, ::-1] if rotated else image)[:, ::-1].reshape(PIXELS)
