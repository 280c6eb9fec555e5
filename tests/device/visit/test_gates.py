from __future__ import annotations

import math

import numpy as np
import pytest

from device.process.config import CaptureConfig
from device.visit.body import find_body
from device.visit.gates import Gate, Warmth, failing_position_gate, failing_room_gate
from device.visit.reasons import Reason
from tests.device.visit.scenes import frame, noisy, thermograms, torso

LIMITS = CaptureConfig()


def warmth(seconds: float, die_c: float = 30.0, slope_k_per_s: float = 0.0, noise_k: float = 0.02) -> Warmth:
    """A sensor that has been measuring for ``seconds`` and whose Ta ends at ``die_c``."""
    rng = np.random.default_rng(1)
    watched = Warmth()
    for at_s in np.arange(0.0, seconds + 1e-9, 0.25):
        watched.add(frame(torso(), at_s, ambient_c=die_c - slope_k_per_s * (seconds - at_s) + rng.normal(0, noise_k)))
    return watched


def room_gate(watched: Warmth) -> Gate | None:
    failing = failing_room_gate(watched, LIMITS)
    return failing[0] if failing else None


def test_a_warm_sensor_in_a_right_room_passes() -> None:
    assert failing_room_gate(warmth(5.0), LIMITS) is None


def test_nothing_is_known_before_some_seconds_have_passed() -> None:
    assert failing_room_gate(Warmth(), LIMITS) == (Gate.WARM_UP, Reason.SENSOR_WARMING_UP)
    assert room_gate(warmth(2.0)) is Gate.WARM_UP


@pytest.mark.parametrize(
    ("die_c", "expected"),
    [(25.5, Reason.ROOM_TOO_COLD), (26.5, None), (32.5, None), (33.5, Reason.ROOM_TOO_WARM)],
)
def test_the_room_is_the_die_less_its_own_heat(die_c: float, expected: Reason | None) -> None:
    failing = failing_room_gate(warmth(5.0, die_c), LIMITS)
    assert (failing[1] if failing else None) == expected


def test_a_drift_means_warming_up_at_first_and_an_unstable_room_later() -> None:
    assert failing_room_gate(warmth(60.0, slope_k_per_s=0.03), LIMITS) == (Gate.WARM_UP, Reason.SENSOR_WARMING_UP)
    assert failing_room_gate(warmth(250.0, slope_k_per_s=0.03), LIMITS) == (Gate.STABILITY, Reason.SENSOR_NOT_STABLE)


def test_a_cold_sensor_is_let_through_only_near_the_end_of_its_warm_up() -> None:
    watched = Warmth()
    passed_s = None
    for step in range(4 * 300):
        at_s = step / 4
        watched.add(frame(torso(), at_s, ambient_c=22.0 + 8.0 * (1 - math.exp(-at_s / 60.0))))
        if passed_s is None and failing_room_gate(watched, LIMITS) is None:
            passed_s = at_s
    assert passed_s is not None
    assert 8.0 * math.exp(-passed_s / 60.0) < 1.0, "less than 1 K of its own heat is left to come"


def test_opening_the_sensor_again_forgets_that_it_was_warm() -> None:
    watched = warmth(10.0)
    watched.restart()
    assert room_gate(watched) is Gate.WARM_UP


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"x": 0.14}, Reason.MOVE_RIGHT),
        ({"x": -0.14}, Reason.MOVE_LEFT),
        ({"distance": 2.2}, Reason.COME_CLOSER),
        ({"distance": 0.6}, Reason.STEP_BACK),
    ],
)
@pytest.mark.parametrize("noise_k", [0.0, 0.4, 0.71])
def test_position(changes: dict[str, float], reason: Reason | None, noise_k: float) -> None:
    failing = failing_position_gate(find_body(noisy(torso(**changes), noise_k, np.random.default_rng(2))))
    assert (failing[1] if failing else None) == reason


def test_an_empty_room_is_nobody() -> None:
    assert failing_position_gate(find_body(np.full((24, 32), 22.0))) == (Gate.BODY_PRESENT, Reason.NOBODY_THERE)


def test_real_thermograms_that_fill_the_field_of_view_pass() -> None:
    rng = np.random.default_rng(3)
    images = thermograms()
    passed = sum(failing_position_gate(find_body(noisy(image, 0.4, rng))) is None for image in images)
    assert passed / len(images) >= 0.95
