"""A tiny made-up data set in the layout of the real one: phantoms, whose three types differ in how bright the lesion is."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np

from tools.training.brain.data import TYPES
from tools.training.brain.phantom import head_phantom

PATIENTS = {"train": 4, "val": 3, "test": 3}
"""Of each type; two slices of each."""


def made_up(folder: Path) -> Path:
    """Write manifests, pictures and masks; return the folder."""
    classes, masks = [], []
    index = 0
    for split, patients in PATIENTS.items():
        for kind in TYPES:
            for patient in range(patients):
                for _ in range(2):
                    index += 1
                    name = f"jc_{index:04d}"
                    picture, mask = f"classification/juncheng/{kind}/{name}.jpg", f"seg_juncheng/masks/{name}.png"
                    _write(folder, picture, mask, index, TYPES.index(kind))
                    known = "" if split == "train" else f"{split}-{kind}-{patient}"
                    classes.append(
                        {
                            "file": picture,
                            "class": kind,
                            "tumor": "1",
                            "patient_id": known,
                            "source": "juncheng",
                            "split": split,
                        }
                    )
                    masks.append({"image": picture, "mask": mask})
    _table(folder / "classification/manifest.csv", classes)
    _table(folder / "seg_juncheng/manifest.csv", masks)
    _lgg(folder)
    return folder


def _write(folder: Path, picture: str, mask: str, seed: int, kind: int) -> None:
    image, lesion = head_phantom(seed, 96)
    shade = np.float32(0.5 + 0.5 * kind / 2)
    image = np.where(lesion, shade, image)
    for name, array in ((picture, image * 255), (mask, lesion * 255.0)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / name), np.rint(array).astype(np.uint8))


def _lgg(folder: Path) -> None:
    rows = []
    for patient in range(4):
        for number in range(4):
            lesion = number in (1, 2)
            image, mask = head_phantom(100 + patient, 96, lesion=lesion)
            name = f"TCGA_{patient}_{number}"
            row = {"image": f"seg_lgg/images/{name}.png", "mask": f"seg_lgg/masks/{name}.png" if lesion else ""}
            for path, array in ((row["image"], np.dstack([image] * 3) * 255), (row["mask"], mask * 255.0)):
                if path:
                    (folder / path).parent.mkdir(parents=True, exist_ok=True)
                    cv2.imwrite(str(folder / path), np.rint(array).astype(np.uint8))
            rows.append(
                {**row, "patient_id": f"TCGA_{patient}", "slice": str(number), "tumor": str(int(lesion)), "split": "train"}
            )
    _table(folder / "seg_lgg/manifest.csv", rows)


def _table(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
