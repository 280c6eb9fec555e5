"""What needs no network: where the slice lies in the head, how bright it is, and bright FLAIR called tumour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.lesion_input import TISSUE
from tools.training.brain.data import FLAIR, Slice
from tools.training.brain.lesion.overlap import dice
from tools.training.brain.lesion.sampling import series_of
from tools.training.scores import Floats, Ints

PERCENTILES = (5, 25, 50, 75, 90, 95, 99)
THRESHOLDS = tuple(float(share) for share in np.arange(0.3, 0.96, 0.05))
"""Scaled FLAIR intensities from which a pixel may be called tumour."""
THINNED = 4
"""Every how many slices with a tumour the best of them is looked for."""


def position_alone(train: Sequence[Slice], test: Sequence[Slice]) -> Floats:
    """Return scores of ``test`` from a logistic regression on the slice's position and its square, fitted on ``train``."""
    return _logistic(_positions(train), _labels(train), _positions(test))


def intensity(train: Sequence[Slice], test: Sequence[Slice]) -> Floats:
    """Return scores of ``test`` from a logistic regression on mean, spread and percentiles of each series inside the head."""
    return _logistic(_intensities(train), _labels(train), _intensities(test))


def bright_flair(train: Sequence[Slice], test: Sequence[Slice]) -> Floats:
    """Return the Dice of each of ``test`` when FLAIR above a threshold is called tumour, the best one on ``train``.

    Each needs a tumour. What is called is opened (3 × 3), so that thin bright fat under the skin counts less.
    """
    ill = [one for one in train if one.tumour][::THINNED]
    means = [float(np.mean([_bright_dice(one, share) for one in ill])) for share in THRESHOLDS]
    best = THRESHOLDS[int(np.argmax(means))]
    return np.array([_bright_dice(one, best) for one in test])


def _bright_dice(one: Slice, threshold: float) -> float:
    import cv2

    from models import mr_slice

    flair = mr_slice.scaled(one.channels()[..., FLAIR].astype(np.float32))
    bright = cv2.morphologyEx((flair >= threshold).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), dtype=np.uint8))
    return dice(bright > 0, one.mask())


def _positions(slices: Sequence[Slice]) -> Floats:
    position = np.array([one.position for one in slices])
    return np.stack([position, position**2], axis=1)


def _labels(slices: Sequence[Slice]) -> Ints:
    return np.array([int(one.tumour) for one in slices], dtype=np.int64)


def _intensities(slices: Sequence[Slice]) -> Floats:
    return np.array([_features(one) for one in slices])


def _features(one: Slice) -> list[float]:
    """Return the features of all series; a series that shows nothing has zeros."""
    features: list[float] = []
    series = series_of(one)
    for name in ("t1", "flair", "t1c"):
        pixels = series.get(name, np.zeros((1, 1), dtype=np.float32))
        inside = pixels[pixels > TISSUE]
        inside = inside if inside.size else np.zeros(1, dtype=np.float32)
        features += [float(inside.mean()), float(inside.std()), float((pixels > TISSUE).mean())]
        features += [float(value) for value in np.percentile(inside, PERCENTILES)]
    return features


def _logistic(train: Floats, label: Ints, test: Floats) -> Floats:
    from sklearn.linear_model import LogisticRegression

    middle, spread = train.mean(axis=0), np.maximum(train.std(axis=0), 1e-6)
    fitted = LogisticRegression(max_iter=2000).fit((train - middle) / spread, label)
    scores: NDArray[np.float64] = fitted.decision_function((test - middle) / spread)
    return scores
