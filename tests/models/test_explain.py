"""The occlusion map points at what a score depends on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.explain import occlusion_map


def test_it_points_at_the_only_place_that_matters() -> None:
    image = np.zeros((24, 32), np.float32)
    image[14:17, 20:23] = 1.0

    def score(shown: NDArray[np.float32]) -> float:
        return float(shown.max())

    found = occlusion_map(image, 0.0, score)
    row, column = np.unravel_index(int(np.argmax(found)), found.shape)
    assert 13 <= row <= 17
    assert 19 <= column <= 23
    assert found[:6, :10].max() == 0.0


def test_it_is_negative_where_a_place_speaks_against_a_finding() -> None:
    image = np.zeros((24, 32), np.float32)
    image[4:8, 4:8] = 1.0
    found = occlusion_map(image, 0.0, lambda shown: -float(shown.sum()))
    assert found[5, 5] < 0
    assert found.max() == 0.0


def test_every_pixel_is_covered_and_the_image_is_left_alone() -> None:
    image = np.random.default_rng(1).normal(size=(24, 32)).astype(np.float32)
    before = image.copy()
    found = occlusion_map(image, 0.0, lambda shown: float(shown.mean()))
    assert np.isfinite(found).all()
    assert found.shape == (24, 32)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(image, before)
