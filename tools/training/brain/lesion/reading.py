"""How the score of a slice is read, for one set of series: chosen on validation patients, written on the card, read from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.lesion_input import SERIES
from tools.training.brain.lesion.measure import Measured
from tools.training.operating import LEAST_COVERAGE, Platt, Point, fit_platt, risk_coverage, threshold_for_sensitivity
from tools.training.scores import Floats
from tools.training.toml import DIGITS

WANTED_SENSITIVITY = 0.9


class Reading(NamedTuple):
    """Rounded as the card rounds, so that figures are those of the card."""

    slope: float
    intercept: float
    threshold: float
    low: float
    high: float

    def probability(self, score: Floats) -> Floats:
        return Platt(self.slope, self.intercept).probability(score)

    def called(self, score: Floats) -> NDArray[np.bool_]:
        """Return which slices lie at or above the threshold, the band not counting."""
        return np.asarray(self.probability(score) >= self.threshold)

    def answered(self, score: Floats) -> NDArray[np.bool_]:
        """Return which slices get an answer."""
        probability = self.probability(score)
        return np.asarray((probability <= self.low) | (probability >= self.high))


Readings = Mapping[tuple[str, ...], Reading]


def choose(found: Measured, wobble: float) -> tuple[Reading, tuple[Point, ...]]:
    """Return the reading, and its risk-coverage curve, for validation slices.

    The threshold is the highest at which `WANTED_SENSITIVITY` of the slices with a tumour lie at or above it. Within one
    ``wobble`` (standard deviation of the score over views of the same slice) around it another view may well give the other
    answer, so none is given, unless fewer than `LEAST_COVERAGE` of the slices would get one.
    """
    platt = fit_platt(found.label, found.score)
    probability = np.clip(platt.probability(found.score), 1e-9, 1 - 1e-9)
    threshold = threshold_for_sensitivity(found.label, probability, WANTED_SENSITIVITY)
    middle = _logit(threshold)
    distance = np.abs(np.log(probability) - np.log1p(-probability) - middle)
    half = min(platt.slope * wobble, float(np.quantile(distance, 1 - LEAST_COVERAGE)))
    band = (1 / (1 + np.exp(half - middle)), 1 / (1 + np.exp(-half - middle)))
    rounded = [round(float(value), DIGITS) for value in (*platt, threshold, *band)]
    return Reading(*rounded), risk_coverage(found.label, probability, threshold)


def of_card(document: Mapping[str, Any]) -> dict[tuple[str, ...], Reading]:
    """Return the readings on a card."""
    calibration, band = document["calibration"], document["abstain"]
    whole = Reading(
        calibration["slope"], calibration["intercept"], document["threshold"]["probability"], band["low"], band["high"]
    )
    fewer = {
        tuple(row["names"]): Reading(row["slope"], row["intercept"], row["threshold"], row["low"], row["high"])
        for row in document["series"]
    }
    return {SERIES: whole, **fewer}


def _logit(probability: float) -> float:
    return float(np.log(probability) - np.log1p(-probability))
