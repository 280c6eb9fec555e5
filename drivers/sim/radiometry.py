"""The sensor's physics backwards: which raw words it would send if it saw these temperatures.

Inverts `drivers.mlx90640.temperature`. The noise-free words of a scene are computed once; a measurement then costs one
draw of noise and a rounding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivers.mlx90640 import registers, temperature
from drivers.mlx90640.calibration import Calibration, Floats

_ITERATIONS = 6
_PTAT_WORD = 1700
_GAIN_DRIFT = 1.02
_COMPENSATION_SIGNAL = -3.0
"""Counts that the compensation pixel sees beyond its offset: the housing is a little cooler than the chip."""


@dataclass(frozen=True, eq=False)
class View:
    """What is in front of the sensor, and the state that the sensor itself is in."""

    celsius: Floats
    """[24, 32] as seen from the sensor: row 0 at the top, column 0 at the left."""
    emissivity: float
    reflected_c: float
    die_c: float
    supply_v: float = 3.3


@dataclass(frozen=True, eq=False)
class NoiseFree:
    """A view in the sensor's own units, before noise and rounding."""

    counts: Floats
    """[768], in the sensor's order."""
    counts_per_k: Floats
    """[768]: by how much a pixel's word changes with its temperature."""
    auxiliary: NDArray[np.uint16]
    """[64]: the RAM words behind the pixels."""


def render(calibration: Calibration, view: View, control: int) -> NoiseFree:
    """Compute the words for ``view`` in the pattern and resolution that the control register asks for."""
    ram = np.zeros(registers.RAM_WORDS, dtype=np.int16)
    _set_surroundings(calibration, ram, view, control)
    found = temperature.surroundings(calibration, ram, control)
    gain = temperature.gain_factor(calibration, ram)
    chess = bool(control & registers.CHESS)
    halves = [temperature.subpage_constants(calibration, chess, subpage) for subpage in (0, 1)]
    for constants in halves:
        drift = (1 + calibration.compensation.kta * (found.ambient_c - 25)) * (
            1 + calibration.compensation.kv * (found.supply_v - 3.3)
        )
        ram[constants.compensation_word] = round((constants.compensation_offset * drift + _COMPENSATION_SIGNAL) / gain)
    background = temperature.reflected_radiance(found.ambient_c, view.reflected_c, view.emissivity)
    scene = registers.from_scene(view.celsius).astype(np.float64)
    counts, counts_per_k = np.empty(registers.PIXELS), np.empty(registers.PIXELS)
    for constants in halves:
        alpha = calibration.alpha[constants.pixels] * (1 + calibration.ks_ta * (found.ambient_c - 25)) * view.emissivity
        seen = scene[constants.pixels]
        signal = alpha * _ratio(calibration, seen, background)
        warmer = alpha * _ratio(calibration, seen + 1, background)
        fixed = temperature.pixel_offset(constants, found)
        fixed += calibration.tgc * temperature.compensation_signal(calibration, constants, ram, found)
        counts[constants.pixels] = (signal + fixed) / gain
        counts_per_k[constants.pixels] = (warmer - signal) / gain
    return NoiseFree(counts, counts_per_k, ram[registers.PIXELS :].view(np.uint16).copy())


def measure(scene: NoiseFree, pixels: NDArray[np.intp], noise_k: float, rng: np.random.Generator) -> NDArray[np.uint16]:
    """Return the words of ``pixels`` with Gaussian noise of ``noise_k`` K, rounded and limited as the converter does."""
    noise = noise_k * rng.standard_normal(len(pixels), dtype=np.float32)
    counts = np.rint(scene.counts[pixels] + scene.counts_per_k[pixels] * noise)
    return np.clip(counts, -32768, 32766).astype(np.int16).view(np.uint16)


def _set_surroundings(calibration: Calibration, ram: NDArray[np.int16], view: View, control: int) -> None:
    """Fill in the words from which Vdd, Ta and the gain are computed."""
    scale = 2.0 ** (registers.resolution_bits(control) - calibration.resolution)
    ram[registers.VDD] = round(((view.supply_v - 3.3) * calibration.k_vdd + calibration.vdd_25) * scale)
    ram[registers.GAIN] = round(calibration.gain * scale / _GAIN_DRIFT)
    ram[registers.PTAT] = _PTAT_WORD
    art = (view.die_c - 25) * calibration.kt_ptat + calibration.v_ptat_25
    art *= 1 + calibration.kv_ptat * (view.supply_v - 3.3)
    ram[registers.VBE] = round(_PTAT_WORD * (2.0**18 / art - calibration.alpha_ptat))


def _ratio(calibration: Calibration, celsius: Floats, background: float) -> Floats:
    """Solve 11.2.2.9 for signal / sensitivity: To depends on it directly and, weakly, through the range at the basic To."""
    radiance = (celsius + temperature.KELVIN) ** 4 - background
    basic_c = celsius
    for _ in range(_ITERATIONS):
        ratio = radiance * temperature.range_factor(calibration, basic_c)
        basic_c = temperature.basic_object_c(calibration, ratio, background)
    return ratio
