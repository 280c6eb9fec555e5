"""Images that are no chest, generated, to measure the input gate on. Real hands and faces were not to be had."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from models.preprocess import COLUMNS, ROWS

Image = NDArray[np.float64]
Maker = Callable[[np.random.Generator, Image], Image]
"""Makes an impostor, [24, 32] in °C, from chance and from a view of a real chest."""

_ROW, _COLUMN = np.mgrid[0:ROWS, 0:COLUMNS]


def _room(rng: np.random.Generator, _chest: Image) -> Image:
    slope = rng.uniform(-1.5, 1.5, 2)
    return np.asarray(rng.uniform(16, 28) + slope[0] * _ROW / ROWS + slope[1] * _COLUMN / COLUMNS)


def _heater(rng: np.random.Generator, chest: Image) -> Image:
    image = _room(rng, chest)
    top, left = rng.integers(0, 14), rng.integers(0, 20)
    image[top : top + 10, left : left + 12] = rng.uniform(40, 70)
    return image


def _constant(rng: np.random.Generator, _chest: Image) -> Image:
    return np.full((ROWS, COLUMNS), rng.uniform(15, 38))


def _noise(rng: np.random.Generator, _chest: Image) -> Image:
    return rng.uniform(20, 36, (ROWS, COLUMNS))


def _gradient(rng: np.random.Generator, _chest: Image) -> Image:
    along = _COLUMN / COLUMNS if rng.random() < 0.5 else _ROW / ROWS
    return np.asarray(22 + 13 * (along if rng.random() < 0.5 else 1 - along))


def _blob(rng: np.random.Generator, chest: Image) -> Image:
    """One warm ellipse the size of a hand or a head at the chest's distance."""
    height, width = rng.uniform(3, 8), rng.uniform(2, 5)
    inside = ((_ROW - rng.uniform(8, 16)) / height) ** 2 + ((_COLUMN - rng.uniform(10, 22)) / width) ** 2 < 1
    return np.where(inside, rng.uniform(31, 36) + rng.normal(0, 0.5, (ROWS, COLUMNS)), _room(rng, chest))


def _warm_plate(rng: np.random.Generator, chest: Image) -> Image:
    """A flat warm thing as large as a chest."""
    image = _room(rng, chest)
    image[:, 5:27] = rng.uniform(30, 36)
    return image


def _inverted(_rng: np.random.Generator, chest: Image) -> Image:
    return np.asarray(chest.max() + chest.min() - chest)


def _half_out(rng: np.random.Generator, chest: Image) -> Image:
    """A person who stands beside the field of view: half of the chest is outside it."""
    moved = np.full_like(chest, np.percentile(chest, 2))
    shift = int(rng.integers(14, 20))
    if rng.random() < 0.5:
        moved[:, shift:] = chest[:, :-shift]
    else:
        moved[:, :-shift] = chest[:, shift:]
    return moved


def _far_away(rng: np.random.Generator, chest: Image) -> Image:
    """A person three times as far away as the outline asks for."""
    image = np.full_like(chest, np.percentile(chest, 2))
    top, left = rng.integers(4, 14), rng.integers(4, 18)
    image[top : top + 8, left : left + 10] = chest.reshape(8, 3, COLUMNS, 1)[:, 1, 1:31:3, 0]
    return image


MAKERS: Mapping[str, Maker] = {
    "empty room": _room,
    "heater in a room": _heater,
    "constant": _constant,
    "noise": _noise,
    "gradient": _gradient,
    "hand- or head-sized ellipse": _blob,
    "flat warm plate": _warm_plate,
    "inverted chest": _inverted,
    "half of a chest": _half_out,
    "chest three times too far away": _far_away,
    "chest in kelvin": lambda _rng, chest: chest + 273.15,
    "chest in degrees Fahrenheit": lambda _rng, chest: chest * 1.8 + 32,
    "chest upside down": lambda _rng, chest: chest[::-1],
}


def make(kind: str, rng: np.random.Generator, chest: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return one impostor of ``kind`` as the sensor delivers it: float32 [24, 32], with 0.1 K of noise."""
    image = MAKERS[kind](rng, chest.astype(np.float64))
    return (image + rng.normal(0, 0.1, image.shape)).astype(np.float32)
