"""The data sheet's worked example (rev. 12, section 11.2.2: pixel of row 12, column 16), step by step, from its own words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.mlx90640 import registers, temperature
from drivers.mlx90640.calibration import Calibration
from drivers.mlx90640.temperature import SubpageConstants

PIXEL = 11 * 32 + 15
CONTROL = registers.CONTROL_AT_POWER_UP
ALPHA, ALPHA_OF_COMPENSATION = 1.26223312690854e-7, 4.07453626394272e-9


def words(of: dict[int, int], first: int) -> NDArray[np.uint16]:
    """The 832 words from address ``first`` on, 0 where the example gives none."""
    found = np.zeros(832, dtype=np.uint16)
    for address, word in of.items():
        found[address - first] = word
    return found


EEPROM = words(
    {
        0x2410: 0x4210,
        0x2430: 0x18EF,
        0x2431: 0x2FF1,
        0x2432: 0x5952,
        0x2433: 0x9D68,
        0x2438: 0x2363,
        0x243A: 0xFBB5,
        0x243B: 0x044B,
        0x243C: 0xF020,
        0x243D: 0x9797,
        0x243E: 0x9797,
        0x243F: 0x2889,
    },
    0x2400,
)
RAM = words(
    {0x056F: 0x0261, 0x0700: 0x4BF2, 0x0708: 0xFFCA, 0x070A: 0x1881, 0x0720: 0x06AF, 0x0728: 0xFFC8, 0x072A: 0xCCC5}, 0x0400
).view(np.int16)


def example() -> Calibration:
    """The pixel's own constants are given as numbers; the sensitivity is that less the compensation pixel's."""
    every = np.ones(registers.PIXELS)
    return replace(
        Calibration.from_eeprom(EEPROM),
        offset=-75 * every,
        kta=0.005126953125 * every,
        kv=0.5 * every,
        alpha=(ALPHA - ALPHA_OF_COMPENSATION) * every,
        bad=np.zeros(registers.PIXELS, dtype=np.bool_),
    )


def subpage_of_the_pixel() -> SubpageConstants:
    constants = temperature.subpage_constants(example(), chess=True, subpage=0)
    assert PIXEL in constants.pixels
    return constants


def test_supply_and_die_temperature() -> None:
    found = temperature.surroundings(example(), RAM, CONTROL)
    assert found.supply_v == pytest.approx(3.319, abs=0.0005)
    assert found.ambient_c == pytest.approx(39.184, abs=0.0005)


def test_gain() -> None:
    assert temperature.gain_factor(example(), RAM) == pytest.approx(1.01753546947234, abs=1e-12)


def test_offset() -> None:
    found = temperature.surroundings(example(), RAM, CONTROL)
    signal = RAM[PIXEL] * temperature.gain_factor(example(), RAM)
    signal -= temperature.pixel_offset(subpage_of_the_pixel(), found)[0]
    assert signal == pytest.approx(700.882495690877, abs=1e-3)


def test_compensation_pixel() -> None:
    found = temperature.surroundings(example(), RAM, CONTROL)
    signal = temperature.compensation_signal(example(), subpage_of_the_pixel(), RAM, found)
    assert signal == pytest.approx(25.6667, abs=0.01)


def test_object_temperature() -> None:
    calibration = example()
    compensated = 679.250909123826
    sensitivity = 1.1876487360496e-7
    assert calibration.alpha[PIXEL] * (1 + calibration.ks_ta * (39.184 - 25)) == pytest.approx(sensitivity, rel=1e-9)
    background = temperature.reflected_radiance(ambient_c=39.184, reflected_c=31.0, emissivity=1.0)
    assert background == pytest.approx(9516495632.56, rel=1e-9)
    ratio = np.array([compensated / sensitivity])
    basic_c = temperature.basic_object_c(calibration, ratio, background)
    assert basic_c[0] == pytest.approx(80.36331, abs=1e-4)


def test_the_steps_together() -> None:
    """From the example's words. The sheet goes on with subpage 1 of the other pattern; here its last formula is redone."""
    thermometer = temperature.Thermometer(example())
    ram = RAM.copy()
    ram[thermometer.constants(CONTROL, 0).pixels] = RAM[PIXEL]
    found = thermometer.surroundings(ram, CONTROL)
    celsius = thermometer.object_c(ram, CONTROL, 0, found, emissivity=1.0, reflected_c=31.0)
    signal_k4 = (700.8825 - 25.6667) / 1.1876487360496e-7  # the gradient is taken off: TGC is 1
    slope = -0.00080108642578125
    expected_c = 80.0
    for _ in range(20):
        expected_c = (signal_k4 / (1 + slope * expected_c) + 9516495632.56) ** 0.25 - 273.15
    assert celsius.min() == celsius.max() == pytest.approx(expected_c, abs=0.1)  # the sheet stops after one step
