"""Drawn impostors: other parts of a body, as a camera, an X-ray tube, a thermal camera or a scanner might show them.

They are caricatures: real hands, chests and knees were not to be had in numbers. What real ones were to be had is collected
(`tools.training.brain.gate.collected`), and used for testing too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.training.brain.gate.views import SIDE, Image, Rng

Maker = Callable[[Rng], Image]
"""Makes an impostor of chance, float32 [SIDE, SIDE], 0 to about 1."""

_ROW, _COLUMN = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE - 0.5


def ellipse(rng: Rng, middle: tuple[float, float], radii: tuple[float, float], wobble: float = 0.06) -> NDArray[np.float32]:
    """Return how far inside a wobbly ellipse each pixel lies: 1 in the middle, 0 on its edge, below 0 outside."""
    across, down = (_COLUMN - middle[0]) / radii[0], (_ROW - middle[1]) / radii[1]
    angle = np.arctan2(down, across)
    edge = 1.0 + sum(rng.normal(0, wobble / k) * np.cos(k * angle + rng.uniform(0, 6.3)) for k in (2, 3, 4))
    return np.asarray(1.0 - np.hypot(across, down) / edge, dtype=np.float32)


def texture(rng: Rng, fineness: float) -> Image:
    """Return smooth noise of about ±1; a larger ``fineness`` is coarser."""
    noise = cv2.GaussianBlur(rng.normal(size=(SIDE, SIDE)).astype(np.float32), (0, 0), fineness)
    return np.asarray(noise / max(float(noise.std()), 1e-6), dtype=np.float32)


def _hand(rng: Rng) -> Image:
    """A palm and five fingers, by visible light, warmth or X-ray (then with bones)."""
    canvas = np.zeros((SIDE, SIDE), dtype=np.float32)
    palm_x, palm_y = SIDE * rng.uniform(0.4, 0.6), SIDE * rng.uniform(0.58, 0.75)
    width = SIDE * rng.uniform(0.13, 0.2)
    cv2.ellipse(canvas, (int(palm_x), int(palm_y)), (int(width), int(1.2 * width)), 0, 0, 360, 1.0, -1)
    cv2.rectangle(canvas, (int(palm_x - 0.6 * width), int(palm_y)), (int(palm_x + 0.6 * width), SIDE), 1.0, -1)
    bones = np.zeros_like(canvas)
    for finger in range(5):
        angle = np.deg2rad(-90 + (finger - 2) * rng.uniform(12, 24) + (-25 if finger == 0 else 0))
        length = SIDE * rng.uniform(0.3, 0.48) * (0.75 if finger in (0, 4) else 1.0)
        tip = (int(palm_x + length * np.cos(angle)), int(palm_y + length * np.sin(angle)))
        root = (int(palm_x + 0.5 * width * np.cos(angle)), int(palm_y + 0.5 * width * np.sin(angle)))
        cv2.line(canvas, root, tip, 1.0, int(0.42 * width) + 1, cv2.LINE_AA)
        cv2.line(bones, root, tip, 1.0, max(int(0.15 * width), 1), cv2.LINE_AA)
    room = rng.uniform(0, 0.25) + 0.05 * texture(rng, 8)
    skin = 0.6 + 0.1 * texture(rng, 5) + (0.35 * bones if rng.random() < 0.4 else 0)
    smooth = cv2.GaussianBlur(canvas, (0, 0), 1.0)
    return _somewhere(np.clip(smooth * skin + (1 - smooth) * room, 0, None), rng)


def _face(rng: Rng) -> Image:
    middle = tuple(rng.uniform(-0.06, 0.06, 2))
    radii = (rng.uniform(0.2, 0.32), rng.uniform(0.28, 0.42))
    head = ellipse(rng, middle, radii, 0.04)
    image = rng.uniform(0, 1) + 0.15 * texture(rng, rng.uniform(3, 15))
    hair = ellipse(rng, (middle[0], middle[1] - 0.08), (radii[0] * 1.2, radii[1]), 0.08)
    image = np.where(hair > 0, rng.uniform(0.05, 0.5) + 0.06 * texture(rng, 1.5), image)
    image = np.where(head > 0, rng.uniform(0.5, 0.9) + 0.2 * rng.normal() * _COLUMN + 0.05 * texture(rng, 6), image)
    for side in (-1, 1):
        eye = ellipse(rng, (middle[0] + side * radii[0] * 0.42, middle[1] - radii[1] * 0.12), (0.05, 0.025))
        pupil = ellipse(rng, (middle[0] + side * radii[0] * 0.42, middle[1] - radii[1] * 0.12), (0.02, 0.02))
        image = np.where(pupil > 0, 0.1, np.where(eye > 0, 0.95, image))
    mouth = ellipse(rng, (middle[0], middle[1] + radii[1] * 0.5), (radii[0] * 0.4, 0.03))
    nose = ellipse(rng, (middle[0], middle[1] + radii[1] * 0.15), (0.03, 0.09))
    image = np.where(mouth > 0, 0.3, np.where(nose > 0, image + 0.12, image))
    return np.asarray(np.clip(image, 0, 1.2), dtype=np.float32)


def _thorax(rng: Rng) -> Image:
    """A chest in projection: bright spine and shoulders, dark lungs, ribs over them, a heart on one side."""
    image = 0.75 + 0.1 * texture(rng, 10)
    body = ellipse(rng, (0, 0.1), (rng.uniform(0.42, 0.6), rng.uniform(0.55, 0.75)), 0.04)
    image = np.where(body > 0, image, rng.uniform(0, 0.25))
    for side in (-1, 1):
        lung = ellipse(rng, (side * rng.uniform(0.18, 0.22), 0.0), (rng.uniform(0.12, 0.16), rng.uniform(0.27, 0.36)), 0.08)
        image = np.where(lung > 0, rng.uniform(0.15, 0.35) + 0.05 * texture(rng, 3), image)
    ribs = np.sin((_ROW + 0.5 * np.abs(_COLUMN) * rng.uniform(0.5, 1.5)) * rng.uniform(50, 80)) > 0.55
    image = image + rng.uniform(0.05, 0.18) * ribs * (body > 0.05)
    heart = ellipse(rng, (rng.choice([-1, 1]) * 0.06, 0.16), (0.13, 0.15))
    image = np.where((heart > 0) | (np.abs(_COLUMN) < rng.uniform(0.03, 0.05)), np.maximum(image, 0.8), image)
    smooth = cv2.GaussianBlur(np.asarray(image, dtype=np.float32), (0, 0), float(rng.uniform(0.5, 2)))
    return np.asarray(np.clip(smooth, 0, None), dtype=np.float32)


def _limb(rng: Rng) -> Image:
    """A thigh, calf or arm across: bright fat, grey muscles, dark ring of bone with bright marrow; one or two of them."""
    image = np.zeros((SIDE, SIDE), dtype=np.float32)
    for middle in ((-0.23, 0.0), (0.23, 0.0)) if rng.random() < 0.4 else ((0.0, 0.0),):
        size = rng.uniform(0.17, 0.22) if middle[0] else rng.uniform(0.25, 0.42)
        limb = ellipse(rng, middle, (size, size * rng.uniform(0.85, 1.15)))
        fat = rng.uniform(0.08, 0.3)
        muscle = rng.uniform(0.25, 0.5) * (1 + 0.12 * texture(rng, 4)) * (1 - 0.5 * (np.abs(texture(rng, 7)) < 0.12))
        image = np.where(limb > 0, rng.uniform(0.75, 1.0), image)
        image = np.where(limb > fat, muscle, image)
        for _ in range(int(rng.integers(1, 3))):
            at = (middle[0] + rng.normal(0, 0.25 * size), middle[1] + rng.normal(0, 0.25 * size))
            bone = ellipse(rng, at, (size * rng.uniform(0.15, 0.3),) * 2)
            image = np.where(bone > 0, np.where(bone > 0.25, rng.uniform(0.6, 0.95), 0.05), image)
    return np.asarray(np.clip(image, 0, None), dtype=np.float32)


def _abdomen(rng: Rng) -> Image:
    """A trunk across: wide, with fat around it, a liver, two kidneys, bowels and a spine."""
    image = np.zeros((SIDE, SIDE), dtype=np.float32)
    trunk = ellipse(rng, (0, 0), (rng.uniform(0.38, 0.48), rng.uniform(0.25, 0.36)), 0.05)
    image = np.where(trunk > 0, rng.uniform(0.6, 1.0), image)
    image = np.where(trunk > rng.uniform(0.06, 0.2), rng.uniform(0.2, 0.4) + 0.06 * texture(rng, 3), image)
    organs = (
        ((-0.2, -0.03), (0.16, 0.15)),
        ((-0.17, 0.11), (0.05, 0.07)),
        ((0.17, 0.11), (0.05, 0.07)),
        ((0.22, -0.04), (0.1, 0.09)),
    )
    for middle, radii in organs:
        organ = ellipse(rng, (middle[0] + rng.normal(0, 0.02), middle[1] + rng.normal(0, 0.02)), radii, 0.1)
        image = np.where((organ > 0) & (trunk > 0.1), rng.uniform(0.3, 1.0) + 0.04 * texture(rng, 2), image)
    spine = ellipse(rng, (0, 0.16), (0.07, 0.06))
    image = np.where(spine > 0, rng.uniform(0.4, 0.8), image)
    cord = ellipse(rng, (0, 0.235), (0.025, 0.02))
    image = np.where(cord > 0, rng.uniform(0.2, 1.0), image)
    return _somewhere(np.clip(image, 0, None), rng, turn=8)


def _spine(rng: Rng) -> Image:
    """A spine from the side: a column of blocks, discs between them, the cord behind, soft parts around."""
    image = rng.uniform(0.15, 0.4) + 0.08 * texture(rng, 6) - 0.15 * np.abs(_COLUMN)
    bend = rng.uniform(-0.12, 0.12) * np.sin((_ROW + 0.5) * rng.uniform(2, 5) + rng.uniform(0, 6))
    across = _COLUMN - bend
    period = rng.uniform(0.1, 0.16)
    phase = ((_ROW + 0.5) % period) / period
    width = rng.uniform(0.06, 0.1)
    image = np.where(np.abs(across) < width, np.where(phase < 0.75, rng.uniform(0.5, 0.9), rng.uniform(0.1, 0.9)), image)
    canal = np.abs(across - width - 0.04) < 0.035
    image = np.where(canal, rng.uniform(0.1, 0.9), image)
    image = np.where(np.abs(across - width - 0.04) < 0.015, rng.uniform(0.3, 0.7), image)
    image = np.where(rng.uniform(0.3, 0.45) < _COLUMN, rng.uniform(0.0, 0.9), image)
    return np.asarray(np.clip(cv2.GaussianBlur(image.astype(np.float32), (0, 0), 1.0), 0, None), dtype=np.float32)


def _ball(rng: Rng) -> Image:
    """A phantom, a fruit, a ball: a round thing, even or textured, perhaps with a rind or with smaller things inside."""
    image = np.zeros((SIDE, SIDE), dtype=np.float32)
    size = rng.uniform(0.2, 0.45)
    ball = ellipse(rng, tuple(rng.uniform(-0.05, 0.05, 2)), (size, size * rng.uniform(0.8, 1.2)), 0.02)
    image = np.where(ball > 0, rng.uniform(0.3, 1) + rng.uniform(0, 0.1) * texture(rng, rng.uniform(0.5, 6)), image)
    if rng.random() < 0.5:
        image = np.where((ball > 0) & (ball < rng.uniform(0.04, 0.15)), rng.uniform(0, 1.2), image)
    for _ in range(int(rng.integers(0, 7))):
        spot = ellipse(rng, tuple(rng.uniform(-0.25, 0.25, 2)), tuple(rng.uniform(0.02, 0.12, 2)))
        image = np.where((spot > 0) & (ball > 0.1), rng.uniform(0, 1.2), image)
    shade = 1 + rng.uniform(-0.8, 0.8) * _COLUMN + rng.uniform(-0.8, 0.8) * _ROW
    return np.asarray(np.clip(image * shade, 0, None), dtype=np.float32)


def _warm_body(rng: Rng) -> Image:
    """A chest before a thermal camera: one warm, smooth thing that leaves the frame below."""
    image = 0.1 + 0.03 * texture(rng, 10)
    trunk = ellipse(rng, (0, 0.25), (rng.uniform(0.3, 0.42), rng.uniform(0.5, 0.65)), 0.05)
    arms = np.abs(np.abs(_COLUMN) - rng.uniform(0.4, 0.5)) < rng.uniform(0.04, 0.08)
    warm = (trunk > 0) | (arms & (rng.uniform(-0.3, 0.1) < _ROW))
    image = np.where(warm, 0.7 + 0.12 * texture(rng, rng.uniform(5, 12)), image)
    return np.asarray(np.clip(cv2.GaussianBlur(image.astype(np.float32), (0, 0), 1.2), 0, None), dtype=np.float32)


def _somewhere(image: Image, rng: Rng, turn: float = 180) -> Image:
    matrix = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), float(rng.uniform(-turn, turn)), float(rng.uniform(0.8, 1.2)))
    moved = cv2.warpAffine(image.astype(np.float32), matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.float32)


MAKERS: Mapping[str, Maker] = {
    "drawn hand": _hand,
    "drawn face": _face,
    "drawn chest in projection": _thorax,
    "drawn limb across": _limb,
    "drawn trunk across": _abdomen,
    "drawn spine from the side": _spine,
    "ball, fruit or phantom": _ball,
    "drawn chest in a thermogram": _warm_body,
}
