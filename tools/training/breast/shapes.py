"""Hands, faces, X-rays and photographs drawn from simple shapes, as a thermal sensor might be shown them.

They are not pictures of anybody: ellipses, capsules and noise at the temperatures of skin, hair and clothes. Sizes and
temperatures are drawn at random within what occurs; where that leaves doubt, the range is the wider one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.preprocess import COLUMNS, ROWS

Image = NDArray[np.float64]
FINE = 2
"""Points for each pixel and axis, averaged at the end."""
_Y, _X = np.mgrid[0 : ROWS * FINE, 0 : COLUMNS * FINE].astype(np.float64)
Y = (_Y + 0.5) / (ROWS * FINE) - 0.5
X = ((_X + 0.5) / (COLUMNS * FINE) - 0.5) * COLUMNS / ROWS
"""Both in units of the picture's height, 0 in the middle."""


def to_pixels(fine: Image) -> Image:
    """Return the mean of the points in each pixel, [24, 32]."""
    return np.asarray(fine.reshape(ROWS, FINE, COLUMNS, FINE).mean(axis=(1, 3)))


def room(rng: np.random.Generator) -> Image:
    """Return walls that are a little warmer on one side, on the fine grid."""
    slope = rng.uniform(-1.5, 1.5, 2)
    return np.asarray(rng.uniform(16, 28) + slope[0] * Y + slope[1] * X)


def hand(rng: np.random.Generator) -> Image:
    """An open hand, from the size that it has beside a chest to larger than the picture, turned by up to 50°."""
    length = rng.uniform(0.35, 1.4)
    u, v = _turned(rng, np.deg2rad(rng.uniform(-50, 50)), 0.2)
    u, v = u / length, v / length
    skin_c, drop_k = rng.uniform(30, 35.5), rng.uniform(0, 7)
    shape = _ellipse(u, v - 0.12, 0.24, 0.28)
    for spread, reach in ((-0.19, -0.36), (-0.065, -0.5), (0.065, -0.47), (0.19, -0.38)):
        shape = np.maximum(shape, _capsule(u, v, (spread * 0.8, 0.0), (spread * rng.uniform(1.0, 1.6), reach), 0.055))
    side = rng.choice([-1, 1])
    shape = np.maximum(shape, _capsule(u, v, (side * 0.15, 0.2), (side * rng.uniform(0.34, 0.44), -0.06), 0.065))
    shape = np.maximum(shape, _capsule(u, v, (0, 0.3), (0, 1.6), 0.15))
    return _over(room(rng), shape, skin_c - drop_k * np.clip(-v, 0, 0.5) / 0.5)


def face(rng: np.random.Generator) -> Image:
    """A head from the front with hair, eyes, nose, neck and clothed shoulders, from small to larger than the picture."""
    height = rng.uniform(0.35, 1.3)
    u, v = _turned(rng, np.deg2rad(rng.uniform(-15, 15)), 0.15)
    u, v = u / height, v / height
    skin_c, behind = rng.uniform(32, 35.5), room(rng)
    clothes = np.maximum(_capsule(u, v, (-0.6, 0.95), (0.6, 0.95), 0.22), (v > 0.95) * (np.abs(u) < 0.8) * 1.0)
    image = _over(behind, clothes, rng.uniform(25, 31) + 0 * u)
    image = _over(image, _capsule(u, v, (0, 0.4), (0, 0.72), 0.19), skin_c + 0.3 + 0 * u)
    skin = skin_c - rng.uniform(1, 5) * _bell(u / 0.07, (v - 0.08) / 0.11)
    for side in (-1, 1):
        skin += rng.uniform(0.5, 1.5) * _bell((u - side * 0.06) / 0.03, (v + 0.03) / 0.03)
        skin -= rng.uniform(0, 1.5) * _bell((u - side * 0.2) / 0.09, (v - 0.12) / 0.1)
    if rng.random() < 0.3:
        for side in (-1, 1):
            skin -= rng.uniform(2, 6) * _ellipse(u - side * 0.13, v + 0.03, 0.1, 0.08)
    image = _over(image, _ellipse(u, v, 0.37, 0.5), skin)
    hairline = rng.uniform(-0.45, -0.2)
    hair = _ellipse(u, v, 0.4, 0.54) * (v < hairline + rng.uniform(0, 0.5) * u**2 * 4)
    return _over(image, hair, rng.uniform(0.3, 0.8) * skin_c + (1 - rng.uniform(0.3, 0.8)) * float(behind.mean()) + 0 * u)


def chest_x_ray(rng: np.random.Generator) -> Image:
    """What a chest X-ray shows, its grey values read as 18 to 37 °C, also as a negative."""
    grey = 0.75 - 0.12 * np.abs(X) + 0.2 * _bell(X / 0.07, 0 * Y) + 0.25 * np.clip(Y, 0, 1)
    for side in (-1, 1):
        lung = _ellipse(X - side * rng.uniform(0.22, 0.28), Y + 0.03, rng.uniform(0.16, 0.2), rng.uniform(0.34, 0.42))
        ribs = 0.5 + 0.5 * np.sin(2 * np.pi * (Y - 0.5 * (X - side * 0.25) ** 2 + rng.random()) / rng.uniform(0.09, 0.13))
        grey -= lung * (0.55 - 0.12 * ribs)
    grey += 0.35 * _ellipse(X - 0.08, Y - 0.16, 0.17, 0.14)
    grey *= 1 - np.maximum(0, np.abs(X) - 0.55) * rng.uniform(2, 8)
    grey = np.clip(grey + rng.normal(0, 0.02, grey.shape), 0, 1)
    if rng.random() < 0.3:
        grey = 1 - grey
    low, high = rng.uniform(16, 24), rng.uniform(33, 37)
    return np.asarray(low + (high - low) * (grey - grey.min()) / (grey.max() - grey.min()))


def photograph(rng: np.random.Generator) -> Image:
    """The grey values of what could be a photograph: shapes with edges over noise whose power falls with frequency
    (D. J. Field, J. Opt. Soc. Am. A 4:2379, 1987). Read as °C: 0 to 255, or squeezed to 16 to 37."""
    frequency = np.hypot(np.fft.fftfreq(Y.shape[0])[:, None], np.fft.fftfreq(Y.shape[1])[None, :])
    frequency[0, 0] = 1.0
    power = frequency ** -rng.uniform(0.9, 1.4)
    grey = np.real(np.fft.ifft2(np.fft.fft2(rng.normal(size=Y.shape)) * power))
    grey /= grey.std()
    for _ in range(int(rng.integers(1, 8))):
        u, v = _turned(rng, rng.uniform(0, np.pi), 0.5)
        width, height = rng.uniform(0.05, 0.5, 2)
        shape = _ellipse(u, v, width, height) if rng.random() < 0.5 else 1.0 * ((np.abs(u) < width) & (np.abs(v) < height))
        grey = _over(grey, shape, 0.4 * grey + rng.normal(0, 1.5))
    grey = (grey - grey.min()) / (grey.max() - grey.min())
    low, high = (0, 255) if rng.random() < 0.3 else (rng.uniform(10, 24), rng.uniform(32, 38))
    return np.asarray(low + (high - low) * grey)


def _turned(rng: np.random.Generator, angle: float, jitter: float) -> tuple[Image, Image]:
    x, y = X - rng.uniform(-jitter, jitter), Y - rng.uniform(-jitter, jitter)
    return np.cos(angle) * x + np.sin(angle) * y, -np.sin(angle) * x + np.cos(angle) * y


def _over(below: Image, cover: Image, above: Image) -> Image:
    return np.asarray(below + np.clip(cover, 0, 1) * (above - below))


def _bell(u: Image, v: Image) -> Image:
    return np.asarray(np.exp(-0.5 * (u**2 + v**2)))


def _ellipse(u: Image, v: Image, width: float, height: float) -> Image:
    return np.asarray(((u / width) ** 2 + (v / height) ** 2 < 1) * 1.0)


def _capsule(u: Image, v: Image, start: tuple[float, float], end: tuple[float, float], radius: float) -> Image:
    run_u, run_v = end[0] - start[0], end[1] - start[1]
    along = np.clip(((u - start[0]) * run_u + (v - start[1]) * run_v) / (run_u**2 + run_v**2), 0, 1)
    return np.asarray((np.hypot(u - start[0] - along * run_u, v - start[1] - along * run_v) < radius) * 1.0)
