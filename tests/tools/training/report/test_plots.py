"""The curves are right, and each plot is a picture of something."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from tools.training.evaluation import Binary, Classified, Evaluation, Spread
from tools.training.report.plots import draw, precision_recall_curve, roc_curve
from tools.training.scores import auroc

pytest.importorskip("matplotlib", reason="matplotlib comes with the training extra only")


def scores(n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    label = rng.integers(0, 2, n)
    return label, np.round(1 / (1 + np.exp(-(label - 0.5 + rng.normal(size=n)))), 2)


def test_the_area_under_the_curve_is_the_auroc() -> None:
    label, score = scores()
    across, up = roc_curve(label, score)
    assert np.trapezoid(up, across) == pytest.approx(auroc(label, score))
    assert (across[0], up[0], across[-1], up[-1]) == (0, 0, 1, 1)


def test_precision_and_recall_of_a_few_cases() -> None:
    recall, precision = precision_recall_curve(np.array([1, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1]))
    assert recall.tolist() == [0, 0.5, 0.5, 1, 1]
    assert precision.tolist() == [1, 1, 0.5, pytest.approx(2 / 3), 0.5]


def test_every_kind_of_plot_is_drawn_and_the_same_again() -> None:
    label, score = scores()
    probability = np.random.default_rng(1).dirichlet([1, 1, 1], 60)
    evaluation = Evaluation(
        [],
        binaries=(Binary("unseen patients", label, score, 0.5),),
        classified=(Classified("unseen patients", ("meningioma", "glioma", "pituitary"), np.arange(60) % 3, probability, 0.5),),
        spreads=(Spread("Dice", np.random.default_rng(2).random(50)), Spread("distance", np.array([1.0, np.inf, 3.0]), "px")),
    )
    plots = list(draw(evaluation))
    assert [name for name, _, _ in plots] == [
        "roc-0.png",
        "precision-recall-0.png",
        "calibration-0.png",
        "risk-coverage-0.png",
        "classes-confusion-0.png",
        "classes-roc-0.png",
        "classes-calibration-0.png",
        "classes-risk-coverage-0.png",
        "spread-0.png",
        "spread-1.png",
    ]
    for _, caption, png in plots:
        assert png.startswith(b"\x89PNG")
        assert min(struct.unpack(">II", png[16:24])) > 400
        assert "n = " in caption
    assert plots == list(draw(evaluation))
