from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.tools.training.brain.type.making import made_up
from tools.training.brain.type.augment import varied
from tools.training.brain.type.pictures import load
from tools.training.errors import TrainingDataMissing


def test_a_split_is_read_with_its_masks_on_the_same_grid(tmp_path: Path) -> None:
    pictures = load(made_up(tmp_path), "test", 64)
    assert pictures.image.shape == pictures.mask.shape == (18, 64, 64)
    assert len(pictures) == 18
    assert np.bincount(pictures.label).tolist() == [6, 6, 6]
    assert len(np.unique(pictures.patient)) == 9
    assert pictures.image.min() >= 0
    assert pictures.image.max() <= 1
    assert pictures.mask.reshape(18, -1).max(axis=1) == pytest.approx(1)


def test_the_training_patients_are_not_known(tmp_path: Path) -> None:
    assert set(load(made_up(tmp_path), "train", 64).patient) == {""}


def test_data_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataMissing, match="manifest"):
        load(tmp_path, "train", 64)


def test_a_varied_picture_keeps_its_tumour_under_its_mask(tmp_path: Path) -> None:
    mask = np.zeros((64, 64), dtype=np.float32)
    mask[40:50, 12:22] = 1
    image = np.where(mask > 0, 1.0, 0.2).astype(np.float32)
    for seed in range(20):
        other, moved = varied(image, mask, np.random.default_rng(seed))
        assert other.dtype == np.float32
        assert other.min() >= 0
        assert other.max() <= 1
        assert other[moved > 0.9].mean() > 1.5 * np.median(other[moved == 0])
        assert np.mean(np.nonzero(moved)[0]) > 32, "never upside down"


def test_the_same_random_numbers_give_the_same_picture() -> None:
    image = np.random.default_rng(0).random((32, 32), dtype=np.float32)
    first, second = (varied(image, image, np.random.default_rng(7))[0] for _ in range(2))
    assert np.array_equal(first, second)
