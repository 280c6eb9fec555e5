"""What a scanner, an archive or a careless export may make of a slice: other framing, window, coil, noise and compression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
Rng = np.random.Generator

SIDE = 96
"""Pixels along each side of a view; `models.brain_gate` makes 64 of them."""


@dataclass(frozen=True)
class Framing:
    """How a slice lies in a view; the longer side of the slice fills the view at ``zoom`` 1."""

    zoom: float = 1.0
    degrees: float = 0.0
    right: float = 0.0
    """In shares of the view's side."""
    down: float = 0.0
    stretch: float = 1.0
    mirrored: bool = False


def random_framing(rng: Rng) -> Framing:
    """Return a framing in which the head is still as a radiographer would have it."""
    return Framing(
        zoom=float(rng.uniform(0.75, 1.12)),
        degrees=float(rng.uniform(-15, 15)),
        right=float(rng.uniform(-0.06, 0.06)),
        down=float(rng.uniform(-0.06, 0.06)),
        stretch=float(rng.uniform(0.92, 1.08)),
        mirrored=bool(rng.random() < 0.5),
    )


def framed(slice_: NDArray[Any], framing: Framing) -> Image:
    """Return ``slice_`` [rows, columns], scaled to 0 to 1, as it lies in the view, float32 [SIDE, SIDE]; outside it is dark."""
    rows, columns = slice_.shape
    values = slice_.astype(np.float32)
    low, high = float(values.min()), float(values.max())
    values = (values - low) / (high - low) if high > low else np.zeros_like(values)
    scale = framing.zoom * SIDE / max(rows, columns)
    cosine, sine = np.cos(np.deg2rad(framing.degrees)), np.sin(np.deg2rad(framing.degrees))
    across = scale * framing.stretch * (-1.0 if framing.mirrored else 1.0)
    turn = np.array([[cosine * across, -sine * scale], [sine * across, cosine * scale]])
    middle = SIDE / 2 + SIDE * np.array([framing.right, framing.down])
    offset = middle - turn @ np.array([(columns - 1) / 2, (rows - 1) / 2])
    matrix = np.concatenate([turn, offset[:, None]], axis=1)
    return np.asarray(cv2.warpAffine(values, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR), dtype=np.float32)


def random_view(slice_: NDArray[Any], rng: Rng) -> Image:
    """Return a proper view of a slice: framed and delivered at random."""
    return delivered(framed(slice_, random_framing(rng)), rng)


def delivered(image: Image, rng: Rng) -> Image:
    """Return ``image`` (0 to 1) as it may arrive, in any unit: shading, contrast, blur, noise, window, compression, depth."""
    result = image * _shading(rng, image.shape) if rng.random() < 0.6 else image
    result = np.clip(result, 0, None) ** float(rng.uniform(0.65, 1.5))
    if rng.random() < 0.4:
        result = cv2.GaussianBlur(result, (0, 0), float(rng.uniform(0.4, 1.4)))
    if rng.random() < 0.6:
        result = rician(result, float(rng.uniform(0.002, 0.06)), rng)
    if rng.random() < 0.5:
        result = _windowed(result, rng)
    if rng.random() < 0.3:
        result = _compressed(result, int(rng.integers(35, 95)))
    levels = float(rng.choice([255, 4095, 65535]))
    peak = max(float(result.max()), 1e-6)
    return np.asarray(np.rint(result / peak * levels * rng.uniform(0.1, 1.0)), dtype=np.float32)


def rician(image: Image, sigma: float, rng: Rng) -> Image:
    """Return ``image`` with the noise of a magnitude image (H. Gudbjartsson & S. Patz, Magn. Reson. Med. 34:910-914, 1995)."""
    real, imaginary = rng.normal(0, sigma, (2, *image.shape))
    return np.asarray(np.hypot(image + real, imaginary), dtype=np.float32)


def _shading(rng: Rng, shape: tuple[int, ...]) -> Image:
    """A smooth factor around 1, as of a receive coil."""
    coarse = rng.uniform(0.65, 1.35, (3, 3)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _windowed(image: Image, rng: Rng) -> Image:
    """A window that a person has chosen: the brightest and the darkest are cut off."""
    low = float(rng.uniform(0.0, 0.06))
    high = float(np.quantile(image, rng.uniform(0.95, 1.0)))
    return np.clip(image, low, max(high, low + 0.05)) - low


def _compressed(image: Image, quality: int) -> Image:
    grey = np.rint(255 * np.clip(image / max(float(image.max()), 1e-6), 0, 1)).astype(np.uint8)
    _, data = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.float32) / np.float32(255)
