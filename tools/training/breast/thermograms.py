"""The thermograms that the breast model is trained on, as `firstlight train breast --data DIR` expects them.

DIR holds ``breast_thermograms.npz`` (``cC`` uint16 [n, 120, 160] in 0.01 °C, ``patient_id``, ``label``, ``tier``, ``epoch``,
``fold``, ``recommended``) and ``manifest.csv`` with a ``date`` for each row. They come from the Database for Mastology
Research (L. F. Silva et al., J. Med. Imaging Health Inform. 4(1):92-100, 2014), which is offered for research.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.training.errors import TrainingDataMissing, TrainingDataUnusable

ARRAYS, MANIFEST = "breast_thermograms.npz", "manifest.csv"
MIXED_EPOCH = "2013-2015"
"""The only years with both classes: elsewhere the label follows from the date, so a score there is evidence of nothing."""


@dataclass(frozen=True)
class Thermograms:
    """One frontal thermogram for each patient; all arrays have the same first axis."""

    celsius: NDArray[np.float32]
    """[n, 120, 160] in °C."""
    patient: NDArray[np.int64]
    label: NDArray[np.int64]
    """0 healthy, 1 sick, −1 disputed."""
    fold: NDArray[np.int64]
    """0 to 3, −1 in no fold."""
    epoch: NDArray[np.str_]
    day: NDArray[np.float64]
    """Date of acquisition as a day count; NaN where it is not known."""
    recommended: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.label)

    def __getitem__(self, which: NDArray[np.bool_]) -> Thermograms:
        return Thermograms(
            self.celsius[which],
            self.patient[which],
            self.label[which],
            self.fold[which],
            self.epoch[which],
            self.day[which],
            self.recommended[which],
        )

    @property
    def mixed(self) -> NDArray[np.bool_]:
        """True where the label does not follow from the epoch."""
        return np.asarray(self.epoch == MIXED_EPOCH)


def load(folder: Path) -> Thermograms:
    """Read everything in ``folder``; raises `TrainingDataMissing` or `TrainingDataUnusable`."""
    for name in (ARRAYS, MANIFEST):
        if not (folder / name).is_file():
            raise TrainingDataMissing(f"{folder / name} is missing; --data takes the folder that holds {ARRAYS} and {MANIFEST}")
    with np.load(folder / ARRAYS) as arrays, (folder / MANIFEST).open(encoding="utf-8", newline="") as lines:
        days = [_day(row["date"]) for row in csv.DictReader(lines)]
        if len(days) != len(arrays["cC"]):
            raise TrainingDataUnusable(f"{folder}: {len(days)} rows in {MANIFEST}, {len(arrays['cC'])} images in {ARRAYS}")
        return Thermograms(
            celsius=(arrays["cC"] / 100).astype(np.float32),
            patient=arrays["patient_id"].astype(np.int64),
            label=arrays["label"].astype(np.int64),
            fold=arrays["fold"].astype(np.int64),
            epoch=arrays["epoch"].astype(np.str_),
            day=np.array(days),
            recommended=arrays["recommended"].astype(bool),
        )


def usable_for_scores(everything: Thermograms) -> Thermograms:
    """Return what a classifier may be trained and scored on: raw matrices, undisputed labels, in a fold, one per patient."""
    chosen = everything[everything.recommended & (everything.fold >= 0) & (everything.label >= 0)]
    if len(np.unique(chosen.patient)) != len(chosen):
        raise TrainingDataUnusable("a patient has more than one thermogram; the folds are made for one each")
    return chosen


def _day(text: str) -> float:
    """Return the day count of ``YYYY-MM-DD``; a question mark behind it means that the source was not sure."""
    try:
        return float(date.fromisoformat(text.rstrip("?")).toordinal())
    except ValueError:
        return float("nan")
