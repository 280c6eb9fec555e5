"""The pointing game: a map that follows the planted spot finds it, one that does not is right by chance."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("scipy", reason="scipy comes with the training extra only")

from tests.models.making import chest
from tools.training.breast.pointing import pointing_game

IMAGES = [chest(seed, vessels_k=0.0) for seed in range(12)]


def hottest(_index: int, seen: NDArray[np.float32]) -> float:
    """A model that answers by its warmest places."""
    return float(np.sort(seen[..., 0], axis=None)[-8:].mean())


def test_a_model_of_warm_places_points_at_the_spot() -> None:
    found = pointing_game(IMAGES, hottest, seed=1)
    assert found.n == len(IMAGES)
    assert found.hits.value > 0.7
    assert 0.02 < found.chance < 0.3


def test_a_model_that_looks_elsewhere_points_elsewhere() -> None:
    found = pointing_game(IMAGES, lambda _, seen: float(seen[:3, :, 0].mean()), seed=1)
    assert found.hits.value < 0.4


def test_each_patient_is_asked_of_their_own_model() -> None:
    asked: set[int] = set()

    def remembering(index: int, seen: NDArray[np.float32]) -> float:
        asked.add(index)
        assert seen.shape == (24, 32, 2)
        return 0.5

    pointing_game(IMAGES[:3], remembering, seed=1)
    assert asked == {0, 1, 2}
