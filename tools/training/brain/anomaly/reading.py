"""How the score of a slice is read: chosen on the validation patients, written on the card, read from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from models.anomaly_scores import Score
from tools.training.brain.anomaly.slices import Masks
from tools.training.operating import LEAST_COVERAGE, Platt, Point, fit_platt, risk_coverage
from tools.training.scores import Floats, Ints
from tools.training.toml import DIGITS

HEALTHY_BELOW = 0.95
"""Share of validation slices without a tumour that lie below the threshold."""


class Reading(NamedTuple):
    """Rounded as the card rounds, so that figures are those of the card."""

    used: Score
    slope: float
    intercept: float
    threshold: float
    low: float
    high: float

    def probability(self, score: Floats) -> Floats:
        return Platt(self.slope, self.intercept).probability(score)

    def called(self, score: Floats) -> Masks:
        """Return which slices lie at or above the threshold, the band not counting; bool [n]."""
        return np.asarray(self.probability(score) >= self.threshold)

    def answered(self, score: Floats) -> Masks:
        """Return which slices get an answer; bool [n]."""
        probability = self.probability(score)
        return np.asarray((probability <= self.low) | (probability >= self.high))


def choose(used: Score, label: Ints, score: Floats, wobble: float) -> tuple[Reading, tuple[Point, ...]]:
    """Return the reading, and its risk-coverage curve, for the validation slices. Raises `CalibrationFailed`.

    The threshold is a quantile of the slices without a tumour. Within one ``wobble`` (standard deviation of the score over
    views of the same slice) around it another view may well give the other answer, so none is given, unless fewer than
    `LEAST_COVERAGE` of the slices would get one.
    """
    platt = fit_platt(label, score)
    probability = np.clip(platt.probability(score), 1e-9, 1 - 1e-9)
    threshold = float(np.quantile(probability[label == 0], HEALTHY_BELOW))
    middle = _logit(np.array([threshold]))[0]
    half = min(platt.slope * wobble, float(np.quantile(np.abs(_logit(probability) - middle), 1 - LEAST_COVERAGE)))
    band = (1 / (1 + np.exp(half - middle)), 1 / (1 + np.exp(-half - middle)))
    rounded = [round(float(value), DIGITS) for value in (*platt, threshold, *band)]
    return Reading(used, *rounded), risk_coverage(label, probability, threshold)


def of_card(document: Mapping[str, Any]) -> Reading:
    """Return the reading on a card."""
    calibration, band = document["calibration"], document["abstain"]
    return Reading(
        Score(document["score"]["used"]),
        calibration["slope"],
        calibration["intercept"],
        document["threshold"]["probability"],
        band["low"],
        band["high"],
    )


def _logit(probability: Floats) -> Floats:
    return np.asarray(np.log(probability) - np.log1p(-probability))
