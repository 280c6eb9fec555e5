"""Whether probabilities mean what they say: of those answered with 0.8, are eight in ten right?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tools.training.scores import Floats, Ints

BINS = 10
TINY = 1e-7


class Bin(NamedTuple):
    """Cases of about the same probability."""

    probability: float
    """Mean of what was said."""
    share: float
    """Of what came true."""
    n: int


def reliability(came_true: Ints, probability: Floats, bins: int = BINS) -> tuple[Bin, ...]:
    """Return equally wide bins from 0 to 1, those without a case left out."""
    index = np.minimum((np.asarray(probability) * bins).astype(int), bins - 1)
    present = [index == one for one in range(bins) if (index == one).any()]
    return tuple(Bin(float(probability[here].mean()), float(came_true[here].mean()), int(here.sum())) for here in present)


def ece(came_true: Ints, probability: Floats, bins: int = BINS) -> float:
    """Return the expected calibration error (Naeini et al., AAAI 2015): the bins' mean gap, weighted by their cases."""
    found = reliability(came_true, probability, bins)
    return sum(one.n * abs(one.probability - one.share) for one in found) / len(probability)


def ece_of_classes(truth: Ints, probability: Floats, bins: int = BINS) -> float:
    """Return the calibration error of the most probable class; ``probability`` [n, classes] (Guo et al., ICML 2017)."""
    best = probability.argmax(axis=1)
    return ece((best == truth).astype(np.int64), probability.max(axis=1), bins)


def brier(label: Ints, probability: Floats) -> float:
    """Return the mean squared error of a probability (Brier, Mon. Weather Rev. 78(1):1-3, 1950)."""
    return float(((probability - label) ** 2).mean())


def brier_of_classes(truth: Ints, probability: Floats) -> float:
    """Return the squared error summed over classes, 0 to 2."""
    return float(((probability - np.eye(probability.shape[1])[truth]) ** 2).sum(axis=1).mean())


def nll(truth: Ints, probability: Floats) -> float:
    """Return the mean negative log-likelihood of the true class; ``probability`` [n, classes]."""
    return float(-np.log(np.maximum(probability[np.arange(len(truth)), truth], TINY)).mean())
