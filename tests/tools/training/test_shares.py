"""Exact intervals of shares, against tables."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy", reason="scipy comes with the training extra only")

from tools.training.shares import exact_share


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(10, 10, 0.6915, 1.0), (0, 10, 0.0, 0.3085), (5, 10, 0.1871, 0.8129), (990, 1000, 0.9817, 0.9952)],
)
def test_the_interval_is_clopper_and_pearsons(hits: int, n: int, low: float, high: float) -> None:
    found = exact_share(np.arange(n) < hits)
    assert found.value == hits / n
    assert found.low == pytest.approx(low, abs=2e-4)
    assert found.high == pytest.approx(high, abs=2e-4)
