"""Calibration figures against cases that one can count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tools.training.reliability import brier, brier_of_classes, ece, ece_of_classes, nll, reliability


def test_bins_count_what_came_true() -> None:
    (low, high) = reliability(np.array([0, 0, 1, 1]), np.array([0.11, 0.12, 0.91, 0.93]))
    assert (low.n, low.share) == (2, 0.0)
    assert (high.n, high.share) == (2, 1.0)
    assert high.probability == pytest.approx(0.92)


def test_certainty_has_a_bin() -> None:
    (only,) = reliability(np.array([1, 1]), np.array([1.0, 1.0]))
    assert (only.n, only.share) == (2, 1.0)


def test_a_perfectly_calibrated_and_an_always_sure_answer() -> None:
    came_true = np.array([1] * 8 + [0] * 2)
    assert ece(came_true, np.full(10, 0.8)) == pytest.approx(0.0)
    assert ece(came_true, np.full(10, 0.999)) == pytest.approx(0.199)


def test_classes_count_the_most_probable_one() -> None:
    probability = np.array([[0.7, 0.2, 0.1], [0.7, 0.2, 0.1]])
    assert ece_of_classes(np.array([0, 1]), probability) == pytest.approx(0.2)
    assert nll(np.array([0, 1]), probability) == pytest.approx(-(np.log(0.7) + np.log(0.2)) / 2)
    assert brier_of_classes(np.array([0]), np.array([[0.0, 1.0]])) == 2.0


def test_brier_of_the_prevalence() -> None:
    assert brier(np.array([1, 0, 0, 0]), np.full(4, 0.25)) == pytest.approx(0.25 * 0.75)
