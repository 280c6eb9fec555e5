"""How a score becomes an answer: calibration, threshold and abstention, chosen from out-of-fold scores alone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.training.errors import CalibrationFailed
from tools.training.scores import Floats, Ints

WANTED_SENSITIVITY = 0.8
LEAST_COVERAGE = 0.75
COVERAGES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5)


class Platt(NamedTuple):
    slope: float
    intercept: float

    def probability(self, score: Floats) -> Floats:
        return np.asarray(1.0 / (1.0 + np.exp(-(self.slope * score + self.intercept))))


class Point(NamedTuple):
    """One point of the risk-coverage curve."""

    coverage: float
    """Share of patients who get an answer."""
    risk: float
    """Mean of the two error rates among them."""
    half_width: float
    """Of the band around the threshold, in logits."""


class Operating(NamedTuple):
    """Everything between score and answer."""

    platt: Platt
    threshold: float
    band: tuple[float, float]
    kept: Point
    """What the band costs and brings."""
    curve: tuple[Point, ...]


def fit_platt(label: Ints, score: Floats) -> Platt:
    """Fit a logistic curve with Platt's smoothed targets (Advances in Large Margin Classifiers, 1999) by Newton's method."""
    positives, negatives = int((label == 1).sum()), int((label == 0).sum())
    target = np.where(label == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    design = np.stack([score, np.ones_like(score)], axis=1)
    weights = np.zeros(2)
    for _ in range(100):
        probability = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (target - probability)
        hessian = (design * (probability * (1 - probability))[:, None]).T @ design + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        weights += step
        if np.abs(step).max() < 1e-10:
            break
    if not np.isfinite(weights).all() or weights[0] <= 0:
        raise CalibrationFailed(f"the fitted slope is {weights[0]:.3g}; it must be positive for a score to mean anything")
    return Platt(float(weights[0]), float(weights[1]))


def choose(label: Ints, score: Floats, wobble: float) -> Operating:
    """Return calibration, threshold and band for these patients.

    ``wobble`` is the standard deviation of the score over views of one patient. Within one of it around the threshold another
    picture of the same person may well give the other answer, so none is given, unless too few people would get one.
    """
    platt, threshold = calibrate(label, score)
    probability = platt.probability(score)
    distance = np.abs(_logit(probability) - _logit(threshold))
    half_width = min(platt.slope * wobble, float(np.quantile(distance, 1 - LEAST_COVERAGE)))
    middle = float(_logit(threshold))
    return Operating(
        platt,
        threshold,
        (_sigmoid(middle - half_width), _sigmoid(middle + half_width)),
        _point(label, probability, threshold, distance, half_width),
        risk_coverage(label, probability, threshold),
    )


def calibrate(label: Ints, score: Floats) -> tuple[Platt, float]:
    """Return the calibration and the threshold on the calibrated probability."""
    platt = fit_platt(label, score)
    return platt, threshold_for_sensitivity(label, platt.probability(score), WANTED_SENSITIVITY)


def threshold_for_sensitivity(label: Ints, probability: Floats, wanted: float) -> float:
    """Return the highest threshold at which at least ``wanted`` of the positives lie at or above it.

    It lies half-way to the next lower score, so that rounding moves nobody across it.
    """
    positives = np.sort(probability[label == 1])[::-1]
    last = positives[int(np.ceil(wanted * len(positives) - 1e-9)) - 1]
    lower = probability[probability < last]
    return float((last + lower.max()) / 2) if lower.size else float(last)


def risk_coverage(label: Ints, probability: Floats, threshold: float) -> tuple[Point, ...]:
    """Return what answering only the patients farthest from the threshold would have cost."""
    distance = np.abs(_logit(probability) - _logit(threshold))
    widths = [0.0 if wanted == 1.0 else float(np.quantile(distance, 1 - wanted)) for wanted in COVERAGES]
    return tuple(_point(label, probability, threshold, distance, width) for width in widths)


def _point(label: Ints, probability: Floats, threshold: float, distance: Floats, half_width: float) -> Point:
    answered = distance >= half_width
    risk = balanced_error(label[answered], probability[answered] >= threshold)
    return Point(float(answered.mean()), risk, half_width)


def balanced_error(label: Ints, called: NDArray[np.bool_]) -> float:
    """Return the mean of false-negative and false-positive rate; 0.5 where a class is absent, since nothing is known then."""
    if not (label == 1).any() or not (label == 0).any():
        return 0.5
    return float(((~called[label == 1]).mean() + called[label == 0].mean()) / 2)


def _logit(probability: Floats | float) -> Floats:
    return np.asarray(np.log(probability) - np.log1p(-np.asarray(probability)))


def _sigmoid(logit: Floats | float) -> float:
    return float(1 / (1 + np.exp(-logit)))
