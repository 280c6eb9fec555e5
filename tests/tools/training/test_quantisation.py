"""The gate that keeps a ruined network out of a bundle."""

from __future__ import annotations

import numpy as np
import pytest

from tools.training.errors import QuantisationTooLossy
from tools.training.quantisation import allowed_loss, require, section


@pytest.mark.parametrize("metric", ["accuracy", "auroc", "macro_auroc", "dice", "AUROC of slices"])
def test_half_a_point_is_allowed_and_more_is_not(metric: str) -> None:
    require(metric, 0.9, 0.895)
    require(metric, 0.9, 0.95)
    with pytest.raises(QuantisationTooLossy, match=r"from 0\.9000 to 0\.8940"):
        require(metric, 0.9, 0.894)


def test_no_number_is_too_lossy() -> None:
    with pytest.raises(QuantisationTooLossy):
        require("auroc", 0.9, float("nan"))


def test_an_unknown_metric_has_no_rule() -> None:
    with pytest.raises(ValueError, match="no rule for beauty"):
        allowed_loss("beauty")


def test_the_section_counts_flipped_decisions() -> None:
    found = section("int8", "auroc", 0.9, 0.899, np.array([True, False, False]), "made up")
    assert found["decisions_flipped"] == 1
    assert found["decisions"] == 3
    assert found["allowed_loss"] == 0.005
    with pytest.raises(QuantisationTooLossy):
        section("int8", "auroc", 0.9, 0.8, np.zeros(3, bool), "made up")
