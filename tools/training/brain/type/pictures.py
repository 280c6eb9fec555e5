"""Jun Cheng's slices as the network sees them, with the masks of their tumours on the same grid."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import head
from models.mr_slice import checked, scaled
from tools.training.brain.data import TYPES, Slice, of_split, tumour_types
from tools.training.errors import TrainingDataUnusable


@dataclass(frozen=True)
class Pictures:
    """The slices of one split, in the order of their indices."""

    image: NDArray[np.float32]
    """[n, side, side], 0 (air) to 1, cut to the head."""
    mask: NDArray[np.float32]
    """[n, side, side], share of each pixel that is tumour."""
    label: NDArray[np.int64]
    """Index into `TYPES`."""
    patient: NDArray[np.str_]
    """Empty where it was not transcribed."""

    def __len__(self) -> int:
        return len(self.label)


def load(folder: Path, split: str, side: int) -> Pictures:
    """Read one split; raises a `TrainingError` for missing or unusable data."""
    slices = of_split(tumour_types(folder), split)
    if not slices:
        raise TrainingDataUnusable(f"{folder} has no slice of a known tumour type in the split {split!r}")
    pairs = [_prepared(one, side) for one in slices]
    return Pictures(
        np.stack([image for image, _ in pairs]),
        np.stack([mask for _, mask in pairs]),
        np.array([TYPES.index(one.kind) for one in slices]),
        np.array([one.patient for one in slices]),
    )


def _prepared(one: Slice, side: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return image and mask of a slice, each [side, side]."""
    image = scaled(checked(one.grey()))
    frame = head.find(image)
    return frame.cut(image, side), frame.cut(one.mask().astype(np.float32), side)
