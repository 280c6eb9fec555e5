"""Intervals where a patient has several slices: patients are resampled, each with all of theirs.

Slices of one patient are alike, so resampling slices would give intervals that are far too narrow
(Field & Welsh, J. R. Stat. Soc. B 69(3):369-390, 2007: the cluster bootstrap).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.training.scores import DRAWS, LEVEL, Estimate, Floats, Ints

Owners = NDArray[Any]
"""Whose slice each one is: texts or numbers."""
CHUNK = 250
"""Resamplings at a time, so that thousands of slices fit into memory."""


def cluster_interval(
    statistic: Callable[..., float], patient: Owners, *arrays: NDArray[Any], seed: int, draws: int = DRAWS
) -> Estimate:
    """Return ``statistic(*arrays)`` with its interval; each array has one row for each slice, as ``patient`` has.

    Draws in which the statistic is NaN or raises `ValueError` (a class is missing) do not count. For means and AUROCs
    the functions below are a hundred times as fast.
    """
    rows = [np.flatnonzero(patient == one) for one in np.unique(patient)]
    rng = np.random.default_rng(seed)
    values = np.full(draws, np.nan)
    for draw in range(draws):
        chosen = np.concatenate([rows[index] for index in rng.integers(0, len(rows), len(rows))])
        try:
            values[draw] = statistic(*(array[chosen] for array in arrays))
        except ValueError:
            continue
    return estimate(float(statistic(*arrays)), values)


def cluster_mean(values: NDArray[Any], patient: Owners, seed: int) -> Estimate:
    """Return the mean over slices of ``values`` (Dice, or true and false for an accuracy) with its interval."""
    numbers = np.asarray(values, dtype=np.float64)
    counts, slot = _counts(patient, seed)
    sums, sizes = np.bincount(slot, weights=numbers), np.bincount(slot)
    return estimate(float(numbers.mean()), (counts @ sums) / (counts @ sizes))


def cluster_auroc(label: Ints, score: Floats, patient: Owners, seed: int) -> Estimate:
    """Return the AUROC over slices with its interval."""
    counts, slot = _counts(patient, seed)
    return estimate(auroc_of(label, score), _aurocs(label, score, counts, slot))


def cluster_auroc_difference(label: Ints, score: Floats, other: Floats, patient: Owners, seed: int) -> Estimate:
    """Return by how much ``score`` has a higher AUROC than ``other`` on the same slices, resampled together."""
    counts, slot = _counts(patient, seed)
    difference = _aurocs(label, score, counts, slot) - _aurocs(label, other, counts, slot)
    return estimate(auroc_of(label, score) - auroc_of(label, other), difference)


def cluster_macro_auroc(truth: Ints, probability: Floats, patient: Owners, seed: int) -> Estimate:
    """Return the mean over classes of the AUROC one against the rest; ``probability`` [n, classes], ``truth`` class indices.

    Unlike Hand & Till's (Machine Learning 45:171-186, 2001), which compares pairs of classes.
    """
    counts, slot = _counts(patient, seed)
    classes = range(probability.shape[1])
    label = [(truth == k).astype(np.int64) for k in classes]
    draws = np.mean([_aurocs(label[k], probability[:, k], counts, slot) for k in classes], axis=0)
    return estimate(float(np.mean([auroc_of(label[k], probability[:, k]) for k in classes])), draws)


def estimate(value: float, draws: Floats) -> Estimate:
    """Return the percentile interval of ``draws`` around ``value``; raises `ValueError` where hardly a draw has a value."""
    if np.isfinite(draws).mean() < 0.5:
        raise ValueError("more than half of the resamplings lack a class or a value; an interval would mean nothing")
    tail = 50 * (1 - LEVEL)
    low, high = np.nanpercentile(draws, [tail, 100 - tail])
    return Estimate(value, float(low), float(high))


def _counts(patient: Owners, seed: int) -> tuple[Ints, Ints]:
    """Return how often each patient is in each resampling, [DRAWS, patients], and each slice's patient as an index."""
    names, slot = np.unique(patient, return_inverse=True)
    n = len(names)
    return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=DRAWS), slot.astype(np.int64)


def auroc_of(label: Ints, score: Floats) -> float:
    """Return the AUROC over slices; like `tools.training.scores.auroc`, but by ranks, so for many thousands of them too."""
    alone = np.zeros(len(label), dtype=np.int64)
    return float(_aurocs(label, score, np.ones((1, 1), dtype=np.int64), alone)[0])


def _aurocs(label: Ints, score: Floats, counts: Ints, slot: Ints) -> Floats:
    """AUROC of each resampling, by ranks: a positive wins over the weight of the negatives below it, and half of its ties."""
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.diff(score[order], prepend=-np.inf) > 0)
    positive = (label[order] == 1).astype(np.float64)
    values = np.full(len(counts), np.nan)
    for first in range(0, len(counts), CHUNK):
        weight = counts[first : first + CHUNK][:, slot[order]].astype(np.float64)
        above = np.add.reduceat(weight * positive, starts, axis=1)
        below = np.add.reduceat(weight * (1 - positive), starts, axis=1)
        pairs = above.sum(axis=1) * below.sum(axis=1)
        won = (above * (np.cumsum(below, axis=1) - below / 2)).sum(axis=1)
        values[first : first + CHUNK] = np.divide(won, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)
    return values
