from __future__ import annotations

import numpy as np
import pytest

from models.wiener import wiener
from tools.training.brain.phantom import head_phantom


@pytest.mark.parametrize("window", [3, 5])
@pytest.mark.parametrize("shape", [(192, 192), (64, 90), (33, 32)])
def test_it_gives_what_scipy_gives(shape: tuple[int, int], window: int) -> None:
    signal = pytest.importorskip("scipy.signal", reason="scipy comes with the tools for development")
    rng = np.random.default_rng(window)
    image = (head_phantom(2, 192)[0][: shape[0], : shape[1]] + rng.normal(0, 0.05, shape)).astype(np.float32)
    expected = signal.wiener(image.astype(np.float64), (window, window))
    assert np.abs(wiener(image, window) - expected).max() < 1e-6


def test_noise_is_reduced_and_an_edge_is_kept() -> None:
    rng = np.random.default_rng(1)
    clean = np.zeros((64, 64), dtype=np.float32)
    clean[16:48, 16:48] = 1.0
    noisy = (clean + rng.normal(0, 0.05, clean.shape)).astype(np.float32)
    filtered = wiener(noisy)
    flat = (slice(24, 40), slice(24, 40))
    assert filtered[flat].std() < 0.6 * noisy[flat].std()
    assert filtered[30, 16] - filtered[30, 15] > 0.8
    assert filtered.dtype == np.float32


def test_an_image_without_any_variance_stays_as_it_is() -> None:
    assert np.array_equal(wiener(np.zeros((32, 32), dtype=np.float32)), np.zeros((32, 32), dtype=np.float32))
    middle = wiener(np.full((32, 32), 0.5, dtype=np.float32))[2:-2, 2:-2]
    assert middle == pytest.approx(np.full_like(middle, 0.5))
