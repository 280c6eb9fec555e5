"""An EEPROM that cannot be a sensor's is refused, whatever is wrong with it; that of a sensor passes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.errors import BadCalibration
from drivers.sim.eeprom import make_eeprom
from tests.drivers.mlx90640.bench import open_world


def _blank() -> NDArray[np.uint16]:
    return np.zeros(832, dtype=np.uint16)


def _with(word: int, value: int) -> NDArray[np.uint16]:
    eeprom = make_eeprom()
    eeprom[word] = value
    return eeprom.astype(np.uint16)


@pytest.mark.parametrize(
    ("eeprom", "says"),
    [
        (_blank(), "0x0000"),
        (~_blank(), "0xffff"),
        (_with(48, 0), "gain"),
        (_with(51, 0x0078), "k_vdd"),
        (_with(50, 0), "kt_ptat"),
        (_with(49, 0xFFFF), "v_ptat_25"),
        (_with(50, 0x8155), "kv_ptat"),
        (_with(60, 0x7F00), "ks_ta"),
        (_with(60, 0xF67F), "tgc"),
        (_with(63, 0), "temperature ranges"),
        (_with(33, 0), "sensitivity"),
        (make_eeprom(broken=range(100, 105)), "5 pixels as bad"),
        (np.concatenate([make_eeprom()[:64], np.full(768, 0x0456, dtype=np.uint16)]), "same few words"),
    ],
)
def test_implausible_calibration_is_refused(eeprom: NDArray[np.uint16], says: str) -> None:
    world, camera, _ = open_world()
    world.sensor.eeprom = eeprom
    with pytest.raises(BadCalibration, match=says):
        camera.reopen()


@pytest.mark.parametrize("seed", range(20))
def test_random_words_never_pass_for_a_calibration(seed: int) -> None:
    world, camera, _ = open_world()
    world.sensor.eeprom = np.random.default_rng(seed).integers(0, 0x10000, 832).astype(np.uint16)
    with pytest.raises(BadCalibration):
        camera.reopen()


def test_every_made_up_sensor_passes() -> None:
    for seed in range(30):
        world, camera, _ = open_world(seed=seed)
        assert (camera.eeprom == world.sensor.eeprom).all()
