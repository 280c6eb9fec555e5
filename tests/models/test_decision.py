"""Score → probability → outcome."""

from __future__ import annotations

import math

import pytest

from models.answers import Abstention, Calibration, Threshold
from models.decision import Decision
from models.prediction import Outcome


def decision(slope: float = 2.0, intercept: float = -1.0) -> Decision:
    calibration = Calibration(slope, intercept, "Platt", 0.4, 0.2, 0.24)
    return Decision(calibration, Threshold(0.5, "test"), Abstention(0.4, 0.6, "test"))


@pytest.mark.parametrize("score", [-3.0, -0.5, 0.0, 0.5, 3.0])
def test_the_probability_is_platts(score: float) -> None:
    assert decision().probability(score) == pytest.approx(1 / (1 + math.exp(-(2 * score - 1))), rel=1e-12)


def test_extreme_scores_do_not_overflow() -> None:
    assert decision().probability(1e6) == 1.0
    assert decision().probability(-1e6) == 0.0


@pytest.mark.parametrize(
    ("probability", "outcome"),
    [
        (0.0, Outcome.BELOW_THRESHOLD),
        (0.4, Outcome.BELOW_THRESHOLD),
        (0.41, Outcome.ABSTAINED),
        (0.5, Outcome.ABSTAINED),
        (0.59, Outcome.ABSTAINED),
        (0.6, Outcome.ABOVE_THRESHOLD),
        (1.0, Outcome.ABOVE_THRESHOLD),
    ],
)
def test_the_band_lies_between_the_outcomes(probability: float, outcome: Outcome) -> None:
    assert decision().outcome(probability) is outcome


def test_without_a_band_the_threshold_itself_is_above() -> None:
    plain = Decision(Calibration(1.0, 0.0, "Platt", 0.4, 0.2, 0.24), Threshold(0.5, "test"), Abstention(0.5, 0.5, "test"))
    assert plain.outcome(0.5) is Outcome.ABOVE_THRESHOLD
    assert plain.outcome(math.nextafter(0.5, 0)) is Outcome.BELOW_THRESHOLD
