"""What needs no autoencoder: where the slice lies in the head, and how bright it is, or how unusually bright."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from models.anomaly_scores import SMOOTHING_PX, z_map
from tools.training.brain.anomaly.measure import LEAST_DEVIATION
from tools.training.brain.anomaly.slices import Images, Slices
from tools.training.scores import Floats

POSITION_WIDTH = 0.05
"""Standard deviation of the Gaussian weights over positions."""
PARTS = 5
"""Parts of the head with statistics of their own."""


class Baseline(NamedTuple):
    name: str
    note: str
    score: Floats
    """[n] of the test slices."""


def all_of(train: Slices, test: Slices) -> list[Baseline]:
    """Return every baseline's scores of ``test``; what is fitted is fitted on ``train``."""
    healthy = train.image[train.label == 0]
    return [
        Baseline(
            "slice position alone",
            "Share of slices with a tumour among training slices at about this position. At run time a single slice has none.",
            position_alone(train, test),
        ),
        Baseline("brightness of the stored picture", "99th percentile of its grey values.", test.brightness),
        Baseline(
            "brightest place",
            "Highest value of the prepared slice, smoothed as the map of z-scores is.",
            bright_places(test.image).max(axis=(1, 2)),
        ),
        Baseline(
            "z-score of brightness without autoencoders",
            "Pixel by pixel against the training slices without a tumour, smoothed, highest value.",
            plain_z_maps(healthy, test.image).max(axis=(1, 2)).astype(np.float64),
        ),
    ]


def position_alone(train: Slices, test: Slices) -> Floats:
    """Return the share of training slices with a tumour at about the position of each test slice."""
    weight = np.exp(-(((test.position[:, None] - train.position[None]) / POSITION_WIDTH) ** 2) / 2)
    return np.asarray(weight @ train.label / weight.sum(axis=1))


def bright_places(images: Images) -> Images:
    """Return ``images`` [n, 64, 64] smoothed."""
    return np.stack([cv2.GaussianBlur(image, (0, 0), SMOOTHING_PX) for image in images])


def plain_z_maps(healthy: Images, images: Images) -> Images:
    """Return the smoothed z-scores of the pixels themselves, [n, 64, 64]."""
    mean, deviation = healthy.mean(axis=0), np.maximum(healthy.std(axis=0), LEAST_DEVIATION)
    return np.stack([z_map(image, mean, deviation) for image in images])


def by_position(healthy: Images, where: Floats, residual: Images, position: Floats) -> Floats:
    """Return the z-score of residuals [n, 64, 64] against those of the same fifth of the head, [n].

    ``healthy`` and ``where``: residuals and positions of training slices without a tumour.
    """
    found = np.zeros(len(residual))
    for part in range(PARTS):
        own, others = _part(position) == part, healthy[_part(where) == part]
        if own.any() and len(others) > 1:
            mean, deviation = others.mean(axis=0), np.maximum(others.std(axis=0), LEAST_DEVIATION)
            found[own] = [float(z_map(one, mean, deviation).max()) for one in residual[own]]
    return found


def _part(position: Floats) -> Floats:
    return np.minimum(np.floor(position * PARTS), PARTS - 1)
