"""A training view is what the kiosk would see: the same image through registers, bus and driver gives the same picture."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.clock import VirtualClock
from drivers.open import open_thermal_camera
from drivers.sim.body import Thermogram
from drivers.sim.world import World
from models.preprocess import relative
from tests.tools.training.breast.making import SHARED, thermogram
from tools.training.breast.thermograms import load
from tools.training.breast.views import NOMINAL, Framing, field_of, full_frame, prepare, random_framing, random_views, view

FRAMES = 24


def through_the_driver(prepared: NDArray[np.float32], framing: Framing) -> NDArray[np.float64]:
    """Return the mean of `FRAMES` frames of the real driver on a simulated bus."""
    clock = VirtualClock()
    world = World(clock)
    world.body = Thermogram(prepared, field=field_of(prepared, framing), blur_px=framing.blur_px)
    camera = open_thermal_camera("sim:", clock, world=world, refresh_hz=8.0)
    return np.asarray(np.mean([camera.capture(2.0).celsius for _ in range(FRAMES)], axis=0, dtype=np.float64))


def agree(celsius: NDArray[np.float32], framing: Framing) -> None:
    prepared = prepare(celsius)
    ideal = view(prepared, dataclasses.replace(framing, noise_k=0.0, offset_k=0.0), np.random.default_rng(0))
    measured = through_the_driver(prepared, framing)
    noise_k = 0.14 * np.sqrt(8 / FRAMES)
    assert abs(float((measured - ideal).mean())) < 0.05
    assert float((measured - ideal).std()) < 1.3 * noise_k


@pytest.mark.parametrize("seed", range(3))
def test_a_synthetic_thermogram_looks_the_same_through_the_driver(seed: int) -> None:
    agree(thermogram(seed), random_framing(np.random.default_rng(seed)))


@pytest.mark.parametrize("index", [3, 60, 110])
def test_a_real_thermogram_looks_the_same_through_the_driver(index: int) -> None:
    if not SHARED.is_dir():
        pytest.skip("the thermograms are not part of the project, and are not beside this checkout")
    agree(load(SHARED).celsius[index], NOMINAL)


def test_the_face_is_cut_off() -> None:
    image = thermogram(1)
    image[:21] = 99.0
    assert view(prepare(image), NOMINAL, np.random.default_rng(0)).max() < 40


def test_noise_and_offset_are_what_the_framing_says() -> None:
    prepared = prepare(thermogram(1))
    clean = view(prepared, Framing(noise_k=0.0), np.random.default_rng(1))
    noisy = view(prepared, Framing(noise_k=0.2, offset_k=0.7), np.random.default_rng(1))
    assert float((noisy - clean).mean()) == pytest.approx(0.7, abs=0.03)
    assert float((noisy - clean).std()) == pytest.approx(0.2, abs=0.02)


def test_random_views_differ_but_are_repeatable() -> None:
    prepared = prepare(thermogram(1))
    one, same = (random_views(prepared, 3, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(one, same)
    assert one.shape == (3, 24, 32, 2)
    assert float(np.abs(one[0] - one[1]).mean()) > 0.01
    assert np.abs(one).max() <= 1.0


def test_the_full_frame_is_the_whole_thermogram() -> None:
    image = thermogram(1)
    blocks = image.reshape(24, 5, 32, 5).mean(axis=(1, 3))
    seen = full_frame(image, np.random.default_rng(1))
    assert float((seen - blocks).std()) == pytest.approx(NOMINAL.noise_k, abs=0.01)
    assert relative(seen).shape == (24, 32)
