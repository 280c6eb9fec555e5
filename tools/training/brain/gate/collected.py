"""Reads the real impostors that `tools.training.brain.gate.collect` has gathered, and cuts views out of them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.training.brain.gate.drawn import ellipse
from tools.training.brain.gate.views import Framing, Image, Rng, delivered, framed
from tools.training.errors import TrainingDataMissing, TrainingDataUnusable

FOLDER, MANIFEST = "impostors", "manifest.csv"
PROPER = "proper: "
"""Begins the kinds that are proper slices: they are there to be accepted, and never trained on."""
STRIPPED = "brain without skull"
"""Neither proper nor impostor: nobody has said what a gate should do with it. It is only reported."""
PARTS = ("train", "val", "test")


@dataclass(frozen=True)
class Picture:
    """One picture that was collected; read when asked for."""

    file: Path
    kind: str
    source: str
    group: str
    """Pictures of one volume, film or person share it."""
    part: str

    def grey(self) -> NDArray[np.uint16]:
        """Return uint16 [rows, columns]."""
        image = cv2.imread(str(self.file), cv2.IMREAD_UNCHANGED)
        if image is None or image.ndim != 2:
            raise TrainingDataUnusable(f"{self.file} is no grey picture; collect the impostors again (docs/data.md)")
        return np.asarray(image, dtype=np.uint16)


def collected(folder: Path) -> list[Picture]:
    """Return every collected picture; raises `TrainingDataMissing` or `TrainingDataUnusable` (a source in two parts)."""
    if not (folder / MANIFEST).is_file():
        raise TrainingDataMissing(f"{folder / MANIFEST} is missing; collect the impostors first (docs/data.md)")
    with (folder / MANIFEST).open(encoding="utf-8", newline="") as lines:
        rows = [Picture(folder / r["file"], r["kind"], r["source"], r["group"], r["part"]) for r in csv.DictReader(lines)]
    home: dict[tuple[str, str, str], str] = {}
    for one in rows:
        if one.part not in PARTS:
            raise TrainingDataUnusable(f"{folder / MANIFEST} has the part {one.part!r}; it must be one of {', '.join(PARTS)}")
        key = (one.source, one.kind, one.group)
        if home.setdefault(key, one.part) != one.part:
            raise TrainingDataUnusable(f"{folder / MANIFEST} has {key} in {home[key]} and in {one.part}; mend it")
    return rows


def random_cut(picture: NDArray[Any], rng: Rng) -> Image:
    """Return a random part of a picture, mirrored at random, as it may be delivered: float32 [SIDE, SIDE]."""
    rows, columns = picture.shape
    share = float(rng.uniform(0.45, 1.0))
    height, width = max(round(rows * share), 8), max(round(columns * share), 8)
    top, left = int(rng.integers(0, rows - height + 1)), int(rng.integers(0, columns - width + 1))
    part = picture[top : top + height, left : left + width]
    return delivered(framed(part, Framing(mirrored=bool(rng.random() < 0.5))), rng)


def cut_out(picture: NDArray[Any], rng: Rng) -> Image:
    """Return what a picture shows inside the outline of a head, on black: everything but the inside looks right."""
    inside = ellipse(rng, tuple(rng.uniform(-0.05, 0.05, 2)), (rng.uniform(0.28, 0.38), rng.uniform(0.36, 0.46)), 0.05) > 0
    image = framed(picture, Framing(zoom=float(rng.uniform(1.0, 2.5)))) * inside
    if rng.random() < 0.6:  # a bright rind, as of fat under the skin
        core = cv2.erode(inside.astype(np.uint8), np.ones((int(rng.integers(3, 9)),) * 2, np.uint8)) > 0
        image = np.where(inside & ~core, rng.uniform(0.6, 1.2), image)
    return delivered(np.asarray(cv2.GaussianBlur(image.astype(np.float32), (0, 0), 0.6)), rng)


CUT_OUT = "photograph in the outline of a head"
