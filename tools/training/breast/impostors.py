"""Images that are no chest from the front, made up, to measure the chest gate on. No real hand or face was to be had."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.preprocess import COLUMNS, ROWS
from tools.training.breast import shapes
from tools.training.breast.shapes import Image

Maker = Callable[[np.random.Generator, Image], Image]
"""Makes an impostor, [24, 32] in °C, from chance and from a view of a real chest."""

_ROW, _COLUMN = np.mgrid[0:ROWS, 0:COLUMNS]


class Kind(NamedTuple):
    """One kind of impostor."""

    make: Maker
    made_how: str
    from_chest: bool = False
    """Made from a patient's view, so that there are no more independent ones than patients."""


def _room(rng: np.random.Generator, _chest: Image) -> Image:
    return shapes.to_pixels(shapes.room(rng))


def _heater(rng: np.random.Generator, chest: Image) -> Image:
    image = _room(rng, chest)
    height, width = rng.integers(4, 20), rng.integers(4, 26)
    top, left = rng.integers(0, ROWS - height), rng.integers(0, COLUMNS - width)
    image[top : top + height, left : left + width] = rng.uniform(40, 80)
    return image


def _warm_plate(rng: np.random.Generator, chest: Image) -> Image:
    """A flat warm thing as large as a chest."""
    image = _room(rng, chest)
    left = rng.integers(2, 8)
    image[int(rng.integers(0, 6)) :, left : COLUMNS - left] = rng.uniform(30, 36)
    return image


def _ellipse(rng: np.random.Generator, chest: Image) -> Image:
    height, width = rng.uniform(3, 11), rng.uniform(2, 9)
    inside = ((_ROW - rng.uniform(8, 16)) / height) ** 2 + ((_COLUMN - rng.uniform(10, 22)) / width) ** 2 < 1
    return np.where(inside, rng.uniform(31, 36) + rng.normal(0, 0.5, (ROWS, COLUMNS)), _room(rng, chest))


def _gradient(rng: np.random.Generator, _chest: Image) -> Image:
    angle, span = rng.uniform(0, 2 * np.pi), rng.uniform(6, 18)
    along = np.cos(angle) * (_COLUMN / COLUMNS - 0.5) + np.sin(angle) * (_ROW / ROWS - 0.5)
    return np.asarray(rng.uniform(24, 30) + span * along)


def _half(rng: np.random.Generator, chest: Image) -> Image:
    """A person who stands beside the field of view."""
    moved = np.full_like(chest, np.percentile(chest, 2))
    shift = int(rng.integers(14, 20))
    if rng.random() < 0.5:
        moved[:, shift:] = chest[:, :-shift]
    else:
        moved[:, :-shift] = chest[:, shift:]
    return moved


def _far_away(rng: np.random.Generator, chest: Image) -> Image:
    image = np.full_like(chest, np.percentile(chest, 2))
    top, left = rng.integers(4, 14), rng.integers(4, 18)
    image[top : top + 8, left : left + 10] = chest.reshape(8, 3, COLUMNS, 1)[:, 1, 1:31:3, 0]
    return image


def _quarter_turn(rng: np.random.Generator, chest: Image) -> Image:
    """A person who lies on the side; the picture's borders are continued."""
    turned = np.rot90(chest, 1 if rng.random() < 0.5 else 3)[4:-4]
    return np.pad(turned, ((0, 0), (4, 4)), mode="edge")


DRAWN = {
    "empty room": Kind(_room, "walls of 16 to 28 °C, up to 1.5 K warmer on one side"),
    "heater in a room": Kind(_heater, "a rectangle of 40 to 80 °C before walls"),
    "constant": Kind(lambda rng, _: np.full((ROWS, COLUMNS), rng.uniform(15, 38)), "one temperature from 15 to 38 °C"),
    "noise": Kind(lambda rng, _: rng.uniform(20, 36, (ROWS, COLUMNS)), "each pixel anything from 20 to 36 °C"),
    "gradient": Kind(_gradient, "a slope of 6 to 18 K in any direction"),
    "warm ellipse": Kind(_ellipse, "one ellipse of skin's temperature, from a hand's size to two thirds of the picture"),
    "flat warm plate": Kind(_warm_plate, "one even rectangle of 30 to 36 °C, as large as a chest"),
    "hand": Kind(
        lambda rng, _: shapes.to_pixels(shapes.hand(rng)),
        "drawn from ellipses and capsules: palm, fingers, forearm; 0.35 to 1.4 times the picture's height",
    ),
    "face": Kind(
        lambda rng, _: shapes.to_pixels(shapes.face(rng)),
        "drawn: head with hair, eyes, nose, neck, clothed shoulders; 0.35 to 1.3 times the picture's height",
    ),
    "chest X-ray as temperatures": Kind(
        lambda rng, _: shapes.to_pixels(shapes.chest_x_ray(rng)), "drawn lungs, ribs, heart; grey values read as 16 to 37 °C"
    ),
    "photograph as temperatures": Kind(
        lambda rng, _: shapes.to_pixels(shapes.photograph(rng)),
        "shapes over 1/f noise; grey values read as 0 to 255 °C or as 10 to 38 °C",
    ),
}
CHANGED = {
    "chest, inverted": Kind(lambda _, chest: chest.max() + chest.min() - chest, "warm and cold exchanged", True),
    "chest, half of it": Kind(_half, "moved sideways by 14 to 19 of 32 columns", True),
    "chest, three times too far away": Kind(_far_away, "a third as large, before a wall", True),
    "chest, in kelvin": Kind(lambda _, chest: chest + 273.15, "273.15 added", True),
    "chest, in degrees Fahrenheit": Kind(lambda _, chest: chest * 1.8 + 32, "1.8 times and 32 added", True),
    "chest, lying on the side": Kind(_quarter_turn, "turned by 90° either way", True),
}
KINDS = {**DRAWN, **CHANGED}
NOT_TOLD = {
    "chest, upside down": Kind(lambda _, chest: chest[::-1], "rows in reverse order", True),
    "chest, mirrored": Kind(lambda _, chest: chest[:, ::-1], "columns in reverse order", True),
}
"""What this gate is not expected to refuse; measured all the same."""


def make(kind: Kind, rng: np.random.Generator, chest: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return one impostor as the sensor delivers it: float32 [24, 32] in °C, with 0.1 K of noise."""
    image = kind.make(rng, chest.astype(np.float64))
    return (image + rng.normal(0, 0.1, image.shape)).astype(np.float32)
