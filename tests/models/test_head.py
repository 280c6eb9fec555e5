from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from models.head import Frame, find


def ellipse(rows: int, columns: int, centre: tuple[int, int], radii: tuple[int, int]) -> NDArray[np.float32]:
    y, x = np.mgrid[:rows, :columns]
    return np.asarray(np.hypot((y - centre[0]) / radii[0], (x - centre[1]) / radii[1]) < 1, dtype=np.float32)


def test_the_frame_lies_around_the_head_and_not_around_the_noise() -> None:
    image = ellipse(200, 240, (90, 150), (60, 40)) / np.float32(2)
    image += np.abs(np.random.default_rng(0).normal(0, 0.02, image.shape)).astype(np.float32)
    image[5, 5] = 1.0
    frame = find(image)
    assert frame.top == pytest.approx(30, abs=6)
    assert frame.bottom == pytest.approx(150, abs=6)
    assert frame.left == pytest.approx(110, abs=6)
    assert frame.right == pytest.approx(190, abs=6)


@pytest.mark.parametrize("image", [np.zeros((64, 80), np.float32), ellipse(64, 80, (20, 20), (4, 4))])
def test_the_whole_slice_is_kept_where_nothing_is_large_enough_to_be_a_head(image: NDArray[np.float32]) -> None:
    assert find(image) == Frame(0, 64, 0, 80)


@pytest.mark.parametrize("frame", [Frame(10, 90, 20, 60), Frame(5, 45, 0, 100), Frame(0, 100, 0, 100)])
def test_a_map_comes_back_to_where_the_picture_was_cut_from(frame: Frame) -> None:
    spot = ellipse(100, 100, (30, 40), (6, 6))
    back = frame.back(frame.cut(spot, 64), spot.shape)
    assert back.shape == spot.shape
    assert np.unravel_index(back.argmax(), back.shape) == pytest.approx((30, 40), abs=6)
    outside = np.ones(spot.shape, dtype=bool)
    outside[frame.top : frame.bottom, frame.left : frame.right] = False
    assert not back[outside].any()
