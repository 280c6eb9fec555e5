"""Impostors made of slices of heads: turned, inverted, badly framed, in pieces, or with the skull of a computed tomogram."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.training.brain.gate.views import SIDE, Framing, Image, Rng, delivered, framed, random_framing

Maker = Callable[[NDArray[Any], Rng], Image]
"""Makes an impostor, float32 [SIDE, SIDE], of a slice [rows, columns] and of chance."""


def _turned(degrees: float) -> Maker:
    def make(slice_: NDArray[Any], rng: Rng) -> Image:
        return delivered(framed(np.rot90(slice_, round(degrees / 90)), random_framing(rng)), rng)

    return make


def _upside_down(slice_: NDArray[Any], rng: Rng) -> Image:
    """Mirrored top to bottom, as a file with the other row order looks."""
    return delivered(framed(slice_[::-1], random_framing(rng)), rng)


def _inverted(slice_: NDArray[Any], rng: Rng) -> Image:
    """As a file whose photometric interpretation (MONOCHROME1) was not heeded."""
    image = delivered(framed(slice_, random_framing(rng)), rng)
    return np.asarray(image.max() - image)


def _far_away(slice_: NDArray[Any], rng: Rng) -> Image:
    size = float(rng.uniform(0.12, 0.33))
    right, down = rng.uniform(-0.3, 0.3, 2)
    return delivered(framed(slice_, Framing(size, float(rng.uniform(-15, 15)), float(right), float(down))), rng)


def _too_near(slice_: NDArray[Any], rng: Rng) -> Image:
    """Nothing but brain or face: no outline of a head is in the frame."""
    size = float(rng.uniform(2.4, 4.5))
    right, down = rng.uniform(-0.2, 0.2, 2) * size
    return delivered(framed(slice_, Framing(size, float(rng.uniform(-15, 15)), float(right), float(down))), rng)


def _half_out(slice_: NDArray[Any], rng: Rng) -> Image:
    away = np.deg2rad(rng.uniform(0, 360))
    distance = float(rng.uniform(0.45, 0.6))
    right, down = distance * np.cos(away), distance * np.sin(away)
    return delivered(framed(slice_, Framing(float(rng.uniform(0.8, 1.1)), 0.0, float(right), float(down))), rng)


def _mosaic(slice_: NDArray[Any], rng: Rng) -> Image:
    """Many slices in one picture, as some scanners store a whole volume."""
    across = int(rng.integers(2, 8))
    one = cv2.resize(framed(slice_, random_framing(rng)), (SIDE // across, SIDE // across), interpolation=cv2.INTER_AREA)
    sheet = np.zeros((SIDE, SIDE), dtype=np.float32)
    tiled = np.tile(one, (across, across))
    sheet[: tiled.shape[0], : tiled.shape[1]] = tiled
    return delivered(sheet, rng)


def _shuffled(slice_: NDArray[Any], rng: Rng) -> Image:
    """The same pixels in another order: pieces of a head."""
    across = int(rng.choice([2, 3, 4, 8]))
    image = framed(slice_, random_framing(rng))
    side = SIDE // across
    pieces = [image[r * side : (r + 1) * side, c * side : (c + 1) * side] for r in range(across) for c in range(across)]
    order = rng.permutation(len(pieces))
    order = np.roll(order, 1) if (order == np.arange(len(pieces))).all() else order
    rows = [np.hstack([pieces[i] for i in order[r * across : (r + 1) * across]]) for r in range(across)]
    return delivered(np.vstack(rows), rng)


def _scrambled(slice_: NDArray[Any], rng: Rng) -> Image:
    """The spectrum of a head with the phases of noise."""
    image = framed(slice_, random_framing(rng))
    phases = np.angle(np.fft.rfft2(rng.normal(size=image.shape)))
    mixed = np.fft.irfft2(np.abs(np.fft.rfft2(image)) * np.exp(1j * phases), s=image.shape)
    return delivered(np.asarray(mixed - mixed.min(), dtype=np.float32), rng)


def _tomogram(slice_: NDArray[Any], rng: Rng) -> Image:
    """A head as a computed tomogram in a brain window shows it: bright even bone, even grey inside, little contrast."""
    image = framed(slice_, random_framing(rng))
    outline = (cv2.GaussianBlur(image, (0, 0), 3) > 0.08).astype(np.uint8)
    contours, _ = cv2.findContours(outline, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    head = np.zeros_like(outline)
    if contours:
        cv2.drawContours(head, [max(contours, key=cv2.contourArea)], -1, 1, cv2.FILLED)
    depth = cv2.distanceTransform(head, cv2.DIST_L2, 3)
    scalp, bone = float(rng.uniform(1.5, 4)), float(rng.uniform(4, 8))
    inside = np.clip(cv2.GaussianBlur(image, (0, 0), float(rng.uniform(1, 2.5))), 0, 0.5)
    result = np.where(depth > 0, rng.uniform(0.15, 0.35), 0.0)
    result = np.where((depth > scalp) & (depth < scalp + bone), 1.0, result)
    result = np.where(depth >= scalp + bone, rng.uniform(0.3, 0.5) + rng.uniform(0.1, 0.5) * (inside - 0.25), result)
    grains = rng.normal(0, rng.uniform(0.01, 0.05), result.shape) * (depth > 0)
    return delivered(np.asarray(np.clip(result + grains, 0, 1), dtype=np.float32), rng)


TURNED: Mapping[str, Maker] = {
    "head on its left side": _turned(90),
    "head on its right side": _turned(270),
    "head turned by 180°": _turned(180),
    "head mirrored top to bottom": _upside_down,
}
INVERTED: Mapping[str, Maker] = {"inverted head": _inverted}
FRAMING: Mapping[str, Maker] = {
    "head far too small": _far_away,
    "part of a head fills the frame": _too_near,
    "head half out of the frame": _half_out,
    "mosaic of slices": _mosaic,
}
OTHER: Mapping[str, Maker] = {
    "shuffled pieces of a head": _shuffled,
    "spectrum of a head": _scrambled,
    "head with a tomogram's skull": _tomogram,
}
