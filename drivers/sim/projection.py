"""How an image falls onto the sensor's pixels: each pixel sees the mean of the area that it covers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drivers.errors import BadScene
from drivers.protocols import COLUMNS, ROWS

Floats = NDArray[np.float64]
PLAUSIBLE_C = (-40.0, 300.0)
"""What an MLX90640 can measure (datasheet section 5)."""
NO_BLUR_PX = 0.1
"""Below this the neighbours' weight is under 1e-21."""


@dataclass(frozen=True)
class Field:
    """The rectangle that an image takes up, in units of the sensor's field of view: (0, 0) is its upper left, (1, 1) its lower
    right corner. It may reach beyond."""

    left: float = 0.0
    top: float = 0.0
    width: float = 1.0
    height: float = 1.0

    @classmethod
    def placed(cls, size: float = 1.0, x: float = 0.0, y: float = 0.0) -> Field:
        """``size`` times as wide and high as the field of view, its centre moved by ``x`` to the right and ``y`` down."""
        return cls(0.5 + x - size / 2, 0.5 + y - size / 2, size, size)


FULL = Field()


def check_image(celsius: NDArray[np.generic]) -> Floats:
    """Return a temperature image as float64; raises `BadScene` unless it is [≥24, ≥32] of plausible temperatures in °C."""
    if celsius.ndim != 2 or celsius.dtype.kind not in "fiu":
        raise BadScene(f"A thermogram is a 2-D array of numbers in °C, not {celsius.dtype} {celsius.shape}.")
    if celsius.shape[0] < ROWS or celsius.shape[1] < COLUMNS:
        raise BadScene(f"A thermogram has at least {ROWS}×{COLUMNS} pixels, not {celsius.shape[0]}×{celsius.shape[1]}.")
    image = celsius.astype(np.float64)
    if not np.isfinite(image).all():
        raise BadScene(
            f"The thermogram has {np.count_nonzero(~np.isfinite(image))} values that are NaN or infinite. Fill them in."
        )
    if image.min() < PLAUSIBLE_C[0] or image.max() > PLAUSIBLE_C[1]:
        raise BadScene(
            f"The thermogram reaches from {image.min():.0f} to {image.max():.0f} °C; the sensor measures {PLAUSIBLE_C[0]:g} to "
            f"{PLAUSIBLE_C[1]:g} °C. Is it in °C?"
        )
    return image


def project(
    celsius: NDArray[np.generic],
    *,
    field: Field = FULL,
    background_c: float | None = None,
    blur_px: float = 0.0,
) -> Floats:
    """Return what 24×32 ideal pixels see of an image, in °C, [24, 32].

    Args:
        celsius: [h, w] in °C, at least 24×32.
        field: where in the field of view the image lies.
        background_c: what surrounds it; needed where the image does not fill the field of view.
        blur_px: standard deviation of the lens's blur, in sensor pixels.

    Raises `BadScene` for an image that is none, or for a missing background.
    """
    image = check_image(celsius)
    rows, columns = (
        _weights(image.shape[0], ROWS, field.top, field.height),
        _weights(image.shape[1], COLUMNS, field.left, field.width),
    )
    seen, cover = rows @ image @ columns.T, np.outer(rows.sum(axis=1), columns.sum(axis=1))
    if cover.min() < 1 - 1e-9:
        if background_c is None:
            raise BadScene("The thermogram does not fill the field of view, so the temperature behind it is needed.")
        seen += (1 - cover) * background_c
    return blur(seen, blur_px)


def blur(image: Floats, sigma_px: float) -> Floats:
    """Smooth [24, 32] by a Gaussian of ``sigma_px`` pixels; the edge continues outwards."""
    if sigma_px < NO_BLUR_PX:
        return image
    return np.asarray(_gaussian(ROWS, sigma_px) @ image @ _gaussian(COLUMNS, sigma_px).T)


@lru_cache(maxsize=64)
def _weights(size: int, pixels: int, start: float, extent: float) -> Floats:
    """[pixels, size]: the share of each sensor pixel that each image pixel covers, along one axis."""
    edges = (start + extent * np.arange(size + 1) / size) * pixels
    pixel = np.arange(pixels)[:, None]
    overlap = np.minimum(edges[None, 1:], pixel + 1) - np.maximum(edges[None, :-1], pixel)
    return np.asarray(np.maximum(overlap, 0.0))


@lru_cache(maxsize=32)
def _gaussian(size: int, sigma: float) -> Floats:
    """[size, size]: a row of weights for each pixel; weight that would fall outside goes to the edge."""
    reach = int(np.ceil(4 * sigma))
    weights = np.zeros((size, size))
    for step in range(-reach, reach + 1):
        target = np.clip(np.arange(size) + step, 0, size - 1)
        np.add.at(weights, (np.arange(size), target), np.exp(-0.5 * (step / sigma) ** 2))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
