"""The computation against published temperatures, and against its own inverse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from drivers.clock import VirtualClock
from drivers.errors import BadFrame
from drivers.mlx90640 import registers
from drivers.mlx90640.calibration import Calibration, signed
from drivers.mlx90640.temperature import Surroundings, Thermometer
from drivers.open import open_thermal_camera
from drivers.sim.eeprom import make_eeprom
from drivers.sim.radiometry import View, render
from tests.drivers.mlx90640.bench import golden

TOLERANCE_K = 0.001


def compute(eeprom: NDArray[np.uint16], subpages: NDArray[np.uint16], emissivity: float) -> NDArray[np.float64]:
    thermometer = Thermometer(Calibration.from_eeprom(eeprom))
    celsius = np.full(768, np.nan)
    for words in subpages:
        control, subpage, ram = int(words[832]), int(words[833]) & 1, words[:832].view(np.int16)
        found = thermometer.surroundings(ram, control)
        pixels = thermometer.constants(control, subpage).pixels
        celsius[pixels] = thermometer.object_c(ram, control, subpage, found, emissivity, found.ambient_c - 8)
    return celsius.reshape(24, 32)


@pytest.mark.parametrize(
    ("sensor", "published", "emissivity"), [("melexis", "melexis_To", 1.0), ("signaloid", "signaloid_To_melexisC_em095", 0.95)]
)
def test_agrees_with_published_temperatures(sensor: str, published: str, emissivity: float) -> None:
    arrays = golden()
    eeprom, words = arrays[f"{sensor}_ee"].astype(np.uint16), arrays[f"{sensor}_frames"].astype(np.uint16)
    assert np.abs(compute(eeprom, words, emissivity) - arrays[published]).max() <= TOLERANCE_K


def test_published_words_pass_through_wire_and_driver(tmp_path: Path) -> None:
    arrays = golden()
    np.savez(tmp_path / "melexis.npz", raw=arrays["melexis_frames"][None], eeprom=arrays["melexis_ee"])
    clock = VirtualClock()
    camera = open_thermal_camera(f"replay:{tmp_path / 'melexis.npz'}?once=yes", clock, emissivity=1.0, refresh_hz=2.0)
    while (frame := camera.poll()) is None:
        clock.sleep(0.01)
    assert np.abs(frame.celsius - registers.to_scene(arrays["melexis_To"].reshape(768))).max() <= TOLERANCE_K
    assert frame.supply_v == pytest.approx(3.298, abs=0.01)
    assert not frame.bad.any()


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    coldest=st.floats(-20, 100),
    span=st.floats(0, 150),
    die_c=st.floats(5, 60),
    supply_v=st.floats(3.1, 3.5),
    emissivity=st.floats(0.5, 1.0),
    pattern=st.sampled_from([0, registers.CHESS]),
    calibrated_in_chess=st.booleans(),
    tgc=st.sampled_from([-0.5, 0.0, 0.25, 1.0]),
)
def test_rendered_words_read_back_as_the_scene(
    seed: int,
    coldest: float,
    span: float,
    die_c: float,
    supply_v: float,
    emissivity: float,
    pattern: int,
    calibrated_in_chess: bool,
    tgc: float,
) -> None:
    calibration = Calibration.from_eeprom(make_eeprom(seed, tgc=tgc, chess=calibrated_in_chess))
    scene = coldest + span * np.random.default_rng(seed).random((24, 32))
    control = registers.CONTROL_AT_POWER_UP & ~registers.CHESS | pattern
    rendered = render(calibration, View(scene, emissivity, die_c - 8, die_c, supply_v), control)
    ram = np.concatenate([np.rint(rendered.counts).astype(np.int16), rendered.auxiliary.view(np.int16)])
    thermometer = Thermometer(calibration)
    found = thermometer.surroundings(ram, control)
    assert found.ambient_c == pytest.approx(die_c, abs=0.02)
    assert found.supply_v == pytest.approx(supply_v, abs=0.001)
    for subpage in (0, 1):
        pixels = thermometer.constants(control, subpage).pixels
        celsius = thermometer.object_c(ram, control, subpage, found, emissivity, die_c - 8)
        half_a_count_k = 0.5 / rendered.counts_per_k[pixels]
        assert (np.abs(celsius - registers.from_scene(scene)[pixels]) <= 1.1 * half_a_count_k + 1e-6).all()


@pytest.mark.parametrize(("value", "bits", "expected"), [(0xF, 4, -1), (7, 4, 7), (8, 4, -8), (0x1FF, 10, 511)])
def test_twos_complement(value: int, bits: int, expected: int) -> None:
    assert signed(value, bits) == expected


def words_of_a_room() -> tuple[Thermometer, NDArray[np.int16]]:
    calibration = Calibration.from_eeprom(make_eeprom())
    scene = render(calibration, View(np.full((24, 32), 22.0), 1.0, 22.0, 30.0), registers.CONTROL_AT_POWER_UP)
    ram = np.concatenate([np.rint(scene.counts).astype(np.int16), scene.auxiliary.view(np.int16)])
    return Thermometer(calibration), ram


def test_garbage_word_is_refused_and_never_becomes_a_temperature() -> None:
    thermometer, ram = words_of_a_room()
    found = thermometer.surroundings(ram, registers.CONTROL_AT_POWER_UP)
    ram[thermometer.constants(registers.CONTROL_AT_POWER_UP, 0).pixels[5]] = -30000
    with pytest.raises(BadFrame, match="no temperature"):
        thermometer.object_c(ram, registers.CONTROL_AT_POWER_UP, 0, found, 1.0, 22.0)


@pytest.mark.parametrize("gain", [0, -5000])
def test_impossible_gain_is_refused(gain: int) -> None:
    thermometer, ram = words_of_a_room()
    ram[registers.GAIN] = gain
    with pytest.raises(BadFrame, match="gain"):
        thermometer.object_c(ram, registers.CONTROL_AT_POWER_UP, 0, Surroundings(3.3, 30.0), 1.0, 22.0)
