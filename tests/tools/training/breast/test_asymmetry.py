"""The asymmetry features: what they mean, on both resolutions, and that the mirror image has the same."""

from __future__ import annotations

import numpy as np
import pytest

from models.preprocess import network_input
from tests.models.making import chest
from tools.training.breast.asymmetry import NAMES, features
from tools.training.breast.resolution import with_body


def of(image: np.ndarray) -> dict[str, float]:
    return dict(zip(NAMES, features(network_input(image)[None])[0], strict=True))


def test_a_warmer_side_raises_every_feature() -> None:
    even, lopsided = of(chest(noise_k=0.0, vessels_k=0.0)), of(chest(noise_k=0.0, vessels_k=0.0, asymmetry_k=2.0))
    assert all(lopsided[name] > even[name] for name in NAMES)
    assert lopsided["largest difference of a place of 4×4 pixels"] == pytest.approx(2.0 / 4.0, abs=0.12), "in units of 4 K"


@pytest.mark.parametrize("seed", range(4))
def test_the_mirror_image_has_the_same_features(seed: int) -> None:
    image = chest(seed, asymmetry_k=1.0)
    one, other = of(image), of(np.ascontiguousarray(image[:, ::-1]))
    for name in NAMES:
        assert one[name] == pytest.approx(other[name], abs=2e-3), name


def test_five_times_as_many_pixels_give_the_same_features() -> None:
    image = chest(noise_k=0.0, asymmetry_k=1.5)
    fine = np.repeat(np.repeat(image, 5, axis=0), 5, axis=1)
    coarse, finer = features(with_body(image)[None]), features(with_body(fine)[None])
    np.testing.assert_allclose(coarse, finer, atol=0.02)
