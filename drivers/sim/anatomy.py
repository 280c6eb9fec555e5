"""Paints a torso: a smooth skin, two breasts, folds, veins and warm spots. Shapes are made up to look like a thermogram."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HEIGHT, WIDTH = 96, 128
BREAST_X, BREAST_Y = 0.20, 0.08
"""Centre of a breast: right or left of and below the middle, in units of the picture's width and height."""
BREAST_RADIUS = (0.15, 0.22)
CHEST_WIDTH = 0.75


@dataclass(frozen=True)
class WarmSpot:
    """A round place that is warmer than it should be."""

    x: float
    """Of the picture's width, from the middle: positive is the patient's left."""
    y: float
    """Of its height, downwards from the middle."""
    kelvin: float = 1.5
    radius: float = 0.04
    """Standard deviation, of the picture's width."""


@dataclass(frozen=True)
class Anatomy:
    """All that decides what the skin looks like."""

    skin_c: float
    asymmetry_k: float
    spots: tuple[WarmSpot, ...]
    vessels_k: float
    seed: int


@dataclass(frozen=True, eq=False)
class Painting:
    """Premultiplied, so that both can be averaged over areas: °C × cover, and cover from 0 (background) to 1 (skin)."""

    warmth_c: Floats
    cover: Floats


@lru_cache(maxsize=16)
def paint(anatomy: Anatomy) -> Painting:
    """Paint [96, 128] with the chest as wide as three quarters of the picture."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    x, y = (x + 0.5) / WIDTH - 0.5, (y + 0.5) / HEIGHT - 0.5
    skin = anatomy.skin_c + _relief(x, y)
    skin += anatomy.vessels_k * _veins(x, y, anatomy.seed)
    skin += anatomy.asymmetry_k * _breast(x - BREAST_X, y - BREAST_Y)
    for spot in anatomy.spots:
        skin += spot.kelvin * _bell((x - spot.x) / spot.radius, (y - spot.y) / spot.radius * HEIGHT / WIDTH)
    cover = _silhouette(x, y)
    return Painting(skin * cover, cover)


def _bell(u: Floats, v: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * (u**2 + v**2)))


def _step(distance: Floats, softness: float = 0.006) -> Floats:
    """From 0 to 1 where ``distance`` becomes positive."""
    return np.asarray(1 / (1 + np.exp(-np.clip(distance / softness, -50, 50))))


def _breast(x: Floats, y: Floats) -> Floats:
    """1 inside, 0 outside, with a soft edge."""
    inside = 1 - np.sqrt((x / BREAST_RADIUS[0]) ** 2 + (y / BREAST_RADIUS[1]) ** 2)
    return _step(inside, 0.06)


def _relief(x: Floats, y: Floats) -> Floats:
    """What every chest shows: cooler breasts and nipples, warm folds below them, a warm breastbone, neck and armpits."""
    relief = 0.5 * _bell(x / 0.05, (y + 0.1) / 0.25) + 0.9 * _bell(x / 0.1, (y + 0.5) / 0.12)
    for side in (-1, 1):
        u, v = x - side * BREAST_X, y - BREAST_Y
        ring = np.sqrt((u / BREAST_RADIUS[0]) ** 2 + (v / BREAST_RADIUS[1]) ** 2)
        relief += -1.1 * _breast(u, v) - 0.7 * _bell(u / 0.02, v / 0.027)
        relief += 0.9 * _bell((ring - 1.05) / 0.09, np.zeros_like(u)) * _step(v, 0.05)
        relief += 0.8 * _bell((x - side * 0.34) / 0.05, (y + 0.18) / 0.1)
    return relief - 0.8 * np.clip(y, 0, 1)


def _veins(x: Floats, y: Floats, seed: int) -> Floats:
    """Some winding lines from the breastbone and the armpits over the breasts, 0 to about 1."""
    rng = np.random.default_rng(seed)
    veins = np.zeros_like(x)
    for side in (-1, 1):
        for _ in range(3):
            start = (side * rng.uniform(0.05, 0.12), rng.uniform(-0.3, -0.1))
            end = (side * rng.uniform(0.16, 0.3), rng.uniform(0.0, 0.22))
            veins += _vein(x, y, start, end, rng)
    return np.minimum(veins, 1.2)


def _vein(x: Floats, y: Floats, start: tuple[float, float], end: tuple[float, float], rng: np.random.Generator) -> Floats:
    run_x, run_y = end[0] - start[0], end[1] - start[1]
    along = np.clip(((x - start[0]) * run_x + (y - start[1]) * run_y) / (run_x**2 + run_y**2), 0, 1)
    bend, turns, phase = rng.uniform(0.01, 0.03), rng.uniform(1, 2.5), rng.uniform(0, 2 * np.pi)
    off = bend * np.sin(2 * np.pi * turns * along + phase) * np.sin(np.pi * along)
    return _bell((x - start[0] - along * run_x - off) / 0.012, (y - start[1] - along * run_y) / 0.016)


def _silhouette(x: Floats, y: Floats) -> Floats:
    """Chest, neck and raised upper arms, as cover from 0 to 1."""
    width = CHEST_WIDTH / 2 - 0.05 * np.clip(y, 0, 1) ** 1.5
    chest = _step(width - np.abs(x)) * _step(y + 0.32 + 0.25 * np.clip(np.abs(x) - 0.12, 0, 1))
    neck = _step(0.1 - np.abs(x)) * _step(-0.2 - y)
    arms = _step(0.075 - np.abs(np.abs(x) - 0.32 - 0.18 * np.clip(-0.2 - y, 0, 1))) * _step(-0.1 - y)
    return np.asarray(np.maximum(np.maximum(chest, neck), arms))
