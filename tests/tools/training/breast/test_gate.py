"""The gate's limits are fitted to some patients and measured on others."""

from __future__ import annotations

import numpy as np

from models.gate import Gate, features
from tests.models.making import chest
from tools.training.breast import impostors
from tools.training.breast.gate import CEILINGS, fit_limits, measure


def test_limits_enclose_what_they_were_fitted_to() -> None:
    views = [chest(seed, skin_c=31 + seed % 5) for seed in range(20)]
    gate = Gate(fit_limits([features(image) for image in views]))
    assert all(gate.refusal(image) is None for image in views)


def test_the_report_covers_every_kind_of_impostor() -> None:
    views = [chest(seed, skin_c=31 + seed % 5) for seed in range(40)]
    report = measure(views, np.arange(40) // 2, seed=1)
    assert set(report.refused) == set(impostors.MAKERS)
    assert report.refused["empty room"] == 1.0
    assert report.refused["chest in kelvin"] == 1.0
    assert report.accepted > 0.8
    assert all(report.limits[name][1] == ceiling for name, ceiling in CEILINGS.items())
