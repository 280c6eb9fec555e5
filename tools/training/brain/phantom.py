"""Made-up slices of a head: an ellipse of scalp, skull and brain with ventricles, and a bright lesion where one is asked for.

They look like a head to a network, belong to nobody, and so may lie in a bundle as golden inputs, and in tests.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SCALP, SKULL, BRAIN, VENTRICLE, LESION = 0.75, 0.08, 0.42, 0.15, 0.95
"""Brightness in a T1-weighted slice after contrast agent, the brightest being 1."""


def head_phantom(seed: int, side: int = 192, *, lesion: bool = True) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return a slice, float32 [side, side] of 0 to 1, and where its lesion is, bool [side, side].

    The same seed gives the same slice.
    """
    rng = np.random.default_rng(seed)
    y, x = (np.mgrid[:side, :side] - (side - 1) / 2) / (side / 2)
    turn = np.deg2rad(rng.uniform(-8, 8))
    across, along = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    width, height = rng.uniform(0.62, 0.72), rng.uniform(0.78, 0.88)
    radius = np.hypot(across / width, along / height)
    image = np.zeros((side, side))
    for edge, brightness in ((1.0, SCALP), (0.93, SKULL), (0.86, BRAIN)):
        image[radius < edge] = brightness
    for centre in (-0.12, 0.12):
        image[np.hypot((across - centre) / 0.07, (along + 0.05) / 0.28) < 1] = VENTRICLE
    angle, distance = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.6)
    size = rng.uniform(0.08, 0.18)
    inside = np.hypot(across - distance * width * np.cos(angle), along - distance * height * np.sin(angle)) < size
    mask = inside & (radius < 0.86) if lesion else np.zeros_like(inside)
    image[mask] = LESION
    texture = _smooth(rng.normal(0, 1, (side, side)), side) * (image > SKULL)
    image = image * (1 + 0.12 * texture) + np.abs(rng.normal(0, 0.01, (side, side)))
    return np.clip(image, 0, 1).astype(np.float32), mask


def _smooth(noise: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Return noise without its fine grain, with a standard deviation of 1."""
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side)))
    kept = np.fft.ifft2(np.fft.fft2(noise) * np.exp(-((frequency * side / 12) ** 2))).real
    return np.asarray(kept / kept.std())
