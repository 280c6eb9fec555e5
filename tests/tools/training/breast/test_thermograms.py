"""Reading the data, and saying what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.tools.training.breast.making import write_data
from tools.training.breast.thermograms import (
    ARRAYS,
    MANIFEST,
    load,
    usable_for_scores,
)
from tools.training.errors import TrainingDataMissing, TrainingDataUnusable


def test_a_data_set_is_read(tmp_path: Path) -> None:
    data = load(write_data(tmp_path))
    assert data.celsius.shape == (32, 120, 160)
    assert 15 < data.celsius.min() < data.celsius.max() < 40
    assert int(data.mixed.sum()) == 16
    assert np.isfinite(data.day).all()


@pytest.mark.parametrize("name", [ARRAYS, MANIFEST])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    (write_data(tmp_path) / name).unlink()
    with pytest.raises(TrainingDataMissing, match=name):
        load(tmp_path)


def test_a_manifest_of_another_length_is_refused(tmp_path: Path) -> None:
    manifest = write_data(tmp_path) / MANIFEST
    manifest.write_text("".join(manifest.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(TrainingDataUnusable, match="31 rows"):
        load(tmp_path)


@pytest.mark.parametrize(("date", "known"), [("2013-11-08", True), ("2013-11-08?", True), ("", False), ("soon", False)])
def test_a_date_may_be_doubtful_or_missing(tmp_path: Path, date: str, known: bool) -> None:
    manifest = write_data(tmp_path) / MANIFEST
    lines = manifest.read_text().splitlines()
    manifest.write_text("\n".join([lines[0], f"0,{date}", *lines[2:]]))
    assert np.isfinite(load(tmp_path).day[0]) == known


def test_disputed_unrecommended_and_foldless_images_are_left_out(tmp_path: Path) -> None:
    data = load(write_data(tmp_path))
    data.label[0], data.fold[1], data.recommended[2] = -1, -1, False
    assert len(usable_for_scores(data)) == len(data) - 3


def test_a_patient_with_two_images_is_refused(tmp_path: Path) -> None:
    data = load(write_data(tmp_path))
    data.patient[5] = data.patient[4]
    with pytest.raises(TrainingDataUnusable, match="more than one thermogram"):
        usable_for_scores(data)
