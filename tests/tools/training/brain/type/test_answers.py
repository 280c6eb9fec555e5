from __future__ import annotations

import itertools

import numpy as np
import pytest

from tools.training.brain.type.answers import (
    Point,
    choose_least,
    fit_temperature,
    point,
    probabilities,
    risk_coverage,
)
from tools.training.errors import CalibrationFailed
from tools.training.reliability import ece_of_classes as ece
from tools.training.reliability import nll


def drawn(temperature: float, n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Return classes drawn from softmax(logits), and these logits multiplied by ``temperature``."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (n, 3))
    label = np.array([rng.choice(3, p=one) for one in probabilities(logits, 1.0)])
    return label, logits * temperature


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_that_was_put_in_is_found(temperature: float) -> None:
    label, logits = drawn(temperature)
    assert fit_temperature(label, logits) == pytest.approx(temperature, rel=0.1)


def test_calibration_lowers_both_errors_and_moves_no_answer() -> None:
    label, logits = drawn(3.0)
    before, after = probabilities(logits, 1.0), probabilities(logits, fit_temperature(label, logits))
    assert nll(label, after) < nll(label, before)
    assert ece(label, after) < 0.03 < ece(label, before)
    assert np.array_equal(before.argmax(axis=1), after.argmax(axis=1))


def test_logits_that_tell_nothing_are_not_calibrated() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(CalibrationFailed, match="tell nothing"):
        fit_temperature(rng.integers(0, 3, 500), rng.normal(0, 1, (500, 3)) * 100)


def test_who_answers_less_errs_less_where_the_probabilities_mean_something() -> None:
    label, logits = drawn(1.0)
    curve = risk_coverage(label, probabilities(logits, 1.0))
    assert [one.coverage for one in curve] == pytest.approx([1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5], abs=0.001)
    assert all(one.risk > other.risk for one, other in itertools.pairwise(curve))


def test_no_answer_at_all_has_no_risk() -> None:
    label, logits = drawn(1.0, 20)
    assert point(label, probabilities(logits, 1.0), 1.1) == Point(0.0, 0.0, 1.1)


def test_the_widest_coverage_with_the_wanted_risk_is_chosen() -> None:
    curve = (Point(1.0, 0.1, 0.0), Point(0.95, 0.04, 0.4), Point(0.9, 0.02, 0.5), Point(0.85, 0.01, 0.6))
    assert choose_least(curve).least_probability == 0.5


def test_a_coverage_that_is_of_no_use_is_not_chosen() -> None:
    curve = (Point(1.0, 0.3, 0.0), Point(0.8, 0.2, 0.5), Point(0.5, 0.01, 0.9))
    assert choose_least(curve).least_probability == 0.5
