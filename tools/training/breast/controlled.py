"""What a score tells that date, room temperature, framing and marker size do not: four ways of asking, each with its limits.

No one of them is enough with half a hundred patients, so all are on the card.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from tools.training.scores import DRAWS, Estimate, Floats, Ints, auroc, auroc_difference

CALIPER = 0.5
"""Pairs count whose confounder scores differ by at most this many standard deviations."""
RIDGE = 1e-3
STEPS = 50


class Controlled(NamedTuple):
    """A score beside the score of a regression on the confounders alone, both out of fold."""

    gain: Estimate
    """By how much the AUROC of confounders and score together exceeds that of the confounders alone; every weight is fitted on
    other folds than the patient's."""
    adjusted: Estimate
    """AUROC of what is left of the score once its linear dependence on the confounders among the healthy is taken away: the
    covariate-adjusted ROC curve (Janes & Pepe, Biometrika 96:371, 2009) under a normal model."""
    matched: Estimate
    """Share of pairs of a sick and a healthy patient with like confounder scores in which the sick one scores higher."""
    pairs: int
    """How many such pairs there are."""
    likelihood_ratio: float
    """Twice the gain in log likelihood of a logistic model of the confounder score when the score is added, one degree of
    freedom."""
    p_value: float
    """Of it, by the χ² distribution."""


def control(label: Ints, fold: Ints, score: Floats, confounders: Floats, confounder_score: Floats, seed: int) -> Controlled:
    """Return all of it for one score; ``confounders`` [n, k] as they are, ``confounder_score`` their out-of-fold logit."""
    together = _stacked(label, fold, np.stack([_standardised(confounder_score), _standardised(score)], axis=1))
    alone = _stacked(label, fold, _standardised(confounder_score)[:, None])
    ratio = _likelihood_ratio(label, confounder_score, score)
    matched, pairs = _matched(label, score, confounder_score, seed)
    return Controlled(
        gain=auroc_difference(label, together, alone, seed),
        adjusted=_adjusted(label, score, confounders, seed),
        matched=matched,
        pairs=pairs,
        likelihood_ratio=ratio,
        p_value=math.erfc(math.sqrt(max(ratio, 0.0) / 2)),
    )


def logistic_fit(design: Floats, label: Ints) -> Floats:
    """Return the weights of a logistic regression without a penalty worth the name, by Newton's method; [n, k] → [k]."""
    weights = np.zeros(design.shape[1])
    for _ in range(STEPS):
        probability = 1 / (1 + np.exp(-design @ weights))
        hessian = (design * (probability * (1 - probability))[:, None]).T @ design + RIDGE * np.eye(len(weights))
        step = np.linalg.solve(hessian, design.T @ (label - probability) - RIDGE * weights)
        weights += step
        if np.abs(step).max() < 1e-10:
            break
    return weights


def _with_one(columns: Floats) -> Floats:
    return np.concatenate([np.ones((len(columns), 1)), columns], axis=1)


def _standardised(values: Floats) -> Floats:
    return np.asarray((values - values.mean()) / (values.std() or 1.0))


def _stacked(label: Ints, fold: Ints, columns: Floats) -> Floats:
    """Return each patient's logit of a model of ``columns`` that was fitted on the other folds."""
    design, found = _with_one(columns), np.zeros(len(label))
    for k in np.unique(fold):
        found[fold == k] = design[fold == k] @ logistic_fit(design[fold != k], label[fold != k])
    return found


def _likelihood_ratio(label: Ints, confounder_score: Floats, score: Floats) -> float:
    smaller = _with_one(_standardised(confounder_score)[:, None])
    larger = np.concatenate([smaller, _standardised(score)[:, None]], axis=1)
    return 2 * (_log_likelihood(larger, label) - _log_likelihood(smaller, label))


def _log_likelihood(design: Floats, label: Ints) -> float:
    logit = design @ logistic_fit(design, label)
    return float((label * logit - np.logaddexp(0, logit)).sum())


def _adjusted(label: Ints, score: Floats, confounders: Floats, seed: int) -> Estimate:
    """The regression is fitted anew in every resampling."""
    rng = np.random.default_rng(seed)
    columns = (confounders - confounders.mean(axis=0)) / np.where(confounders.std(axis=0) > 0, confounders.std(axis=0), 1)

    def once(rows: Ints) -> float:
        design, healthy = _with_one(columns[rows]), label[rows] == 0
        if healthy.all() or not healthy.any():
            return float("nan")
        gram = design[healthy].T @ design[healthy] + RIDGE * np.eye(design.shape[1])
        weights = np.linalg.solve(gram, design[healthy].T @ score[rows][healthy])
        return auroc(label[rows], score[rows] - design @ weights)

    n = len(label)
    return _percentiles(once(np.arange(n)), np.array([once(rng.integers(0, n, n)) for _ in range(DRAWS)]))


def _matched(label: Ints, score: Floats, confounder_score: Floats, seed: int) -> tuple[Estimate, int]:
    sick, healthy = label == 1, label == 0
    like = np.abs(confounder_score[sick][:, None] - confounder_score[healthy][None, :]) <= CALIPER * confounder_score.std()
    wins = (np.sign(score[sick][:, None] - score[healthy][None, :]) + 1) / 2 * like
    n = len(label)
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=DRAWS).astype(np.float64)
    left, right = counts[:, sick], counts[:, healthy]
    total = ((left @ like) * right).sum(axis=1)
    won = ((left @ wins) * right).sum(axis=1)
    share = float(wins.sum() / like.sum()) if like.any() else float("nan")
    return _percentiles(share, np.divide(won, total, out=np.full(DRAWS, np.nan), where=total > 0)), int(like.sum())


def _percentiles(value: float, draws: Floats) -> Estimate:
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return Estimate(value, float(low), float(high))
