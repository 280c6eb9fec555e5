"""The slices that the anomaly model is trained and measured on, prepared as a kiosk prepares them, and their augmentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.anomaly_input import SIDE, prepared
from tools.training.brain.data import FLAIR, Slice, gliomas, of_split
from tools.training.errors import TrainingDataUnusable
from tools.training.scores import Floats, Ints

Images = NDArray[np.float32]
Masks = NDArray[np.bool_]

CENTRE = (0.25, 0.75)
"""Positions in the head that count as central: there position tells little about whether a slice shows a tumour."""
TURN_DEGREES, STRETCH, SHIFT_PX, GAIN, OFFSET = 8.0, 0.05, 2.0, 0.1, 0.05
"""Largest change of a training slice."""


class Slices(NamedTuple):
    """One split: everything that is measured."""

    image: Images
    """[n, 64, 64], prepared."""
    mask: Masks
    """[n, 64, 64]: where the tumour is; all false without one."""
    label: Ints
    """1: there is a tumour in the slice."""
    patient: Ints
    position: Floats
    """0 (lowest) to 1 (highest slice)."""
    brightness: Floats
    """Of the picture as it was stored: the 99th percentile of its grey values, 0 to 255."""

    @property
    def central(self) -> Masks:
        return (self.position >= CENTRE[0]) & (self.position <= CENTRE[1])

    def only(self, which: Masks) -> Slices:
        columns: list[Any] = [column[which] for column in self]
        return Slices(*columns)


def load(folder: Path, split: str) -> Slices:
    """Return the FLAIR slices of ``split``; raises `TrainingDataMissing` or `TrainingDataUnusable`."""
    found = pictures(folder, split)
    grey = [one.channels()[..., FLAIR] for one in found]
    seen = [prepared(image) for image in grey]
    names = sorted({one.patient for one in found})
    return Slices(
        image=np.stack([image for image, _ in seen]),
        mask=np.stack([frame.cut(_mask(one), SIDE) >= 0.5 for one, (_, frame) in zip(found, seen, strict=True)]),
        label=np.array([int(one.tumour) for one in found], dtype=np.int64),
        patient=np.array([names.index(one.patient) for one in found], dtype=np.int64),
        position=np.array([one.position for one in found]),
        brightness=np.array([float(np.percentile(image, 99)) for image in grey]),
    )


def pictures(folder: Path, split: str) -> list[Slice]:
    """Return the slices of ``split`` as they are listed; both kinds must be there."""
    found = of_split(gliomas(folder), split)
    if not any(one.tumour for one in found) or all(one.tumour for one in found):
        raise TrainingDataUnusable(f"{folder} needs slices with and without tumour in the split {split!r}")
    return found


def _mask(one: Slice) -> Images:
    return one.mask().astype(np.float32)


def augmented(images: Images, rng: np.random.Generator) -> Images:
    """Return each of ``images`` [n, 64, 64] turned, stretched, shifted, perhaps mirrored, and in slightly other contrast.

    Mirroring is right here: nothing that is learnt from slices without tumour has a side.
    """
    return np.stack([_augment(image, rng) for image in images])


def _augment(image: Images, rng: np.random.Generator) -> Images:
    import cv2

    middle = (SIDE - 1) / 2
    degrees, scale = rng.uniform(-TURN_DEGREES, TURN_DEGREES), 1 + rng.uniform(-STRETCH, STRETCH)
    turn = cv2.getRotationMatrix2D((middle, middle), degrees, scale)
    turn[:, 2] += rng.uniform(-SHIFT_PX, SHIFT_PX, 2)
    moved = cv2.warpAffine(image, turn, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    if rng.random() < 0.5:
        moved = moved[:, ::-1]
    changed = moved * (1 + rng.uniform(-GAIN, GAIN)) + rng.uniform(-OFFSET, OFFSET)
    return np.asarray(np.clip(changed, -1.0, 1.0), dtype=np.float32)
