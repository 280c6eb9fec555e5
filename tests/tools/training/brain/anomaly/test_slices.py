from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.anomaly_input import SIDE
from tests.tools.training.brain.anomaly.making import SLICES, data
from tools.training.brain.anomaly.slices import augmented, load
from tools.training.errors import TrainingDataUnusable


def test_a_split_has_its_own_slices_with_outlines_in_the_same_frame(tmp_path: Path) -> None:
    found = load(data(tmp_path), "val")
    assert found.image.shape == (2 * SLICES, SIDE, SIDE)
    assert list(found.label) == [0, 1] * SLICES
    assert found.mask[found.label == 0].sum() == 0
    assert found.position[0] == 0
    assert found.position[SLICES - 1] == 1
    assert found.central.sum() == 8
    ill = found.only(found.label == 1)
    inside = [image[mask].mean() for image, mask in zip(ill.image, ill.mask, strict=True)]
    assert min(inside) > 0.8, "the lesion is the brightest tissue, where its outline says"


def test_a_split_without_tumours_is_of_no_use(tmp_path: Path) -> None:
    folder = data(tmp_path)
    manifest = folder / "seg_lgg" / "manifest.csv"
    lines = manifest.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not (line.endswith(",val") and ",1,val" in line)]
    manifest.write_text("\n".join(kept), encoding="utf-8")
    with pytest.raises(TrainingDataUnusable, match="with and without tumour in the split 'val'"):
        load(folder, "val")


def test_augmentation_changes_a_slice_a_little_and_the_same_seed_alike(tmp_path: Path) -> None:
    images = load(data(tmp_path), "train").image
    once, again = (augmented(images, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(once, again)
    assert once.dtype == np.float32
    assert np.abs(once).max() <= 1
    unlike = [min(np.abs(new - old).mean(), np.abs(new[:, ::-1] - old).mean()) for new, old in zip(once, images, strict=True)]
    assert min(unlike) > 0.005
    assert max(unlike) < 0.3
