from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from models.brain_gate import prepared
from tools.training.brain.gate import derived, drawn, patterns
from tools.training.brain.gate.views import SIDE, Framing, delivered, framed, random_view
from tools.training.brain.phantom import head_phantom

OF_HEADS = {**derived.TURNED, **derived.INVERTED, **derived.FRAMING, **derived.OTHER}
DRAWN = {**drawn.MAKERS, **patterns.MAKERS}


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def head(seed: int = 1) -> NDArray[np.float32]:
    return head_phantom(seed, 96)[0]


@pytest.mark.parametrize("kind", DRAWN)
def test_every_drawn_impostor_is_a_picture_a_gate_can_be_asked_about(kind: str) -> None:
    for seed in range(10):
        image = DRAWN[kind](rng(seed))
        assert image.shape == (SIDE, SIDE)
        assert image.dtype == np.float32
        assert image.min() >= 0
        assert 0.3 < prepared(image).max() <= 1.0 + 1e-6
    assert not np.array_equal(DRAWN[kind](rng(1)), DRAWN[kind](rng(2)))
    np.testing.assert_array_equal(DRAWN[kind](rng(1)), DRAWN[kind](rng(1)))


@pytest.mark.parametrize("kind", OF_HEADS)
def test_every_impostor_made_of_a_head_is_one_of_its_own_kind(kind: str) -> None:
    image = OF_HEADS[kind](head(), rng())
    assert image.shape == (SIDE, SIDE)
    assert np.isfinite(image).all()
    np.testing.assert_array_equal(image, OF_HEADS[kind](head(), rng()))
    upright = random_view(head(), rng())
    assert np.corrcoef(prepared(image).ravel(), prepared(upright).ravel())[0, 1] < 0.9


def test_a_turned_head_stands_on_its_side() -> None:
    lying = prepared(derived.TURNED["head on its left side"](head(), rng())) > 0.3
    assert lying.any(axis=0).sum() > lying.any(axis=1).sum()


def test_an_inverted_head_is_dark_in_bright_air() -> None:
    image = prepared(derived.INVERTED["inverted head"](head(), rng()))
    assert np.median(image[:4]) > 0.7
    assert image.mean() > 0.5


def test_a_head_far_away_is_small_and_one_too_near_fills_the_frame() -> None:
    far = prepared(derived.FRAMING["head far too small"](head(), rng())) > 0.3
    near = prepared(derived.FRAMING["part of a head fills the frame"](head(), rng())) > 0.1
    assert far.mean() < 0.12
    assert near.mean() > 0.6


def test_a_tomogram_s_bone_is_its_brightest_and_lies_around_the_inside() -> None:
    image = prepared(derived.OTHER["head with a tomogram's skull"](head(), rng(4)))
    assert image[28:36, 28:36].mean() < 0.75
    assert image.max(axis=0)[10:50].min() > 0.6


def test_a_framing_moves_turns_and_scales_about_the_middle() -> None:
    spot = np.zeros((40, 40), np.float32)
    spot[9:12, 19:22] = 1.0
    still = framed(spot, Framing())
    assert np.unravel_index(still.argmax(), still.shape) == pytest.approx((SIDE / 4, SIDE / 2), abs=3)
    turned = framed(spot, Framing(degrees=90))
    assert np.unravel_index(turned.argmax(), turned.shape) == pytest.approx((SIDE / 2, 3 * SIDE / 4), abs=3)
    near = framed(spot, Framing(zoom=1.5, right=0.1))
    assert np.unravel_index(near.argmax(), near.shape) == pytest.approx((SIDE / 8, 0.6 * SIDE), abs=4)
    mirrored = framed(head(), Framing(mirrored=True))
    np.testing.assert_allclose(mirrored, framed(head()[:, ::-1], Framing()), atol=0.02)


def test_what_a_scanner_delivers_holds_whole_numbers_of_many_depths_and_keeps_the_head() -> None:
    peaks = set()
    for seed in range(30):
        image = delivered(framed(head(), Framing()), rng(seed))
        np.testing.assert_array_equal(image, np.rint(image))
        peaks.add(float(image.max()) > 5000)
        assert np.corrcoef(prepared(image).ravel(), prepared(head()).ravel())[0, 1] > 0.7
    assert peaks == {True, False}
