"""Calibration, threshold and abstention band."""

from __future__ import annotations

import numpy as np
import pytest

from tools.training.breast.figures import cross_fitted_calls, cross_fitted_probability
from tools.training.errors import CalibrationFailed
from tools.training.operating import (
    LEAST_COVERAGE,
    balanced_error,
    choose,
    fit_platt,
    risk_coverage,
    threshold_for_sensitivity,
)


def sample(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Labels drawn from a known calibration curve: slope 1.5, intercept −0.5."""
    rng = np.random.default_rng(seed)
    score = rng.normal(size=n)
    return (rng.random(n) < 1 / (1 + np.exp(-(1.5 * score - 0.5)))).astype(np.int64), score


def test_platt_recovers_the_curve_that_made_the_labels() -> None:
    platt = fit_platt(*sample(20_000))
    assert platt.slope == pytest.approx(1.5, abs=0.08)
    assert platt.intercept == pytest.approx(-0.5, abs=0.05)


def test_platt_stays_finite_where_scores_separate_the_classes() -> None:
    platt = fit_platt(np.repeat([0, 1], 20), np.repeat([-1.0, 1.0], 20))
    assert 0 < platt.slope < 20


def test_scores_that_fall_with_the_label_get_no_calibration() -> None:
    label, score = sample(500)
    with pytest.raises(CalibrationFailed, match="slope"):
        fit_platt(label, -score)


@pytest.mark.parametrize("wanted", [0.5, 0.8, 0.95, 1.0])
def test_the_threshold_is_the_highest_with_the_wanted_sensitivity(wanted: float) -> None:
    label, score = sample(97)
    threshold = threshold_for_sensitivity(label, score, wanted)
    assert (score[label == 1] >= threshold).mean() >= wanted
    higher = score[score > threshold].min()
    assert (score[label == 1] > higher).mean() < wanted
    assert threshold not in score


def test_answering_fewer_covers_fewer_and_errs_less_where_the_score_means_something() -> None:
    label, score = sample(5_000)
    curve = risk_coverage(label, 1 / (1 + np.exp(-score)), 0.5)
    coverage = [point.coverage for point in curve]
    assert coverage[0] == 1.0
    assert coverage == sorted(coverage, reverse=True)
    assert curve[-1].risk < curve[0].risk - 0.05


def test_the_band_is_the_wobble_around_the_threshold() -> None:
    label, score = sample(300)
    operating = choose(label, score, wobble=0.1)
    low, high = (np.log(end / (1 - end)) for end in operating.band)
    assert operating.band[0] < operating.threshold < operating.band[1]
    assert high - low == pytest.approx(2 * 0.1 * operating.platt.slope)
    probability = operating.platt.probability(score)
    answered = (probability <= operating.band[0]) | (probability >= operating.band[1])
    assert operating.kept.coverage == pytest.approx(answered.mean())


def test_however_much_the_score_wobbles_most_keep_an_answer() -> None:
    assert choose(*sample(300), wobble=50.0).kept.coverage >= LEAST_COVERAGE - 0.01


def test_the_balanced_error_counts_both_classes_alike() -> None:
    label, called = np.array([1, 0, 0, 0, 0]), np.array([False, False, False, False, True])
    assert balanced_error(label, called) == pytest.approx((1.0 + 0.25) / 2)
    assert balanced_error(np.zeros(3, np.int64), np.zeros(3, bool)) == 0.5


def test_cross_fitting_never_uses_a_patients_own_fold() -> None:
    label, score = sample(80)
    fold = np.arange(80) % 4
    before, calls = cross_fitted_probability(label, score, fold), cross_fitted_calls(label, score, fold)
    flipped = np.where(fold == 2, 1 - label, label)
    np.testing.assert_array_equal(cross_fitted_probability(flipped, score, fold)[fold == 2], before[fold == 2])
    np.testing.assert_array_equal(cross_fitted_calls(flipped, score, fold)[fold == 2], calls[fold == 2])
