from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tools.training.brain.lesion.overlap import dice, hausdorff95, points_at


def block(top: int, left: int, height: int, width: int) -> NDArray[np.bool_]:
    mask = np.zeros((40, 50), dtype=bool)
    mask[top : top + height, left : left + width] = True
    return mask


def test_dice_of_half_overlapping_blocks() -> None:
    assert dice(block(5, 5, 10, 10), block(5, 10, 10, 10)) == pytest.approx(0.5)
    assert dice(block(5, 5, 10, 10), block(5, 5, 10, 10)) == 1.0
    assert dice(block(5, 5, 10, 10), block(25, 25, 10, 10)) == 0.0
    assert dice(block(0, 0, 0, 0), block(0, 0, 0, 0)) == 1.0


def test_the_distance_of_a_shifted_block_is_its_shift() -> None:
    assert hausdorff95(block(5, 5, 10, 10), block(5, 8, 10, 10)) == pytest.approx(3.0)
    assert hausdorff95(block(5, 5, 10, 10), block(5, 5, 10, 10)) == 0.0


def test_the_distance_counts_both_directions() -> None:
    """A small mask inside a large one is near it everywhere, but not the other way round."""
    large, small = block(5, 5, 30, 40), block(5, 5, 10, 10)
    assert hausdorff95(small, large) == hausdorff95(large, small) > 20


def test_the_distance_leaves_out_the_farthest_twentieth() -> None:
    truth = block(5, 5, 20, 20)
    stray = truth.copy()
    stray[39, 49] = True  # one pixel of 77 on the edge
    assert hausdorff95(stray, truth) == 0.0


def test_a_mask_that_fills_the_image_has_an_edge() -> None:
    assert hausdorff95(np.ones((40, 50), dtype=bool), block(0, 0, 40, 50)) == 0.0


def test_an_empty_mask_has_no_distance() -> None:
    assert math.isnan(hausdorff95(block(0, 0, 0, 0), block(5, 5, 10, 10)))
    assert math.isnan(hausdorff95(block(5, 5, 10, 10), block(0, 0, 0, 0)))


def test_a_map_points_at_its_highest_place() -> None:
    scores = np.zeros((40, 50), dtype=np.float32)
    scores[7, 7] = 1
    assert points_at(scores, block(5, 5, 10, 10))
    assert not points_at(scores, block(25, 25, 10, 10))


def test_a_flat_map_points_at_the_middle_of_what_is_highest() -> None:
    scores = np.zeros((40, 50), dtype=np.float32)
    scores[10, 10:21] = 1
    assert points_at(scores, block(10, 15, 1, 1))
