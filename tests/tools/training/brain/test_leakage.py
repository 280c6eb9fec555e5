from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn comes with the training extra only")

from tools.training.brain import source_leak
from tools.training.brain.leakage import FOLDS, IMAGE, PATIENT, Task, folds, measure
from tools.training.brain.phantom import head_phantom
from tools.training.brain.plain_numbers import boosted, plain_numbers
from tools.training.errors import TrainingDataMissing


def task(patients: int = 30, slices: int = 6) -> Task:
    """Return slices whose plain numbers tell the patient, and the class only through the patient."""
    rng = np.random.default_rng(0)
    patient = np.repeat(np.arange(patients), slices)
    label = (patient % 2).astype(np.int64)
    own = rng.normal(0, 1, (patients, 4))
    plain = own[patient] + rng.normal(0, 0.01, (len(patient), 4))
    image = np.zeros((len(patient), 8, 8, 1), dtype=np.float32)
    return Task("made up", image, plain, label, patient.astype(str), epochs=1)


def test_a_split_by_patient_keeps_each_patient_together() -> None:
    made = task()
    fold = folds(made, PATIENT, seed=1)
    assert all(len(set(fold[made.patient == one])) == 1 for one in set(made.patient))


def test_a_split_by_image_tears_patients_apart() -> None:
    made = task()
    fold = folds(made, IMAGE, seed=1)
    assert sum(len(set(fold[made.patient == one])) > 1 for one in set(made.patient)) > 25


@pytest.mark.parametrize("split", [IMAGE, PATIENT])
def test_every_fold_has_its_share_of_every_class(split: str) -> None:
    made = task()
    fold = folds(made, split, seed=1)
    shares = np.array([np.bincount(made.label[fold == one], minlength=2) for one in range(FOLDS)])
    assert shares.min() >= 24
    assert shares.max() <= 36


def test_what_tells_only_the_patient_looks_good_by_image_and_is_chance_by_patient() -> None:
    made = task()
    right = {}
    for split in (IMAGE, PATIENT):
        found = boosted(made.plain, made.label, folds(made, split, seed=1))
        right[split] = (found.argmax(axis=1) == made.label).mean()
    assert right[IMAGE] > 0.9
    assert right[PATIENT] < 0.75


def test_plain_numbers_tell_brightness_and_shape() -> None:
    dark, bright = (plain_numbers(np.full((40, 60), shade, np.uint8)) for shade in (10, 200))
    assert len(dark) == 12
    assert (dark[0], bright[0], bright[1], bright[-1]) == (10, 200, 0, 1.5)


def test_a_source_is_told_by_plain_numbers(tmp_path: Path) -> None:
    rows = ["file,class,tumor,source,split"]
    for index in range(120):
        tumour = index % 2
        name = f"classification/{index}.png"
        image = head_phantom(index, 64)[0] * (250 if tumour else 120)
        (tmp_path / name).parent.mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / name), image.astype(np.uint8))
        source = ("juncheng" if index % 4 == 1 else "br35h") if tumour else "sartaj"
        rows.append(f"{name},any,{tumour},{source},{'test' if index % 3 == 0 else 'train'}")
    (tmp_path / "classification/manifest.csv").write_text("\n".join(rows), encoding="utf-8")
    found = source_leak.measure(tmp_path, seed=1)
    assert [row["task"] for row in found] == list(source_leak.PAIRS)
    assert all(row["auroc"][0] > 0.95 for row in found)
    assert found[0]["tumours"] + found[1]["tumours"] == 20


def test_data_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataMissing, match="manifest"):
        source_leak.measure(tmp_path, 1)
    with pytest.raises(TrainingDataMissing, match="manifest"):
        measure(tmp_path, work_dir=tmp_path / "work")
