from __future__ import annotations

import numpy as np
import pytest

from tools.training.brain.lesion.measure import Measured
from tools.training.brain.lesion.reading import WANTED_SENSITIVITY, Reading, choose, of_card
from tools.training.operating import LEAST_COVERAGE


def measured(seed: int, n: int = 300, apart: float = 2.0) -> Measured:
    """Return slices whose score says something about their label."""
    rng = np.random.default_rng(seed)
    label = (np.arange(n) % 3 == 0).astype(np.int64)
    nothing, never = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=bool)
    return Measured(
        patient=np.array([f"p{index % 8}" for index in range(n)]),
        kind=np.full(n, "lgg"),
        position=np.linspace(0, 1, n),
        label=label,
        score=rng.normal(0, 1, n) + apart * label,
        dice=np.where(label == 1, 0.8, np.nan),
        distance_px=np.full(n, np.nan),
        shared=nothing,
        found=nothing,
        truth=nothing,
        pointed=never,
        chance=np.zeros(n),
    )


def test_the_threshold_keeps_the_wanted_sensitivity() -> None:
    found = measured(1)
    reading, _ = choose(found, 0.2)
    assert reading.called(found.score)[found.seen].mean() >= WANTED_SENSITIVITY
    higher = reading._replace(threshold=reading.threshold + 0.03)
    assert higher.called(found.score)[found.seen].mean() < WANTED_SENSITIVITY + 0.02


def test_a_steadier_network_abstains_less() -> None:
    found = measured(1)
    narrow, wide = (choose(found, wobble)[0] for wobble in (0.05, 0.3))
    assert wide.low < narrow.low < narrow.threshold < narrow.high < wide.high
    assert narrow.answered(found.score).mean() > wide.answered(found.score).mean()


def test_the_band_never_takes_more_than_a_quarter() -> None:
    found = measured(1)
    reading, _ = choose(found, 50.0)
    assert reading.answered(found.score).mean() >= LEAST_COVERAGE - 1 / len(found)


def test_answers_are_right_more_often_where_fewer_are_given() -> None:
    _, curve = choose(measured(2), 0.2)
    assert curve[0].coverage == 1.0
    assert curve[-1].risk < curve[0].risk


def test_a_reading_is_what_the_card_says_to_its_last_digit() -> None:
    reading, _ = choose(measured(3), 0.2)
    document = {
        "calibration": {"slope": reading.slope, "intercept": reading.intercept},
        "threshold": {"probability": reading.threshold},
        "abstain": {"low": reading.low, "high": reading.high},
        "series": [
            {"names": ["flair"], "slope": 2.0, "intercept": 0.5, "threshold": 0.4, "low": 0.3, "high": 0.5},
        ],
    }
    assert of_card(document) == {("t1", "flair", "t1c"): reading, ("flair",): Reading(2.0, 0.5, 0.4, 0.3, 0.5)}
    assert all(round(value, 4) == value for value in reading)


def test_rows_are_chosen_in_every_column() -> None:
    found = measured(1)
    part = found.where(found.seen)
    assert len(part) == 100
    assert part.seen.all()
    assert part.score == pytest.approx(found.score[found.label == 1])
