from __future__ import annotations

import numpy as np
import pytest

from models.anomaly_input import SIDE
from models.anomaly_scores import Image, Score
from tools.training.brain.anomaly import baselines, figures, measure, reading
from tools.training.brain.anomaly.slices import Slices

RNG = np.random.default_rng(3)


def made_up(n: int, seed: int) -> Slices:
    """Return noise, in every other slice of which a place is brighter; four patients."""
    rng = np.random.default_rng(seed)
    image, mask = rng.normal(0, 0.1, (n, SIDE, SIDE)).astype(np.float32), np.zeros((n, SIDE, SIDE), dtype=bool)
    mask[1::2, 20:30, 30:40] = True
    return Slices(
        image=image + 0.5 * mask.astype(np.float32),
        mask=mask,
        label=(np.arange(n) % 2).astype(np.int64),
        patient=(np.arange(n) % 4 // 1 + 4 * (np.arange(n) % 2)).astype(np.int64) // 2,
        position=np.linspace(0, 1, n),
        brightness=rng.normal(100, 1, n),
    )


def flat(image: Image) -> tuple[Image, Image]:
    """Return nothing but grey, and a latent of nothing: what is anomalous stays in the residual."""
    return np.zeros_like(image), image.reshape(SIDE, SIDE).mean(axis=0)


def test_what_was_not_learnt_is_found_where_it_is() -> None:
    train, test = made_up(60, 1), made_up(40, 2)
    statistics = measure.fit_statistics(measure.residuals(train.image[train.label == 0], flat))
    assert statistics.slices == 30
    found = figures.find(flat, statistics, train, test, dice_from=1.0)
    read_as, curve = reading.choose(Score.Z_SCORE, test.label, found.test.score[Score.Z_SCORE], wobble=0.01)
    rows = {(row["name"], row["subject"], row["population"]): row for row in figures.metrics(found, read_as, seed=1)}
    assert rows["auroc", "this model", figures.LGG]["value"] == 1.0
    assert rows["pixel_auroc", "this model", figures.ILL]["value"] > 0.99
    assert rows["dice", "this model", figures.ILL]["value"] > 0.7
    assert rows["sensitivity", "this model", figures.LGG]["value"] == 1.0
    assert 0.8 <= rows["specificity", "this model", figures.LGG]["value"] <= 1.0
    assert not rows["auroc", "z-score with statistics by position", figures.CENTRAL]["evidence"]
    assert curve[0].coverage == 1
    beside = {
        row["subject"]: row["value"] for row in figures.baseline_figures(found, seed=1) if row["population"] == figures.LGG
    }
    assert 0.3 < beside["brightness of the stored picture"] < 0.7
    assert beside["z-score of brightness without autoencoders"] == 1.0
    games = figures.explanation(found, seed=1)
    assert games[0]["value"] == 1.0
    assert games[0]["chance"] == pytest.approx(100 / SIDE**2)


def test_the_threshold_is_a_quantile_of_slices_without_a_tumour() -> None:
    label = np.repeat([0, 1], 200)
    score = np.where(label == 1, 3.0, 0.0) + RNG.normal(0, 1, 400)
    read_as, _ = reading.choose(Score.RESIDUAL, label, score, wobble=0.1)
    assert (~read_as.called(score))[label == 0].mean() == pytest.approx(reading.HEALTHY_BELOW, abs=0.01)
    assert read_as.low < read_as.threshold < read_as.high
    assert read_as.answered(score).mean() >= 0.75


def test_a_reading_survives_its_card() -> None:
    read_as = reading.Reading(Score.LATENT, 1.5, -2.0, 0.4, 0.3, 0.5)
    document = {
        "score": {"used": "latent"},
        "calibration": {"slope": 1.5, "intercept": -2.0},
        "threshold": {"probability": 0.4},
        "abstain": {"low": 0.3, "high": 0.5},
    }
    assert reading.of_card(document) == read_as


def test_statistics_shrink_towards_equal_and_independent_places() -> None:
    few = measure.fit_statistics(RNG.normal(0, 0.1, (5, SIDE, SIDE)).astype(np.float32))
    assert np.isfinite(few.precision).all(), "five slices have no covariance of 64 places that could be inverted as it is"
    assert (np.linalg.eigvalsh(few.precision.astype(np.float64)) > 0).all()
    assert few.deviation.min() == np.float32(measure.LEAST_DEVIATION)


def test_position_alone_is_what_the_training_slices_tell_about_a_place() -> None:
    train = made_up(200, 4)._replace(label=(np.linspace(0, 1, 200) > 0.5).astype(np.int64))
    test = made_up(3, 5)._replace(position=np.array([0.1, 0.5, 0.9]))
    low, middle, high = baselines.position_alone(train, test)
    assert low < 0.05
    assert middle == pytest.approx(0.5, abs=0.05)
    assert high > 0.95


def test_statistics_by_position_know_what_is_usual_at_a_place() -> None:
    position = np.linspace(0, 1, 100)
    healthy = RNG.normal(0, 0.1, (100, SIDE, SIDE)).astype(np.float32)
    healthy[position >= 0.8] += 0.5
    low, high = baselines.by_position(healthy, position, healthy[[-1, -1]], np.array([0.1, 0.95]))
    assert high < 1 < low
