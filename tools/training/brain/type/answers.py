"""From logits to answers: temperature, and the least probability of an answer. Both are chosen on the validation patients."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tools.training.errors import CalibrationFailed
from tools.training.reliability import nll
from tools.training.scores import Floats, Ints

COVERAGES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5)
WANTED_RISK = 0.03
LEAST_COVERAGE = 0.8
"""A model that answers less often than this is of little use, so no stricter rule is chosen."""
LOWEST, HIGHEST = 0.05, 20.0
"""Between which the temperature is looked for."""


class Point(NamedTuple):
    """One point of the risk-coverage curve."""

    coverage: float
    """Share of slices that get an answer."""
    risk: float
    """Share of wrong ones among these answers."""
    least_probability: float


def probabilities(logits: Floats, temperature: float) -> Floats:
    """Return softmax(logits / temperature), [n, classes]."""
    raised = np.exp((logits - logits.max(axis=1, keepdims=True)) / temperature)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def fit_temperature(label: Ints, logits: Floats) -> float:
    """Return the temperature with the lowest negative log-likelihood; raises `CalibrationFailed` where none is best.

    The likelihood has one maximum in 1 / temperature, so golden-section search finds it.
    """
    low, high, golden = np.log(1 / HIGHEST), np.log(1 / LOWEST), (np.sqrt(5) - 1) / 2

    def cost(log_inverse: float) -> float:
        return nll(label, probabilities(logits, float(np.exp(-log_inverse))))

    while high - low > 1e-6:
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if cost(left) < cost(right) else (left, high)
    temperature = float(np.exp(-(low + high) / 2))
    if not LOWEST * 1.01 < temperature < HIGHEST / 1.01:
        raise CalibrationFailed(f"the best temperature, {temperature:.3g}, is at the end of its range: the logits tell nothing")
    return temperature


def risk_coverage(label: Ints, probability: Floats) -> tuple[Point, ...]:
    """Return what answering only the slices with the highest probability of their likeliest class would have cost."""
    top = probability.max(axis=1)
    least = [0.0 if coverage == 1.0 else float(np.quantile(top, 1 - coverage)) for coverage in COVERAGES]
    return tuple(point(label, probability, one) for one in least)


def point(label: Ints, probability: Floats, least: float) -> Point:
    """Return coverage and risk where an answer needs the probability ``least``; the risk of no answer at all is 0."""
    answered = probability.max(axis=1) >= least
    wrong = probability[answered].argmax(axis=1) != label[answered]
    return Point(float(answered.mean()), float(wrong.mean()) if wrong.size else 0.0, least)


def choose_least(curve: tuple[Point, ...]) -> Point:
    """Return the point with the largest coverage at which the risk is at most `WANTED_RISK`, or the last useful one."""
    useful = [one for one in curve if one.coverage >= LEAST_COVERAGE - 1e-9]
    return next((one for one in useful if one.risk <= WANTED_RISK), useful[-1])
