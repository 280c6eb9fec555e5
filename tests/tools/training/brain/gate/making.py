"""A small folder of data as the gate's training takes it: made-up heads, and drawn impostors. It shows nobody."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.training.brain.gate.drawn import MAKERS
from tools.training.brain.phantom import head_phantom

SPLITS = ("train", "val", "test")
LGG_SLICES = 12


def data(folder: Path, people: int = 2) -> Path:
    """Write ``folder`` with ``people`` in each split of each data set, and return it."""
    _jun_cheng_and_web(folder, people)
    _lgg(folder, people)
    _impostors(folder / "impostors")
    return folder


def _jun_cheng_and_web(folder: Path, people: int) -> None:
    rows, masks = [], []
    for number, (split, one) in enumerate((split, one) for split in SPLITS for one in range(people)):
        file = f"classification/juncheng/{number}.jpg"
        _write(folder / file, head_phantom(number, 64)[0])
        rows.append([file, "glioma", 1, f"{split}{one}", "juncheng", "", split])
        masks.append([number, file, "", "glioma", f"{split}{one}", split])
    for file in ("sartaj/notumor/sartaj_notumor_00153.jpg", "sartaj/notumor/other.jpg"):
        _write(folder / "classification" / file, head_phantom(77, 64)[0])
        rows.append([f"classification/{file}", "notumor", 0, "", "sartaj", f"web_{len(rows)}", "train"])
    head = ["file", "class", "tumor", "patient_id", "source", "group", "split"]
    _table(folder / "classification" / "manifest.csv", head, rows)
    _table(folder / "seg_juncheng" / "manifest.csv", ["index", "image", "mask", "label", "patient_id", "split"], masks)


def _lgg(folder: Path, people: int) -> None:
    rows = []
    for split in SPLITS:
        for one in range(people):
            for number in range(LGG_SLICES):
                file = f"seg_lgg/images/{split}{one}_{number}.png"
                channels = [head_phantom(100 * number + channel, 64)[0] for channel in range(3)]
                _write(folder / file, np.stack(channels, axis=-1))
                rows.append([file, "", f"{split}{one}", number, 0, split])
    _table(folder / "seg_lgg" / "manifest.csv", ["image", "mask", "patient_id", "slice", "tumor", "split"], rows)


def _impostors(folder: Path) -> None:
    rng = np.random.default_rng(3)
    rows = []
    for part in SPLITS:
        for kind in ("photograph", "face"):
            name = f"{part}-{kind}.png"
            _write(folder / name, MAKERS["drawn face"](rng))
            rows.append([name, kind, f"package {part}", name, part])
    for kind in ("proper: PD, one person", "brain without skull (template)"):
        name = f"{len(rows)}.png"
        _write(folder / name, head_phantom(5, 64)[0])
        rows.append([name, kind, "package test", name, "test"])
    _table(folder / "manifest.csv", ["file", "kind", "source", "group", "part"], rows)


def _write(file: Path, image: NDArray[Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(file), np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8))


def _table(file: Path, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows([head, *rows])
