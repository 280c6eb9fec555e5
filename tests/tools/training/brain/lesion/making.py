"""A made-up data set in the layout of ``--data``: heads that belong to nobody."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from tools.training.brain.phantom import head_phantom

SIDE = 96
SPLITS = ("train", "train", "val", "test", "test")
SLICES = 6


def write(folder: Path) -> Path:
    """Write gliomas of five patients with six slices each, and six slices of the other collection, below ``folder``."""
    _gliomas(folder)
    _types(folder)
    return folder


def _gliomas(folder: Path) -> None:
    rows = []
    for patient, split in enumerate(SPLITS):
        for number in range(SLICES):
            ill = number in (2, 4)
            image, mask = head_phantom(100 * patient + number, SIDE, lesion=ill)
            faint = np.where(mask, image * 0.5, image)
            name = f"seg_lgg/images/p{patient}_{number}.png"
            _save(folder / name, np.stack([faint, image, faint], axis=-1)[..., ::-1])  # OpenCV writes blue, green, red
            outline = f"seg_lgg/masks/p{patient}_{number}.png" if ill else ""
            if ill:
                _save(folder / outline, mask)
            rows.append(
                {
                    "image": name,
                    "mask": outline,
                    "patient_id": f"p{patient}",
                    "slice": number,
                    "tumor": int(ill),
                    "split": split,
                }
            )
    _manifest(folder / "seg_lgg/manifest.csv", rows)


def _types(folder: Path) -> None:
    pictures, masks = [], []
    for number, split in enumerate(("train", "train", "train", "test", "test", "test")):
        kind = ("meningioma", "glioma", "pituitary")[number % 3]
        image, mask = head_phantom(900 + number, SIDE)
        name, outline = f"classification/juncheng/{number}.png", f"seg_juncheng/masks/{number}.png"
        _save(folder / name, image)
        _save(folder / outline, mask)
        who = "" if split == "train" else f"q{number}"
        pictures.append({"file": name, "class": kind, "source": "juncheng", "patient_id": who, "split": split})
        masks.append({"image": name, "mask": outline})
    _manifest(folder / "classification/manifest.csv", pictures)
    _manifest(folder / "seg_juncheng/manifest.csv", masks)


def _save(path: Path, values: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.rint(values.astype(np.float64) * 255).astype(np.uint8))


def _manifest(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
