"""A made-up data set in the layout that the training expects: simulated torsos, some of them lopsided."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drivers.sim.anatomy import Anatomy, paint
from tools.training.breast.thermograms import ARRAYS, MANIFEST

SHARED = Path(__file__).parents[4] / ".." / "shared" / "data" / "thermal"
EPOCHS = ("2012", "2013-2015", "2018-2020")


def thermogram(seed: int, asymmetry_k: float = 0.0, room_c: float = 22.0) -> NDArray[np.float32]:
    """Return a simulated torso as a thermogram, float32 [120, 160] in °C."""
    painted = paint(Anatomy(skin_c=33.5, asymmetry_k=asymmetry_k, spots=(), vessels_k=0.6, seed=seed))
    image = painted.warmth_c + (1 - painted.cover) * room_c
    rows, columns = np.linspace(0, 95, 120).round().astype(int), np.linspace(0, 127, 160).round().astype(int)
    return np.asarray(image[np.ix_(rows, columns)], dtype=np.float32)


def with_marker(image: NDArray[np.float32], side: int, row: int = 95, column: int = 80) -> NDArray[np.float32]:
    """Return a copy with a cold metal square of ``side`` pixels."""
    marked = image.copy()
    marked[row : row + side, column : column + side] = 26.0
    return marked


def write_data(folder: Path, patients_per_cell: int = 2) -> Path:
    """Write a small data set with both classes in the middle years and one class in the others, in four folds."""
    folder.mkdir(parents=True, exist_ok=True)
    cells = [("2012", 0), ("2013-2015", 0), ("2013-2015", 1), ("2018-2020", 1)]
    rows = [(epoch, label, fold) for fold in range(4) for epoch, label in cells for _ in range(patients_per_cell)]
    images = [thermogram(i, 2.5 * label, 21 + i % 3) for i, (_, label, _) in enumerate(rows)]
    images = [with_marker(image, 14 if epoch == "2012" else 8) for image, (epoch, _, _) in zip(images, rows, strict=True)]
    np.savez(
        folder / ARRAYS,
        cC=np.rint(100 * np.array(images)).astype(np.uint16),
        patient_id=np.arange(1, len(rows) + 1, dtype=np.int16),
        label=np.array([label for _, label, _ in rows], dtype=np.int8),
        fold=np.array([fold for _, _, fold in rows], dtype=np.int8),
        tier=np.full(len(rows), "A"),
        epoch=np.array([epoch for epoch, _, _ in rows]),
        recommended=np.ones(len(rows), dtype=bool),
    )
    with (folder / MANIFEST).open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["index", "date"])
        writer.writerows([i, f"{epoch[:4]}-{1 + i % 12:02d}-11"] for i, (epoch, _, _) in enumerate(rows))
    return folder
