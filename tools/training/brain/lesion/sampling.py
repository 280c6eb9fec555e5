"""Slices as the lesion network is trained on them: cut around the head, warped, shaded, and with series left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.lesion_input import CELLS, SERIES, SIDE, checked, head, prepare
from tools.training.brain.data import Slice

Images = NDArray[np.float32]
ROOM = 1.2
"""How much more than the cut is kept, so that a turned or shifted picture has no empty corners."""
KEPT = round(SIDE * ROOM)
SHOWN = ((0.6, ("t1", "flair", "t1c")), (0.15, ("flair",)), (0.1, ("t1c",)), (0.05, ("t1",)), (0.1, ("flair", "t1c")))
"""How often which series of an LGG slice are shown."""
TURN, GROW, SHIFT, SHEAR = 15.0, 0.18, 0.06, 0.06
"""Largest rotation in degrees, scale (as a logarithm), shift in sides of the picture, shear."""
KNOTS, BEND = 5, 3.5
"""Knots of the elastic warp along each side, and the standard deviation of their shift in pixels."""


@dataclass(frozen=True)
class Prepared:
    """Slices that were read once: uint8, [n, 173, 173, 3] and [n, 173, 173]."""

    images: NDArray[np.uint8]
    masks: NDArray[np.uint8]
    glioma: NDArray[np.bool_]
    """Of LGG, with three series; the others have post-contrast T1 alone."""

    def __len__(self) -> int:
        return len(self.images)


def series_of(one: Slice) -> dict[str, Images]:
    """Return a slice's series as the model takes them, scaled."""
    if one.kind == "lgg":
        channels = one.channels()
        return checked({name: channels[..., index] for index, name in enumerate(SERIES) if np.ptp(channels[..., index]) > 0})
    return checked({"t1c": one.grey()})


def read(slices: list[Slice]) -> Prepared:
    """Read and cut ``slices`` once, with some room around the cut."""
    images = np.zeros((len(slices), KEPT, KEPT, len(SERIES)), dtype=np.uint8)
    masks = np.zeros((len(slices), KEPT, KEPT), dtype=np.uint8)
    for index, one in enumerate(slices):
        series = series_of(one)
        cut = head(series).wider(ROOM)
        images[index] = np.rint(prepare(series, cut, KEPT) * 255)
        masks[index] = np.rint(cut.out(one.mask().astype(np.float32), KEPT) * 255)
    return Prepared(images, masks, np.array([one.kind == "lgg" for one in slices]))


def example(image: NDArray[np.uint8], mask: NDArray[np.uint8], glioma: bool, rng: np.random.Generator) -> tuple[Images, Images]:
    """Return one augmented slice, [144, 144, 3] in −1 to 1, and what `network.loss` compares with, [72, 72, 2].

    It may be mirrored: where a tumour lies is asked, not on which side, and a mirrored head is a plausible one.
    """
    import cv2

    across, down = _warp(rng)
    moved = cv2.remap(image, across, down, cv2.INTER_LINEAR).astype(np.float32) / 255
    place = cv2.remap(mask.astype(np.float32) / 255, across, down, cv2.INTER_LINEAR)
    shaded = np.stack([_shade(moved[..., channel], rng) for channel in range(moved.shape[-1])], axis=-1)
    if glioma:
        shown = SHOWN[rng.choice(len(SHOWN), p=[share for share, _ in SHOWN])][1]
        shaded *= np.array([name in shown for name in SERIES], dtype=np.float32)
    else:
        shaded[..., :2] = 0
    truth = np.zeros((CELLS, CELLS, 2), dtype=np.float32)
    truth[..., 0] = cv2.resize(place, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    truth[..., 1] = float(glioma)
    return np.asarray(shaded * 2 - 1, dtype=np.float32), truth


def middle(image: NDArray[np.uint8], mask: NDArray[np.uint8]) -> tuple[Images, Images]:
    """Return a kept slice as the model sees it in use, in the same two shapes as `example`."""
    import cv2

    start = (KEPT - SIDE) // 2
    place = (slice(start, start + SIDE), slice(start, start + SIDE))
    truth = np.ones((CELLS, CELLS, 2), dtype=np.float32)
    truth[..., 0] = cv2.resize(mask[place].astype(np.float32) / 255, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    return image[place].astype(np.float32) / 127.5 - 1, truth


def _warp(rng: np.random.Generator) -> tuple[Images, Images]:
    """Return from where in a kept picture each pixel of an example comes: across and down, float32 [144, 144]."""
    import cv2

    turn = np.deg2rad(rng.uniform(-TURN, TURN))
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    shear = np.array([[1.0, rng.uniform(-SHEAR, SHEAR)], [0.0, 1.0]])
    mirror = np.diag([rng.choice([-1.0, 1.0]), 1.0])
    matrix = rotation @ shear @ mirror * np.exp(rng.uniform(-GROW, GROW))
    middle = (KEPT - 1) / 2 + rng.uniform(-SHIFT, SHIFT, 2) * SIDE
    row, column = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    across = matrix[0, 0] * column + matrix[0, 1] * row + middle[0]
    down = matrix[1, 0] * column + matrix[1, 1] * row + middle[1]
    if rng.random() < 0.5:
        knots = rng.normal(0, BEND, (2, KNOTS, KNOTS)).astype(np.float32)
        across = across + cv2.resize(knots[0], (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        down = down + cv2.resize(knots[1], (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return across.astype(np.float32), down.astype(np.float32)


def _shade(channel: Images, rng: np.random.Generator) -> Images:
    """Return one series with another contrast, brightness, sharpness and noise, in 0 to 1."""
    import cv2

    if not channel.any():
        return channel
    changed = channel ** np.exp(rng.uniform(-0.35, 0.35)) * rng.uniform(0.8, 1.2) + rng.uniform(-0.05, 0.05)
    if rng.random() < 0.2:
        changed = cv2.GaussianBlur(changed, (0, 0), rng.uniform(0.4, 1.1))
    if rng.random() < 0.3:
        changed = changed + rng.normal(0, rng.uniform(0.005, 0.03), changed.shape)
    return np.asarray(np.clip(changed, 0, 1), dtype=np.float32)
