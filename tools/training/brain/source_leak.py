"""How well "tumour" can be told from "no tumour" by plain numbers, where each class comes from another source.

In the well-known public collection the slices without a tumour were scraped from the web and those with one are Jun Cheng's.
Any network trained on them learns the source, and no split can help against that.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from tools.training.brain.data import CLASSIFICATION
from tools.training.brain.plain_numbers import plain_numbers, predicted
from tools.training.errors import TrainingDataMissing
from tools.training.scores import Ints, auroc_interval

PAIRS = {
    "Jun Cheng's tumours against no tumour from the web": "juncheng",
    "tumours from the web against no tumour from the web": "web",
}
"""Where the tumours come from; without a tumour there are pictures from the web alone."""


def measure(data_dir: Path, seed: int) -> list[dict[str, Any]]:
    """Return for each pair of sources the AUROC of plain numbers on the test split; raises `TrainingDataMissing`."""
    rows = _read(data_dir)
    return [{"task": name, **_auroc(rows, tumours, seed)} for name, tumours in PAIRS.items()]


def _auroc(rows: list[dict[str, Any]], tumours: str, seed: int) -> dict[str, Any]:
    chosen = [row for row in rows if row["tumour"] == 0 or row["source"] == tumours]
    training, test = ([row for row in chosen if (row["split"] == "test") is held_out] for held_out in (False, True))
    plain, others = (np.array([row["plain"] for row in rows]) for rows in (training, test))
    score = predicted(plain, _labels(training), others)[:, 1]
    estimate = auroc_interval(_labels(test), score, seed)
    return {
        "model": "plain numbers",
        "auroc": [round(value, 4) for value in estimate],
        "test_pictures": len(test),
        "tumours": int(_labels(test).sum()),
        "note": "Interval over pictures: most of their patients are not known.",
    }


def _labels(rows: list[dict[str, Any]]) -> Ints:
    return np.array([row["tumour"] for row in rows], dtype=np.int64)


def _read(data_dir: Path) -> list[dict[str, Any]]:
    manifest = data_dir / CLASSIFICATION
    if not manifest.is_file():
        raise TrainingDataMissing(f"{manifest} is missing; --data takes the folder that holds it (docs/data.md)")
    with manifest.open(encoding="utf-8", newline="") as lines:
        return [_picture(row, data_dir) for row in csv.DictReader(lines)]


def _picture(row: dict[str, str], data_dir: Path) -> dict[str, Any]:
    import cv2

    path = data_dir / row["file"]
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise TrainingDataMissing(f"{path} is missing or no picture; fetch the data again (docs/data.md)")
    return {
        "tumour": int(row["tumor"]),
        "source": "juncheng" if row["source"] == "juncheng" else "web",
        "split": row["split"],
        "plain": plain_numbers(np.asarray(picture, dtype=np.uint8)),
    }
