"""Numbers about a classifier, each with an interval from resampling patients: one score and one label for each patient."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DRAWS = 10_000
LEVEL = 0.95


class Estimate(NamedTuple):
    """A number with its percentile bootstrap interval (Efron & Tibshirani 1993, chapter 13)."""

    value: float
    low: float
    high: float


def auroc(label: Ints, score: Floats) -> float:
    """Return the area under the ROC curve: how often a positive scores above a negative, ties counting half."""
    return float(_auroc_of_counts(label, score, np.ones((1, len(label)), dtype=np.int64))[0])


def auroc_interval(label: Ints, score: Floats, seed: int) -> Estimate:
    """Return the AUROC with an interval over `DRAWS` resamplings of patients."""
    return _percentiles(auroc(label, score), _auroc_of_counts(label, score, _draws(len(label), seed)))


def auroc_difference(label: Ints, score: Floats, other: Floats, seed: int) -> Estimate:
    """Return by how much ``score`` has a higher AUROC than ``other`` on the same patients, resampled together."""
    counts = _draws(len(label), seed)
    difference = _auroc_of_counts(label, score, counts) - _auroc_of_counts(label, other, counts)
    return _percentiles(auroc(label, score) - auroc(label, other), difference)


def share_interval(hit: NDArray[np.bool_], seed: int) -> Estimate:
    """Return the share of true values with its interval."""
    counts = _draws(len(hit), seed)
    return _percentiles(float(hit.mean()), counts @ hit.astype(np.float64) / len(hit))


def _draws(n: int, seed: int) -> Ints:
    """Return how often each of ``n`` patients is in each resampling, [DRAWS, n]."""
    return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=DRAWS)


def _auroc_of_counts(label: Ints, score: Floats, counts: Ints) -> Floats:
    """AUROC of each row of ``counts``; NaN where a row has one class only."""
    positive, negative = label == 1, label == 0
    higher = score[positive][:, None] - score[negative][None, :]
    wins = (np.sign(higher) + 1) / 2
    with_positive, with_negative = counts[:, positive].astype(np.float64), counts[:, negative].astype(np.float64)
    pairs = with_positive.sum(axis=1) * with_negative.sum(axis=1)
    won = ((with_positive @ wins) * with_negative).sum(axis=1)
    return np.asarray(np.divide(won, pairs, out=np.full(len(counts), np.nan), where=pairs > 0))


def _percentiles(value: float, draws: Floats) -> Estimate:
    tail = 50 * (1 - LEVEL)
    low, high = np.nanpercentile(draws, [tail, 100 - tail])
    return Estimate(value, float(low), float(high))
