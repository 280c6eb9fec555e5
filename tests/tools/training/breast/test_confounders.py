"""The trivial features by which every score has to be measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.bundle import Bundle, default_bundle
from tests.tools.training.breast.making import SHARED, write_data
from tools.training.breast.thermograms import load, usable_for_scores
from tools.training.scores import auroc

pytest.importorskip("sklearn", reason="scikit-learn comes with the training extra only")

from tools.training.breast import confounders, logistic


def test_a_missing_date_becomes_the_middle_of_its_years(tmp_path: Path) -> None:
    data = load(write_data(tmp_path))
    data.day[0] = np.nan
    same = data.epoch == data.epoch[0]
    assert confounders.date_alone(data)[0, 0] == np.nanmedian(data.day[same])


def test_the_size_of_the_marker_is_seen(tmp_path: Path) -> None:
    data = load(write_data(tmp_path))
    side = confounders.room_framing_marker(data)[:, -1]
    assert side[data.epoch == "2012"].min() > side[data.epoch != "2012"].max()


def test_the_date_tells_the_label_of_the_unmixed_years(tmp_path: Path) -> None:
    data = load(write_data(tmp_path))
    score = logistic.out_of_fold(confounders.date_alone(data), data.label, data.fold)
    assert auroc(data.label[~data.mixed], score[~data.mixed]) == 1.0


def test_the_cards_date_baseline_can_be_remade() -> None:
    if not SHARED.is_dir():
        pytest.skip("the thermograms are not part of the project, and are not beside this checkout")
    data = usable_for_scores(load(SHARED))
    score = logistic.out_of_fold(confounders.date_alone(data), data.label, data.fold)
    card = Bundle.open(default_bundle("breast")).card
    written = next(figure for figure in card.baselines if figure.subject == "date alone" and figure.evidence)
    assert auroc(data.label[data.mixed], score[data.mixed]) == pytest.approx(written.value, abs=1e-4)
