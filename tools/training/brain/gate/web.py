"""Slices that somebody gathered from the web: many scanners and contrasts, among them none that the gate was trained on.

Nobody knows their patients; near-identical copies share a group. Some are tomograms, found by eye and listed in sources.toml.
"""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.training.brain.data import CLASSIFICATION
from tools.training.brain.gate.collect import SOURCES
from tools.training.errors import TrainingDataMissing, TrainingDataUnusable

JUN_CHENG = "juncheng"


class WebImage(NamedTuple):
    file: Path
    source: str
    group: str
    tomogram: bool

    def grey(self) -> NDArray[np.uint8]:
        image = cv2.imread(str(self.file), cv2.IMREAD_GRAYSCALE)
        if image is None:
            raise TrainingDataUnusable(f"{self.file} cannot be decoded; fetch the data again (docs/data.md)")
        return np.asarray(image, dtype=np.uint8)


def web_images(data_dir: Path) -> list[WebImage]:
    """Return all web images of ``classification/manifest.csv``; raises `TrainingDataMissing`."""
    manifest = data_dir / CLASSIFICATION
    if not manifest.is_file():
        raise TrainingDataMissing(f"{manifest} is missing; --data takes the folder that holds it (docs/data.md)")
    tomograms = set(tomllib.loads(SOURCES.read_text(encoding="utf-8"))["web"]["tomograms"])
    with manifest.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["source"] != JUN_CHENG]
    return [WebImage(data_dir / row["file"], row["source"], row["group"], row["file"] in tomograms) for row in rows]
