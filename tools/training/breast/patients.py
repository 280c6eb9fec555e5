"""What the models are trained and scored on: one row of views for each patient."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.preprocess import network_input
from tools.training.breast.marker import paint_over
from tools.training.breast.thermograms import Thermograms
from tools.training.breast.views import NOMINAL, full_frame, prepare, random_views, view
from tools.training.run import seed_of
from tools.training.scores import Ints

Images = NDArray[np.float32]
Masks = NDArray[np.bool_]

TRAINING_VIEWS = 16
JUDGED_VIEWS = 5
"""One nominal and four random views, by which candidates are compared."""
REPEATS = 20
"""Random views of each patient on which it is counted how often the answer changes."""


class Patients(NamedTuple):
    """One row for each patient; images are network inputs [24, 32, 2]."""

    training: Images
    """[n, views, 24, 32, 2]: random views."""
    judged: Images
    """[n, JUDGED_VIEWS, 24, 32, 2]: the nominal view, which is the one that is reported, and random ones."""
    label: Ints
    fold: Ints
    mixed: Masks

    @property
    def nominal(self) -> Images:
        return self.judged[:, 0]


def make_patients(data: Thermograms, prepared: list[Images], seed: int) -> Patients:
    """Return views of ``prepared`` thermograms (`prepare_all`), each use with random numbers of its own."""
    rng = np.random.default_rng(seed_of(seed, "training views"))
    training = np.stack([random_views(image, TRAINING_VIEWS, rng) for image in prepared])
    rng = np.random.default_rng(seed_of(seed, "judged views"))
    nominal = np.stack([network_input(image) for image in nominal_views(prepared, seed)])
    others = np.stack([random_views(image, JUDGED_VIEWS - 1, rng) for image in prepared])
    return Patients(training, np.concatenate([nominal[:, None], others], axis=1), data.label, data.fold, data.mixed)


def prepare_all(data: Thermograms) -> list[Images]:
    """Return the thermograms without marker and face, ready for `views.view`."""
    return [prepare(paint_over(celsius)) for celsius in data.celsius]


def nominal_views(prepared: list[Images], seed: int) -> list[Images]:
    """Return the reported view of each patient, float32 [24, 32] in °C."""
    rng = np.random.default_rng(seed_of(seed, "nominal views"))
    return [view(image, NOMINAL, rng) for image in prepared]


def repeated_views(prepared: list[Images], seed: int) -> Images:
    """Return [REPEATS, n, 24, 32, 2]: other random views of each patient."""
    rng = np.random.default_rng(seed_of(seed, "repeated views"))
    return np.stack([random_views(image, REPEATS, rng) for image in prepared], axis=1)


def full_frames(data: Thermograms, seed: int) -> Images:
    """Return [n, 24, 32, 2]: the whole thermogram, with face and marker, fills the field of view."""
    rng = np.random.default_rng(seed_of(seed, "full frames"))
    return np.stack([network_input(full_frame(celsius, rng)) for celsius in data.celsius])


def fingerprint(data: Thermograms) -> str:
    """Return a hash of everything in ``data`` that a training depends on."""
    digest = hashlib.sha256()
    for array in (data.celsius, data.patient, data.label, data.fold):
        digest.update(np.ascontiguousarray(array).tobytes())
    digest.update("".join(data.epoch.tolist()).encode())
    return digest.hexdigest()
