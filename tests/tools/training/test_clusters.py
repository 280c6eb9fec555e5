"""Intervals over patients with several slices, against slow ways of computing them and against what they must cover."""

from __future__ import annotations

import time

import numpy as np
import pytest

from tools.training.clusters import (
    cluster_auroc,
    cluster_auroc_difference,
    cluster_interval,
    cluster_macro_auroc,
    cluster_mean,
)
from tools.training.scores import auroc


@pytest.fixture
def slices() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Label, score (with ties) and patient of 300 slices of 30 patients."""
    rng = np.random.default_rng(2)
    patient = np.repeat(np.arange(30), 10)
    label = (rng.random(300) < 0.4).astype(np.int64)
    score = np.round(label * 0.8 + rng.normal(size=300) + rng.normal(size=30)[patient], 1)
    return label, score, patient


def test_the_fast_auroc_is_the_slow_one(slices: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    label, score, patient = slices
    fast = cluster_auroc(label, score, patient, seed=1)
    slow = cluster_interval(auroc, patient, label, score, seed=1, draws=1500)
    assert fast.value == pytest.approx(auroc(label, score))
    assert fast.low == pytest.approx(slow.low, abs=0.01)
    assert fast.high == pytest.approx(slow.high, abs=0.01)


def test_slices_of_one_patient_count_as_one(slices: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    patient = slices[2]
    hit = (patient % 3 == 0).astype(float)  # all slices of a patient alike: 30 independent values, not 300
    clustered = cluster_mean(hit, patient, seed=1)
    naive = cluster_mean(hit, np.arange(300), seed=1)
    assert clustered.value == naive.value == pytest.approx(1 / 3)
    assert (clustered.high - clustered.low) > 2.5 * (naive.high - naive.low)
    assert clustered.high - clustered.low == pytest.approx(2 * 1.96 * (2 / 9 / 30) ** 0.5, rel=0.1)


def test_the_mean_is_the_slow_one_for_patients_of_different_size() -> None:
    rng = np.random.default_rng(4)
    patient = np.repeat(["a", "b", "c", "d", "e", "f"], [1, 2, 3, 20, 5, 9])
    values = rng.random(40)
    fast, slow = cluster_mean(values, patient, 1), cluster_interval(np.mean, patient, values, seed=1, draws=2000)
    assert fast.value == pytest.approx(slow.value)
    assert fast.low == pytest.approx(slow.low, abs=0.02)
    assert fast.high == pytest.approx(slow.high, abs=0.02)


def test_the_difference_to_itself_is_nothing(slices: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    label, score, patient = slices
    assert cluster_auroc_difference(label, score, score, patient, 1) == (0.0, 0.0, 0.0)
    worse = cluster_auroc_difference(label, score, -score, patient, 1)
    assert worse.value == pytest.approx(2 * auroc(label, score) - 1)


def test_macro_auroc_is_the_mean_over_classes() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, 120)
    probability = rng.random((120, 3)) + np.eye(3)[truth] * 0.5
    found = cluster_macro_auroc(truth, probability, np.arange(120) // 4, 1)
    expected = np.mean([auroc((truth == k).astype(int), probability[:, k]) for k in range(3)])
    assert found.value == pytest.approx(expected)
    assert found.low < found.value < found.high


def test_a_single_class_has_no_interval() -> None:
    with pytest.raises(ValueError, match="resamplings"):
        cluster_auroc(np.ones(20, dtype=np.int64), np.arange(20.0), np.arange(20), 1)


def test_nearly_thousand_slices_take_seconds_not_minutes() -> None:
    rng = np.random.default_rng(1)
    began = time.process_time()
    cluster_auroc(rng.integers(0, 2, 900), rng.random(900), np.arange(900) // 20, 1)
    assert time.process_time() - began < 20
