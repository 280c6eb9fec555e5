from __future__ import annotations

import numpy as np
import pytest

from tools.training.brain.type.pointing import chance, hits


def tumours() -> np.ndarray:
    mask = np.zeros((2, 64, 64), dtype=np.float32)
    mask[0, 10:20, 10:20] = 1
    mask[1, 40:60, 40:60] = 1
    return mask


def test_a_coarse_map_hits_where_its_highest_cell_lies_in_the_tumour() -> None:
    maps = np.zeros((2, 8, 8), dtype=np.float32)
    maps[0, 1, 1] = 1.0
    maps[1, 1, 1] = 1.0
    assert hits(maps, tumours()).tolist() == [True, False]


def test_beside_the_tumour_counts_only_with_tolerance() -> None:
    maps = np.zeros((2, 64, 64), dtype=np.float32)
    maps[:, 23, 15] = 1.0
    assert hits(maps, tumours()).tolist() == [False, False]
    assert hits(maps, tumours(), tolerance=5).tolist() == [True, False]


def test_chance_is_the_share_of_the_head_that_is_tumour() -> None:
    image = np.zeros((2, 64, 64), dtype=np.float32)
    image[:, :, 5:] = 0.5
    assert chance(tumours(), image) == pytest.approx((100 + 400) / 2 / (64 * 59))
