from __future__ import annotations

import numpy as np
import pytest

from device.visit.body import find_body, mirrored
from device.visit.motion import movement
from tests.device.visit.scenes import ROOM_C, noisy, thermograms, torso

NOISES_K = (0.0, 0.4, 0.71)
"""None, and one frame at 8 Hz of the wide and of the narrow lens."""


@pytest.mark.parametrize("noise_k", NOISES_K)
def test_a_torso_is_found_where_it_stands(noise_k: float) -> None:
    rng = np.random.default_rng(1)
    for x in (-0.1, -0.03, 0.0, 0.05, 0.1):
        body = find_body(noisy(torso(x=x), noise_k, rng))
        assert body is not None
        assert body.midline == pytest.approx(15.5 + 32 * x, abs=0.5)
        assert 0.5 < body.width < 0.9
        assert 32.0 < body.skin_c < 35.0


def test_a_body_looks_smaller_from_farther_away() -> None:
    widths = [body.width for distance in (0.8, 1.0, 1.5, 2.0) if (body := find_body(torso(distance=distance)))]
    assert len(widths) == 4
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize("noise_k", NOISES_K)
@pytest.mark.parametrize("level_c", [18.0, 22.0, 25.0, 45.0])
def test_walls_are_nobody(noise_k: float, level_c: float) -> None:
    assert find_body(noisy(np.full((24, 32), level_c), noise_k, np.random.default_rng(2))) is None


def test_a_hot_cup_and_a_radiator_are_nobody() -> None:
    cup = np.full((24, 32), ROOM_C)
    cup[10:14, 14:18] = 34.0
    radiator = np.full((24, 32), ROOM_C)
    radiator[12:, :] = 55.0
    assert find_body(cup) is None
    assert find_body(radiator) is None


def test_skin_from_edge_to_edge_is_a_body_that_is_too_close() -> None:
    body = find_body(noisy(np.full((24, 32), 33.0), 0.4, np.random.default_rng(3)))
    assert body is not None
    assert body.width == 1.0


def test_mirrored_twice_is_the_image() -> None:
    image = torso()
    for midline in (15.5, 14.0, 17.5):
        twice = mirrored(mirrored(image, midline), midline)
        known = ~np.isnan(twice)
        assert known.mean() > 0.85
        assert np.allclose(twice[known], image[known])


@pytest.mark.parametrize("noise_k", NOISES_K)
def test_movement_is_measured_and_noise_is_none(noise_k: float) -> None:
    rng = np.random.default_rng(4)
    before = torso()
    assert movement(noisy(before, noise_k, rng), noisy(before, noise_k, rng)).still
    for shift_px in (0.25, 0.75, 1.0):
        moved = movement(noisy(torso(x=shift_px / 32), noise_k, rng), noisy(before, noise_k, rng))
        assert moved.shift_px == pytest.approx(shift_px, abs=0.15 + 0.1 * noise_k)
        assert moved.still == (shift_px < 0.5)


@pytest.mark.parametrize("shift_px", [2.0, 4.0, 8.0])
def test_a_step_aside_is_movement(shift_px: float) -> None:
    assert not movement(torso(x=shift_px / 32), torso()).still


def test_a_hand_before_the_body_is_movement() -> None:
    hand = torso()
    hand[10:14, 12:16] -= 4.0
    assert not movement(hand, torso()).still


def test_a_sensor_that_warms_up_is_no_movement() -> None:
    assert movement(torso() + 0.5, torso()).still


def test_real_bodies_are_found_and_hold_still_through_noise() -> None:
    rng = np.random.default_rng(5)
    for image in thermograms():
        body = find_body(noisy(image, 0.4, rng))
        assert body is not None
        assert movement(noisy(image, 0.4, rng), noisy(image, 0.4, rng)).still
