from __future__ import annotations

import numpy as np
import pytest

from device.visit.capture import Capture
from device.visit.reasons import Reason
from tests.device.visit.scenes import Image, frame, noisy, torso

WIDE_K, NARROW_K = 0.14 * 8**0.5, 0.25 * 8**0.5
"""Noise of one frame at 8 Hz (data sheet: NETD at 1 Hz times the root of the rate)."""


def feed(capture: Capture, image: Image, sigma_k: float, rng: np.random.Generator, frames: int = 1000) -> int:
    """Add frames until it is complete; return how many were added."""
    for number in range(frames):
        capture.add(frame(noisy(image, sigma_k, rng), number / 4))
        if capture.complete:
            return number + 1
    return frames


@pytest.mark.parametrize(("sigma_k", "physics_s"), [(WIDE_K, 3.9), (NARROW_K, 12.5)])
def test_it_takes_what_physics_needs(sigma_k: float, physics_s: float) -> None:
    capture = Capture(0.1, 8.0)
    feed(capture, torso(), sigma_k, np.random.default_rng(1))
    captured = capture.result()
    assert captured.integration_s == pytest.approx(physics_s, abs=0.5)
    assert captured.integration_s == captured.frames * 0.25
    assert captured.rejected == 0


def test_the_stated_noise_is_the_true_one() -> None:
    rng = np.random.default_rng(2)
    image = torso()
    errors, stated = [], []
    for _ in range(20):
        capture = Capture(0.1, 8.0)
        feed(capture, image, WIDE_K, rng)
        captured = capture.result()
        errors.append(np.mean((captured.celsius - image) ** 2))
        stated.append(captured.noise_k)
    assert np.sqrt(np.mean(errors)) == pytest.approx(np.mean(stated), rel=0.05)
    assert max(stated) <= 0.1


def test_a_slow_drift_is_not_taken_for_noise() -> None:
    rng = np.random.default_rng(3)
    capture = Capture(0.1, 8.0)
    for number in range(40):
        capture.add(frame(noisy(torso() + 0.01 * number, WIDE_K, rng), number / 4))
        if capture.complete:
            break
    assert 14 <= capture.frames <= 18


def test_every_used_frame_keeps_its_raw_words() -> None:
    capture = Capture(0.2, 8.0)
    rng = np.random.default_rng(4)
    frames = [frame(noisy(torso(), WIDE_K, rng), number / 4) for number in range(20)]
    for each in frames:
        if not capture.complete:
            capture.add(each)
    captured = capture.result()
    assert captured.raw.shape == (captured.frames, 2, 834)
    assert np.array_equal(captured.raw, np.stack([each.raw for each in frames[: captured.frames]]))
    assert np.allclose(captured.celsius, np.mean([each.celsius for each in frames[: captured.frames]], axis=0), atol=1e-5)


def test_the_ring_fills_and_empties_a_little_when_the_patient_moves() -> None:
    capture, rng = Capture(0.1, 8.0), np.random.default_rng(5)
    filled = []
    for number in range(10):
        assert capture.add(frame(noisy(torso(), WIDE_K, rng), number / 4)) is Reason.HOLD_STILL
        filled.append(capture.progress)
    assert filled == sorted(filled)
    assert 0.5 < filled[-1] < 0.75
    capture.add(frame(noisy(torso(x=2 / 32), WIDE_K, rng), 2.5))
    assert 0.3 < capture.progress < filled[-1]
    assert capture.rejected == 2, "the moved frame, and the one before it, in which the movement may have begun"


def test_movement_blurs_nothing() -> None:
    capture, rng, image = Capture(0.1, 8.0), np.random.default_rng(6), torso()
    for number in range(200):
        sway = 1.5 / 32 if number % 5 == 4 else 0.0
        capture.add(frame(noisy(torso(x=sway), WIDE_K, rng), number / 4))
        if capture.complete:
            break
    captured = capture.result()
    assert np.sqrt(np.mean((captured.celsius - image) ** 2)) < 0.11
    assert captured.rejected >= 2 * 5


def test_who_stands_elsewhere_now_starts_again_from_there() -> None:
    capture, rng = Capture(0.1, 8.0), np.random.default_rng(7)
    for number in range(8):
        capture.add(frame(noisy(torso(), WIDE_K, rng), number / 4))
    added = 8 + feed(capture, torso(x=1.5 / 32), WIDE_K, rng)
    captured = capture.result()
    assert np.sqrt(np.mean((captured.celsius - torso(x=1.5 / 32)) ** 2)) < 0.11
    assert captured.frames + captured.rejected == added, "every frame was used or counted"


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (np.full((24, 32), 22.0), Reason.NOBODY_THERE),
        (torso(x=0.14), Reason.MOVE_RIGHT),
        (torso(distance=2.2), Reason.COME_CLOSER),
    ],
)
def test_frames_out_of_position_are_rejected_with_an_instruction(image: Image, reason: Reason) -> None:
    capture, rng = Capture(0.1, 8.0), np.random.default_rng(8)
    feed(capture, torso(), WIDE_K, rng, frames=6)
    for number in range(6):
        assert capture.add(frame(noisy(image, WIDE_K, rng), 2 + number / 4)) is reason
    assert capture.frames == 0
    assert capture.rejected == 12
    assert capture.out_of_position == 6
    assert capture.progress == 0.0


def test_there_is_no_result_before_the_target_is_reached() -> None:
    capture = Capture(0.1, 8.0)
    feed(capture, torso(), WIDE_K, np.random.default_rng(9), frames=5)
    with pytest.raises(ValueError, match="has not reached"):
        capture.result()
