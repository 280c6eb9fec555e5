"""Numbers about a classifier against slow and obvious ways of computing them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.training.scores import auroc, auroc_difference, auroc_interval, share_interval


def pairs(label: np.ndarray, score: np.ndarray) -> float:
    wins = [float(a > b) + 0.5 * float(a == b) for a in score[label == 1] for b in score[label == 0]]
    return sum(wins) / len(wins)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(-3, 3)), min_size=2, max_size=40))
def test_auroc_counts_pairs(rows: list[tuple[int, int]]) -> None:
    label, score = np.array([row[0] for row in rows]), np.array([float(row[1]) for row in rows])
    if label.min() == label.max():
        assert np.isnan(auroc(label, score))
    else:
        assert auroc(label, score) == pytest.approx(pairs(label, score))


def test_the_interval_is_the_bootstraps() -> None:
    rng = np.random.default_rng(1)
    label = (rng.random(50) < 0.4).astype(np.int64)
    score = rng.normal(size=50) + 0.8 * label
    draws = []
    for _ in range(2000):
        drawn = rng.integers(0, 50, 50)
        draws.append(pairs(label[drawn], score[drawn]))
    estimate = auroc_interval(label, score, seed=3)
    low, high = np.percentile(draws, [2.5, 97.5])
    assert estimate.value == pytest.approx(pairs(label, score))
    assert estimate.low == pytest.approx(low, abs=0.02)
    assert estimate.high == pytest.approx(high, abs=0.02)


def test_the_interval_is_repeatable_and_holds_the_truth_about_as_often_as_it_says() -> None:
    truth, held = 0.7602, 0  # Φ(1/√2), the AUROC of two normal distributions one standard deviation apart
    for seed in range(60):
        rng = np.random.default_rng(seed)
        label = np.repeat([0, 1], 40)
        estimate = auroc_interval(label, rng.normal(size=80) + label, seed)
        held += estimate.low <= truth <= estimate.high
    assert held >= 52
    assert auroc_interval(label, score := rng.normal(size=80), 1) == auroc_interval(label, score, 1)


def test_a_score_does_not_differ_from_itself() -> None:
    rng = np.random.default_rng(2)
    label = np.repeat([0, 1], 20)
    score = rng.normal(size=40)
    assert auroc_difference(label, score, score, 1) == (0.0, 0.0, 0.0)
    better = auroc_difference(label, label + 0.01 * score, score, 1)
    assert better.low > 0


def test_a_share_has_its_interval() -> None:
    estimate = share_interval(np.arange(100) < 30, seed=1)
    assert estimate.value == 0.3
    assert estimate.low == pytest.approx(0.21, abs=0.02)
    assert estimate.high == pytest.approx(0.39, abs=0.02)
