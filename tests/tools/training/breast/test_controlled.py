"""What remains of a score once the confounders are controlled, on data of which the answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from tools.training.breast import controlled
from tools.training.breast.controlled import Controlled, control, logistic_fit


@pytest.fixture(autouse=True)
def _fewer_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controlled, "DRAWS", 300)


def controlled_of(of_disease: float, of_confounder: float, n: int = 600) -> Controlled:
    """A label that follows a confounder by half, and a score with so much of the label itself and of the confounder."""
    rng = np.random.default_rng(1)
    confounder = rng.normal(size=n)
    disease = rng.normal(size=n)
    label = (confounder + disease + 0.5 * rng.normal(size=n) > 0).astype(np.int64)
    score = of_disease * disease + of_confounder * confounder + rng.normal(size=n)
    noise = rng.normal(size=n)
    return control(label, np.arange(n) % 4, score, np.stack([confounder, noise], axis=1), confounder, seed=1)


def test_a_score_that_only_knows_the_confounder_adds_nothing() -> None:
    found = controlled_of(0.0, 2.0)
    assert found.gain.low <= 0.0 <= found.gain.high + 0.01
    assert found.adjusted.low < 0.5 < found.adjusted.high
    assert found.matched.value < 0.62
    assert found.p_value > 0.01


def test_a_score_that_knows_the_disease_keeps_its_worth() -> None:
    found = controlled_of(1.0, 0.0)
    assert found.gain.low > 0.02
    assert found.adjusted.low > 0.65
    assert found.matched.low > 0.65
    assert found.p_value < 1e-6
    assert found.pairs > 1000


def test_the_p_value_is_that_of_chi_squared() -> None:
    import math

    assert math.erfc(math.sqrt(3.841 / 2)) == pytest.approx(0.05, abs=1e-4)


def test_logistic_weights_are_those_that_made_the_labels() -> None:
    rng = np.random.default_rng(2)
    design = np.concatenate([np.ones((20_000, 1)), rng.normal(size=(20_000, 2))], axis=1)
    truth = np.array([-0.4, 1.2, -0.7])
    label = (rng.random(20_000) < 1 / (1 + np.exp(-design @ truth))).astype(np.int64)
    np.testing.assert_allclose(logistic_fit(design, label), truth, atol=0.06)
