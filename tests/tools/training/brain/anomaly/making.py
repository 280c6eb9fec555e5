"""A small folder of data as the anomaly model's training takes it: made-up heads, some with a lesion. It shows nobody."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np

from tools.training.brain.phantom import head_phantom

PEOPLE = {"train": 2, "val": 2, "test": 2}
SLICES = 10


def data(folder: Path) -> Path:
    """Write ``folder``/seg_lgg: in each patient every other slice shows a lesion."""
    for part in ("images", "masks"):
        (folder / "seg_lgg" / part).mkdir(parents=True)
    rows: list[list[str | int]] = []
    for split, count in PEOPLE.items():
        for person in range(count):
            rows += [_slice(folder, split, f"{split}{person}", number) for number in range(SLICES)]
    with (folder / "seg_lgg" / "manifest.csv").open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([["image", "mask", "patient_id", "slice", "tumor", "split"], *rows])
    return folder


def _slice(folder: Path, split: str, person: str, number: int) -> list[str | int]:
    ill = number % 2 == 1
    picture, mask = head_phantom(sum(map(ord, person)) * 100 + number, 96, lesion=ill)
    name, outline = f"seg_lgg/images/{person}_{number}.png", f"seg_lgg/masks/{person}_{number}.png" if ill else ""
    grey = np.rint(picture * 200).astype(np.uint8)
    cv2.imwrite(str(folder / name), np.stack([grey // 2, grey, grey // 3], axis=-1))
    if ill:
        cv2.imwrite(str(folder / outline), mask.astype(np.uint8) * 255)
    return [name, outline, person, number, int(ill), split]
