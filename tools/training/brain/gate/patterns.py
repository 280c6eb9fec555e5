"""Drawn impostors that are no body: noise, gradients, shapes, writing, an empty room."""

from __future__ import annotations

import string
from collections.abc import Mapping

import cv2
import numpy as np

from tools.training.brain.gate.drawn import Maker
from tools.training.brain.gate.views import SIDE, Image, Rng

_ROW, _COLUMN = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE


def _noise(rng: Rng) -> Image:
    """Noise with a power spectrum of 1/f^a, a from 0 (white) to 3 (clouds), and a brightness of its own in some regions."""
    spectrum = np.fft.rfft2(rng.normal(size=(SIDE, SIDE)))
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None, :])
    frequency[0, 0] = 1.0
    noise = np.fft.irfft2(spectrum / frequency ** (rng.uniform(0, 3) / 2), s=(SIDE, SIDE))
    noise = (noise - noise.min()) / max(float(noise.max() - noise.min()), 1e-9)
    return np.asarray(noise ** rng.uniform(0.5, 3), dtype=np.float32)


def _gradient(rng: Rng) -> Image:
    along = rng.normal() * _ROW + rng.normal() * _COLUMN + rng.normal() * _ROW * _COLUMN
    around = rng.normal() * np.hypot(_ROW - rng.uniform(0, 1), _COLUMN - rng.uniform(0, 1))
    image = along + around + rng.uniform(0, 0.03) * rng.normal(size=along.shape)
    return np.asarray(image - image.min(), dtype=np.float32)


def _almost_constant(rng: Rng) -> Image:
    image = np.full((SIDE, SIDE), 100.0) + rng.integers(0, 2, (SIDE, SIDE)) * (
        rng.random((SIDE, SIDE)) < rng.uniform(0.001, 0.5)
    )
    image[int(rng.integers(SIDE)), int(rng.integers(SIDE))] += rng.uniform(1, 50)
    return np.asarray(image - 99.0, dtype=np.float32)


def _shapes(rng: Rng) -> Image:
    image = np.full((SIDE, SIDE), rng.uniform(0, 1), dtype=np.float32) * float(rng.integers(0, 2))
    for _ in range(int(rng.integers(1, 14))):
        at, to = (tuple(int(v) for v in rng.integers(0, SIDE, 2)) for _ in range(2))
        grey, thick = float(rng.uniform(0, 1)), int(rng.choice([-1, 1, 2, 5]))
        match int(rng.integers(4)):
            case 0:
                cv2.rectangle(image, at, to, grey, thick)
            case 1:
                cv2.circle(image, at, int(rng.integers(3, 50)), grey, thick, cv2.LINE_AA)
            case 2:
                cv2.line(image, at, to, grey, abs(thick), cv2.LINE_AA)
            case _:
                corners = rng.integers(0, SIDE, (int(rng.integers(3, 7)), 1, 2)).astype(np.int32)
                cv2.fillPoly(image, [corners], grey, cv2.LINE_AA)
    return image


def _writing(rng: Rng) -> Image:
    """Text or a form, dark on light or light on dark."""
    image = np.zeros((SIDE, SIDE), dtype=np.uint8)
    letters = np.array(list(string.ascii_letters + string.digits + "    .,:-"))
    size = float(rng.uniform(0.25, 1.4))
    y = int(rng.uniform(4, 20))
    while y < SIDE + 5:
        text = "".join(rng.choice(letters, int(rng.integers(1, 34))))
        cv2.putText(image, text, (int(rng.integers(0, 40)), y), int(rng.integers(0, 8)), size, 255, 1, cv2.LINE_AA)
        y += int(rng.uniform(18, 45) * size + 4)
    for _ in range(int(rng.integers(0, 4))):
        at, to = (tuple(int(v) for v in rng.integers(0, SIDE, 2)) for _ in range(2))
        cv2.rectangle(image, at, to, int(rng.integers(50, 256)), int(rng.choice([-1, 1])))
    light = image.astype(np.float32) / np.float32(255)
    return 1 - light if rng.random() < 0.5 else light


def _stripes(rng: Rng) -> Image:
    angle = rng.uniform(0, np.pi)
    along = np.cos(angle) * _COLUMN + np.sin(angle) * _ROW
    across = -np.sin(angle) * _COLUMN + np.cos(angle) * _ROW
    wave = np.sin(along * rng.uniform(10, 150) + rng.uniform(0, 6))
    if rng.random() < 0.5:
        wave = wave * np.sin(across * rng.uniform(10, 150))
    hard = rng.random() < 0.5
    image = (wave > 0).astype(np.float32) if hard else (wave + 1) / 2
    return np.asarray(image * (1 + rng.normal() * _ROW) + 1, dtype=np.float32)


def _room(rng: Rng) -> Image:
    """Walls, a floor, a window or a door, a lamp."""
    corner = rng.uniform(0.3, 0.7)
    floor = rng.uniform(0.55, 0.8) + rng.uniform(-0.3, 0.3) * np.abs(_COLUMN - corner) < _ROW
    image = np.where(corner > _COLUMN, rng.uniform(0.3, 1), rng.uniform(0.3, 1)) + rng.uniform(-0.2, 0.2) * _ROW
    image = np.where(floor, rng.uniform(0.1, 0.8), image).astype(np.float32)
    for _ in range(int(rng.integers(1, 6))):
        left, top = rng.integers(0, SIDE - 20, 2)
        width, height = rng.integers(8, 60, 2)
        cv2.rectangle(image, (int(left), int(top)), (int(left + width), int(top + height)), float(rng.uniform(0, 1)), -1)
    soft = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.5, 1.5))) + rng.normal(0, 0.02, image.shape)
    return np.asarray(np.clip(soft, 0, None), dtype=np.float32)


def _hot_pixels(rng: Rng) -> Image:
    image = np.zeros((SIDE, SIDE), dtype=np.float32)
    for _ in range(int(rng.integers(1, 60))):
        image[int(rng.integers(SIDE)), int(rng.integers(SIDE))] = rng.uniform(0.2, 1)
    return np.asarray(image + 1e-3, dtype=np.float32)


MAKERS: Mapping[str, Maker] = {
    "noise of any spectrum": _noise,
    "gradient": _gradient,
    "almost constant": _almost_constant,
    "shapes": _shapes,
    "writing": _writing,
    "stripes and checks": _stripes,
    "empty room": _room,
    "hot pixels": _hot_pixels,
}
