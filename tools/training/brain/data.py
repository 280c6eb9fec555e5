"""The brain slices that the models are trained on, as ``--data DIR`` expects them; see docs/data.md for where they come from.

DIR holds ``classification/manifest.csv`` and its pictures (Jun Cheng's T1c slices with a tumour of one of three types, one
picture each), ``seg_juncheng/manifest.csv`` with the masks of the same tumours, and ``seg_lgg/manifest.csv`` with slices of
lower-grade gliomas (pre-contrast T1, FLAIR and post-contrast T1 of the same place) and masks where there is tumour.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.training.errors import TrainingDataMissing, TrainingDataUnusable

TYPES = ("meningioma", "glioma", "pituitary")
SPLITS = ("train", "val", "test")
CLASSIFICATION, JUN_CHENG, LGG = (
    "classification/manifest.csv",
    "seg_juncheng/manifest.csv",
    "seg_lgg/manifest.csv",
)
PRE, FLAIR, POST = 0, 1, 2
"""The channels of an LGG slice."""


@dataclass(frozen=True)
class Slice:
    """One slice. Pictures are read when asked for, so that thousands can be listed."""

    picture: Path
    mask_file: Path | None
    """``None``: there is no tumour in it (LGG), or its mask is not known."""
    patient: str
    """Empty where it was not transcribed: such slices may be trained on as one block, but never split."""
    split: str
    """``train``, ``val`` or ``test``; nobody is in two of them."""
    kind: str
    """``meningioma``, ``glioma`` or ``pituitary``; ``lgg`` for LGG slices."""
    tumour: bool
    position: float
    """Of the slice in the head, 0 (lowest) to 1 (highest); NaN where it is not known."""

    def grey(self) -> NDArray[np.uint8]:
        """Return a single-channel slice, uint8 [rows, columns]."""
        return _read(self.picture, colour=False)

    def channels(self) -> NDArray[np.uint8]:
        """Return an LGG slice, uint8 [rows, columns, 3]: pre-contrast T1, FLAIR, post-contrast T1."""
        return np.ascontiguousarray(_read(self.picture, colour=True)[..., ::-1])  # OpenCV gives blue, green, red

    def mask(self) -> NDArray[np.bool_]:
        """Return where the tumour is, bool [rows, columns]; all false where there is none."""
        if self.mask_file is None:
            return np.zeros(self.grey().shape, dtype=bool)
        return _read(self.mask_file, colour=False) > 127


def tumour_types(folder: Path) -> list[Slice]:
    """Return Jun Cheng's slices, each with its type and mask, in the order of their indices."""
    rows = {row["image"]: row for row in _rows(folder, JUN_CHENG)}
    found = []
    for row in _rows(folder, CLASSIFICATION):
        if row["source"] != "juncheng":
            continue
        mask = folder / rows[row["file"]]["mask"] if row["file"] in rows else None
        found.append(Slice(folder / row["file"], mask, row["patient_id"], row["split"], row["class"], True, float("nan")))
    return _checked(sorted(found, key=lambda one: one.picture.stem), folder / CLASSIFICATION)


def gliomas(folder: Path) -> list[Slice]:
    """Return the LGG slices, by patient and slice."""
    rows = list(_rows(folder, LGG))
    numbers: dict[str, list[int]] = {}
    for row in rows:
        numbers.setdefault(row["patient_id"], []).append(int(row["slice"]))
    found = []
    for row in sorted(rows, key=lambda row: (row["patient_id"], int(row["slice"]))):
        first, last = min(numbers[row["patient_id"]]), max(numbers[row["patient_id"]])
        position = (int(row["slice"]) - first) / max(last - first, 1)
        mask = folder / row["mask"] if row["mask"] else None
        found.append(Slice(folder / row["image"], mask, row["patient_id"], row["split"], "lgg", row["tumor"] == "1", position))
    return _checked(found, folder / LGG)


def of_split(slices: list[Slice], *splits: str) -> list[Slice]:
    """Return the slices of these splits."""
    return [one for one in slices if one.split in splits]


def _checked(slices: list[Slice], manifest: Path) -> list[Slice]:
    """Refuse a manifest that would leak: a known patient in two splits, or an unknown split."""
    home: dict[str, str] = {}
    for one in slices:
        if one.split not in SPLITS:
            raise TrainingDataUnusable(f"{manifest} has the split {one.split!r}; it must be one of {', '.join(SPLITS)}")
        if one.patient and home.setdefault(one.patient, one.split) != one.split:
            raise TrainingDataUnusable(f"{manifest} has a patient both in {home[one.patient]} and in {one.split}; mend it")
    if not slices:
        raise TrainingDataUnusable(f"{manifest} lists no slice that this model is trained on")
    return slices


def _rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    if not (folder / name).is_file():
        raise TrainingDataMissing(f"{folder / name} is missing; --data takes the folder that holds it (docs/data.md)")
    with (folder / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _read(path: Path, *, colour: bool) -> NDArray[np.uint8]:
    import cv2

    if not path.is_file():
        raise TrainingDataMissing(f"{path} is missing, though the manifest lists it; fetch the data again (docs/data.md)")
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR if colour else cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise TrainingDataUnusable(f"{path} cannot be decoded; fetch the data again (docs/data.md)")
    return np.asarray(picture, dtype=np.uint8)
