"""Reading the calibration so that a wrong one is refused: the EEPROM has no checksum."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivers.errors import BadCalibration
from drivers.mlx90640.calibration import Calibration

MAX_BAD_PIXELS = 4
"""What the factory lets pass (datasheet rev. 12, section 9)."""

_REMEDY = (
    "Check the wiring and that the I2C bus runs at no more than 400 kHz, then re-open the sensor; replace it if this returns."
)

_PLAUSIBLE: tuple[tuple[str, float, float], ...] = (
    ("gain", 1000, 32767),
    ("k_vdd", -4064, -1000),
    ("kv_ptat", 0, 0.008),
    ("kt_ptat", 30, 60),
    ("v_ptat_25", 8000, 16383),
    ("ks_ta", -0.008, 0.008),
    ("tgc", -2, 2),
)
"""Attribute, lowest, highest: wide around the sensors known to us and the datasheet's example, so that only nonsense fails."""


def compare(first: NDArray[np.uint16], second: NDArray[np.uint16]) -> None:
    """Raise `BadCalibration` unless two readings of the 832 words are the same."""
    different = int(np.count_nonzero(first != second))
    if different:
        raise BadCalibration(f"The thermal sensor's EEPROM reads differently each time ({different} of 832 words). {_REMEDY}")


def check(eeprom: NDArray[np.uint16]) -> Calibration:
    """Unpack 832 words; raises `BadCalibration` where they cannot be a sensor's."""
    if not eeprom.any() or (eeprom == 0xFFFF).all():
        raise BadCalibration(f"The thermal sensor's EEPROM is empty: every word is {eeprom[0]:#06x}. {_REMEDY}")
    if len(np.unique(eeprom[64:])) < 16:
        raise BadCalibration(f"The thermal sensor's EEPROM holds the same few words for all pixels. {_REMEDY}")
    calibration = Calibration.from_eeprom(eeprom)
    for name, lowest, highest in _PLAUSIBLE:
        value = getattr(calibration, name)
        if not lowest <= value <= highest:
            raise BadCalibration(
                f"The thermal sensor's EEPROM says {name} = {value:g}, not {lowest:g} to {highest:g}. {_REMEDY}"
            )
    corner = calibration.corner_c
    if not 0 < corner[2] < corner[3]:
        raise BadCalibration(f"The thermal sensor's EEPROM has temperature ranges out of order: {corner}. {_REMEDY}")
    _check_pixels(calibration)
    return calibration


def _check_pixels(calibration: Calibration) -> None:
    bad = int(calibration.bad.sum())
    if bad > MAX_BAD_PIXELS:
        raise BadCalibration(f"The thermal sensor's EEPROM marks {bad} pixels as bad; {MAX_BAD_PIXELS} is the most. {_REMEDY}")
    alpha = calibration.alpha[~calibration.bad]
    if not (alpha.min() > 0 and alpha.max() < 20 * alpha.min()):
        raise BadCalibration(f"The thermal sensor's EEPROM gives some pixels a sensitivity that none can have. {_REMEDY}")
