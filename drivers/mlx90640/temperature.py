"""From raw words to temperatures (datasheet rev. 12, section 11.2), vectorised over the pixels of a subpage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivers.errors import BadFrame
from drivers.mlx90640 import registers
from drivers.mlx90640.calibration import Calibration, Floats

KELVIN = 273.15
SUPPLY_V = (3.0, 3.6)
AMBIENT_C = (-40.0, 85.0)
"""What the sensor can be operated at (section 5)."""
OBJECT_C = (-70.0, 400.0)
"""Its range of -40 to 300 °C with room for noise: what lies outside is no temperature but a broken word."""

_pixel = np.arange(registers.PIXELS)
_alternate_row = registers.INTERLEAVED_PATTERN
_conversion = ((_pixel + 2) // 4 - (_pixel + 3) // 4 + (_pixel + 1) // 4 - _pixel // 4) * (1 - 2 * _alternate_row)


@dataclass(frozen=True)
class Surroundings:
    """The sensor's own state while it measured."""

    supply_v: float
    ambient_c: float


@dataclass(frozen=True, eq=False)
class SubpageConstants:
    """What depends on pattern and subpage alone, so that no frame computes it again. Arrays are [384]."""

    pixels: NDArray[np.intp]
    offset_terms: Floats
    """[4, 384]: what is taken off the signal, constant, per K of Ta - 25 °C, per V of Vdd - 3.3 V, and per K·V."""
    per_alpha: Floats
    """1 / sensitivity."""
    compensation_word: int
    compensation_offset: float
    good: NDArray[np.bool_] | None
    """``None`` where all of the subpage's pixels are good."""


class Thermometer:
    """Computes temperatures for one sensor. It holds that sensor's constants and nothing else."""

    def __init__(self, calibration: Calibration) -> None:
        self._calibration = calibration
        self._constants = {
            (chess, subpage): subpage_constants(calibration, chess, subpage) for chess in (False, True) for subpage in (0, 1)
        }

    def constants(self, control: int, subpage: int) -> SubpageConstants:
        return self._constants[bool(control & registers.CHESS), subpage]

    def surroundings(self, words: NDArray[np.int16], control: int) -> Surroundings:
        """Vdd and Ta (11.2.2.2, 11.2.2.3) from the 832 RAM words; raises `BadFrame` where they are impossible."""
        found = surroundings(self._calibration, words, control)
        if not SUPPLY_V[0] <= found.supply_v <= SUPPLY_V[1]:
            raise BadFrame(
                f"The thermal sensor reports a supply of {found.supply_v:.2f} V; it needs {SUPPLY_V[0]:g} to {SUPPLY_V[1]:g} V."
                " Check its 3.3 V wire, then re-open it."
            )
        if not AMBIENT_C[0] <= found.ambient_c <= AMBIENT_C[1]:
            raise BadFrame(
                f"The thermal sensor reports {found.ambient_c:.1f} °C for itself, which is impossible in use "
                f"({AMBIENT_C[0]:g} to {AMBIENT_C[1]:g} °C). Re-open it; replace it if this returns."
            )
        return found

    def object_c(
        self,
        words: NDArray[np.int16],
        control: int,
        subpage: int,
        found: Surroundings,
        emissivity: float,
        reflected_c: float,
    ) -> Floats:
        """Object temperatures in °C [384] of one subpage's pixels (11.2.2.4 to 11.2.2.9), in the order of its ``pixels``.

        ``words`` are the 832 RAM words. Raises `BadFrame` where a good pixel comes out as no temperature.
        """
        constants = self.constants(control, subpage)
        ratio = _compensated(self._calibration, constants, words, found)
        ratio *= constants.per_alpha
        ratio *= 1 / (emissivity * (1 + self._calibration.ks_ta * (found.ambient_c - 25)))
        background = reflected_radiance(found.ambient_c, reflected_c, emissivity)
        with np.errstate(invalid="ignore", divide="ignore"):
            basic_c = basic_object_c(self._calibration, ratio, background)
            celsius = _celsius(ratio / range_factor(self._calibration, basic_c), background)
        _check(celsius, constants.good)
        return celsius


def subpage_constants(calibration: Calibration, chess: bool, subpage: int) -> SubpageConstants:
    """Gather the constants of one subpage; reading in the other pattern than calibrated adds 11.3.1's correction."""
    pixels = registers.subpage_pixels(chess, subpage)
    other = chess != calibration.chess
    first, second, third = calibration.interleave
    interleave = third * (2 * _alternate_row[pixels] - 1) - second * _conversion[pixels] if other else 0.0
    offset, kta, kv = calibration.offset[pixels], calibration.kta[pixels], calibration.kv[pixels]
    bad = calibration.bad[pixels]
    with np.errstate(divide="ignore"):  # a broken pixel may have no sensitivity
        per_alpha = 1 / calibration.alpha[pixels]
    return SubpageConstants(
        pixels=pixels,
        # offset × (1 + kta × ΔTa) × (1 + kv × ΔVdd), multiplied out
        offset_terms=np.stack([offset - interleave, offset * kta, offset * kv, offset * kta * kv]),
        per_alpha=per_alpha,
        compensation_word=registers.CP_SUBPAGE_1 if subpage else registers.CP_SUBPAGE_0,
        compensation_offset=calibration.compensation.offset[subpage] + (first if subpage and other else 0.0),
        good=~bad if bad.any() else None,
    )


def surroundings(calibration: Calibration, words: NDArray[np.int16], control: int) -> Surroundings:
    """Compute Vdd and Ta, whatever they come out as."""
    scale = 2.0 ** (calibration.resolution - registers.resolution_bits(control))
    supply_v = (scale * int(words[registers.VDD]) - calibration.vdd_25) / calibration.k_vdd + 3.3
    ptat, vbe = int(words[registers.PTAT]), int(words[registers.VBE])
    divisor = ptat * calibration.alpha_ptat + vbe
    art = ptat / divisor * 2.0**18 if divisor else 0.0
    ambient_c = (art / (1 + calibration.kv_ptat * (supply_v - 3.3)) - calibration.v_ptat_25) / calibration.kt_ptat + 25
    return Surroundings(supply_v, ambient_c)


def reflected_radiance(ambient_c: float, reflected_c: float, emissivity: float) -> float:
    """TaTr of 11.2.2.9, K⁴: what the object mirrors and what the sensor itself radiates."""
    reflected = (reflected_c + KELVIN) ** 4
    return reflected - (reflected - (ambient_c + KELVIN) ** 4) / emissivity


def gain_factor(calibration: Calibration, words: NDArray[np.int16]) -> float:
    """11.2.2.4; raises `BadFrame` for a gain word of 0."""
    word = int(words[registers.GAIN])
    if word <= 0:
        raise BadFrame(f"The thermal sensor's gain word is {word}, which no working sensor sends. Re-open it.")
    return calibration.gain / word


def compensation_signal(
    calibration: Calibration, constants: SubpageConstants, words: NDArray[np.int16], found: Surroundings
) -> float:
    """11.2.2.6: what the compensation pixel sees beyond its own offset."""
    pixel = calibration.compensation
    drift = (1 + pixel.kta * (found.ambient_c - 25)) * (1 + pixel.kv * (found.supply_v - 3.3))
    return int(words[constants.compensation_word]) * gain_factor(calibration, words) - constants.compensation_offset * drift


def pixel_offset(constants: SubpageConstants, found: Surroundings) -> Floats:
    """11.2.2.5.3: each pixel's offset at this Ta and Vdd, less the correction for the other pattern, [384]."""
    warmer_k, more_v = found.ambient_c - 25, found.supply_v - 3.3
    return np.asarray(np.array([1.0, warmer_k, more_v, warmer_k * more_v]) @ constants.offset_terms)


def _compensated(
    calibration: Calibration, constants: SubpageConstants, words: NDArray[np.int16], found: Surroundings
) -> Floats:
    """11.2.2.5 to 11.2.2.7: gain, offset and temperature gradient taken out, [384]."""
    signal = words[constants.pixels].astype(np.float64)
    signal *= gain_factor(calibration, words)
    signal -= pixel_offset(constants, found)
    signal -= calibration.tgc * compensation_signal(calibration, constants, words, found)
    return signal


def _celsius(radiance: Floats, background: float) -> Floats:
    """The fourth root of what the object radiates, K⁴ above ``background``, in °C."""
    radiance = radiance + background
    np.sqrt(radiance, out=radiance)
    np.sqrt(radiance, out=radiance)
    radiance -= KELVIN
    return radiance


def basic_object_c(calibration: Calibration, ratio: Floats, background: float) -> Floats:
    """11.2.2.9: To as if all ranges had range 2's slope.

    ``ratio`` is the compensated signal divided by sensitivity and emissivity; the data sheet's Sx, divided by sensitivity
    too, is the slope times an uncorrected temperature in K.
    """
    slope = calibration.ks_to[1]
    return _celsius(ratio / (1 + slope * _celsius(ratio, background)), background)


def range_factor(calibration: Calibration, basic_c: Floats) -> Floats:
    """11.2.2.9.1: by how much sensitivity differs in the range that each pixel's basic To lies in, [384]."""
    corner, slope, gain = calibration.corner_c, calibration.ks_to, calibration.range_gain
    if basic_c.min() >= corner[1] and basic_c.max() < corner[2]:  # the usual case: one range, so scalars do
        return 1 + slope[1] * (basic_c - corner[1])
    which = np.searchsorted(np.array(corner[1:]), basic_c, side="right")
    return np.asarray(np.array(gain)[which] * (1 + np.array(slope)[which] * (basic_c - np.array(corner)[which])))


def _check(celsius: Floats, good: NDArray[np.bool_] | None) -> None:
    usable = celsius if good is None else celsius[good]
    # A NaN makes min and max NaN, and every comparison with it false.
    if not (usable.min() >= OBJECT_C[0] and usable.max() <= OBJECT_C[1]):
        raise BadFrame("The thermal sensor sent words that are no temperature. Re-open it; check its wiring if this returns.")
