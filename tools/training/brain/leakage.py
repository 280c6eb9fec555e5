"""What a split by image promises that no patient gets: the same network and the same slices, split in two ways.

Neighbouring slices of one patient are nearly the same picture. Where they lie on both sides of a split, a network is asked
for what it has seen, and its figures say nothing about the next patient. Beside the network stand plain numbers of each picture
with gradient boosting: where they come near to it, the task can be solved without looking at a tumour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.mr_slice import checked, scaled, square
from tools.training.brain import source_leak
from tools.training.brain.data import TYPES, Slice, gliomas, of_split, tumour_types
from tools.training.brain.plain_numbers import boosted, plain_numbers
from tools.training.clusters import cluster_macro_auroc, cluster_mean
from tools.training.run import Arrays, Run, seed_of
from tools.training.scores import Estimate, Floats, Ints

Progress = Callable[[str], None]

SIDE, FOLDS, BATCH = 64, 3, 32
FILTERS = (16, 32, 64)
RATE, MOMENTUM = 2e-3, 0.8
IMAGE, PATIENT = "by image", "by patient"
NOTE = (
    "Every slice is scored by a network that was not trained on it; one run. Jun Cheng: the patients of the validation and "
    "test splits, since those of the training split are not known. LGG: every second slice. Intervals: 95 %, over 10,000 "
    "resamplings of patients, each with all of theirs; they contain neither the choice of folds nor the seed."
)


@dataclass(frozen=True)
class Task:
    """Slices of known patients with their classes."""

    name: str
    image: NDArray[np.float32]
    """[n, 64, 64, channels], 0 to 1."""
    plain: Floats
    """[n, features] (`plain_numbers`)."""
    label: Ints
    patient: NDArray[np.str_]
    epochs: int


def measure(data_dir: Path, progress: Progress = print, *, work_dir: Path, seed: int = 1) -> dict[str, Any]:
    """Return the table: accuracy and macro-AUROC of network and plain numbers for each task and split.

    What is done already in ``work_dir`` is not done again.
    """
    run = Run(work_dir, seed, about={"side": SIDE, "folds": FOLDS, "rate": f"{RATE:g}, cosine"}, progress=progress)
    rows = [row for task in (types(data_dir), lgg(data_dir)) for row in _rows(task, run, progress)]
    return {"protocol": _protocol(seed), "rows": rows, "source": source_leak.measure(data_dir, seed)}


def types(data_dir: Path) -> Task:
    """Return Jun Cheng's slices of known patients: those of the validation and test splits."""
    slices = [one for one in of_split(tumour_types(data_dir), "val", "test") if one.patient]
    label = np.array([TYPES.index(one.kind) for one in slices])
    image = np.stack([_seen(one.grey())[..., None] for one in slices])
    return _task("tumour type, Jun Cheng", slices, image, [one.grey() for one in slices], label, epochs=20)


def lgg(data_dir: Path) -> Task:
    """Return every second LGG slice: is there a tumour in it?"""
    slices = gliomas(data_dir)[::2]
    channels = [one.channels() for one in slices]
    image = np.stack([np.stack([_seen(three[..., k]) for k in range(3)], axis=-1) for three in channels])
    label = np.array([int(one.tumour) for one in slices])
    return _task("tumour or not, LGG", slices, image, [three[..., 1] for three in channels], label, epochs=6)


def folds(task: Task, split: str, seed: int) -> Ints:
    """Return each slice's fold; every class is dealt out in turn, slice by slice or patient by patient."""
    rng = np.random.default_rng(seed)
    unit = np.arange(len(task.label)) if split == IMAGE else np.unique(task.patient, return_inverse=True)[1]
    kind = np.array([np.bincount(task.label[unit == one]).argmax() for one in range(unit.max() + 1)])
    fold = np.empty(len(kind), dtype=np.int64)
    for one in np.unique(kind):
        members = rng.permutation(np.flatnonzero(kind == one))
        fold[members] = (np.arange(len(members)) + one) % FOLDS
    return np.asarray(fold[unit])


def _task(
    name: str, slices: Sequence[Slice], image: NDArray[np.float32], grey: Sequence[NDArray[np.uint8]], label: Ints, epochs: int
) -> Task:
    plain = np.array([plain_numbers(one) for one in grey])
    return Task(name, image, plain, label, np.array([one.patient for one in slices]), epochs)


def _seen(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.zeros((SIDE, SIDE), np.float32) if grey.min() == grey.max() else square(scaled(checked(grey)), SIDE)


def _rows(task: Task, run: Run, progress: Progress) -> list[dict[str, Any]]:
    rows = []
    for split in (IMAGE, PATIENT):
        fold = folds(task, split, run.seed)
        name = f"{task.name}-{split}".replace(" ", "-").replace(",", "")

        def scored(task: Task = task, fold: Ints = fold, name: str = name) -> Arrays:
            return {"probability": _out_of_fold(task, fold, seed_of(run.seed, name))}

        network = run.once(name, scored)["probability"]
        plain = boosted(task.plain, task.label, fold)
        for model, probability in (("small network", network), ("plain numbers", plain)):
            rows.append(_row(task, split, model, probability.astype(np.float64), run.seed))
            value = rows[-1]["macro_auroc"][0]
            progress(f"{task.name}, split {split}, {model}: macro-AUROC {value:.3f}")
    return rows


def _out_of_fold(task: Task, fold: Ints, seed: int) -> Floats:
    """Return the probabilities that networks give which did not see the slice (but perhaps the patient), [n, classes]."""
    classes = int(task.label.max()) + 1
    found = np.empty((len(task.label), classes))
    for held_out in range(FOLDS):
        model = _fitted(task.image[fold != held_out], task.label[fold != held_out], task.epochs, seed + held_out)
        found[fold == held_out] = model.predict(task.image[fold == held_out], batch_size=64, verbose=0)
    return found


def _fitted(image: NDArray[np.float32], label: Ints, epochs: int, seed: int) -> Any:
    import keras

    keras.utils.set_random_seed(seed)
    x = seen = keras.Input(image.shape[1:])
    for filters in FILTERS:
        x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization(momentum=MOMENTUM)(x)
        x = keras.layers.MaxPooling2D()(keras.layers.ReLU()(x))
    x = keras.layers.GlobalAveragePooling2D()(x)
    model = keras.Model(seen, keras.layers.Dense(int(label.max()) + 1, activation="softmax")(x))
    steps = epochs * -(-len(image) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(RATE, steps)  # at a constant one the last steps decide, by chance
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", jit_compile=False)
    model.fit(image, label, epochs=epochs, batch_size=BATCH, verbose=0)
    return model


def _row(task: Task, split: str, model: str, probability: Floats, seed: int) -> dict[str, Any]:
    right = probability.argmax(axis=1) == task.label
    return {
        "task": task.name,
        "split": split,
        "model": model,
        "accuracy": _numbers(cluster_mean(right, task.patient, seed)),
        "macro_auroc": _numbers(cluster_macro_auroc(task.label, probability, task.patient, seed)),
        "slices": len(task.label),
        "patients": len(np.unique(task.patient)),
    }


def _protocol(seed: int) -> dict[str, Any]:
    return {
        "side": SIDE,
        "folds": FOLDS,
        "seed": seed,
        "network": "three convolutions with normalisation and pooling, mean over the picture; no augmentation; Adam, its rate "
        "falling as a cosine",
        "plain_numbers": "twelve numbers of a whole picture (brightness, border, sharpness, symmetry, shape), boosted trees",
        "note": NOTE,
    }


def _numbers(estimate: Estimate) -> list[float]:
    return [round(value, 4) for value in estimate]


def of(rows: Sequence[Mapping[str, Any]], task: str, split: str, model: str) -> Mapping[str, Any]:
    """Return one row of the table."""
    return next(row for row in rows if (row["task"], row["split"], row["model"]) == (task, split, model))
