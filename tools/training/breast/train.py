"""Trains the breast bundle (`firstlight train breast`).

The data is confounded: outside 2013-2015 the label follows from the date, and within these years date, room temperature,
framing and the size of a metal marker still tell much of it. So choice, calibration, threshold and every figure that counts
use out-of-fold scores of 2013-2015 alone, and the card puts what the confounders reach beside what the network reaches.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.bundle import CARD, MODEL, SUMS, Bundle, write_sums
from models.preprocess import relative
from tools.training import toml
from tools.training.breast import confounders, gate
from tools.training.breast.card import Findings, write_card
from tools.training.breast.crossval import CrossValidation, Patients
from tools.training.breast.marker import paint_over
from tools.training.breast.thermograms import Thermograms, load, usable_for_scores
from tools.training.breast.views import NOMINAL, full_frame, prepare, random_framing, random_views, view
from tools.training.errors import ModelTooLarge, PlaceTaken
from tools.training.operating import choose
from tools.training.scores import Floats

Images = NDArray[np.float32]
Progress = Callable[[str], None]

TRAINING_VIEWS = 40
EPOCHS = 8
REPEATS = 20
"""Random views of each patient on which it is counted how often the answer changes."""
GATE_VIEWS = 4
MODEL_LIMIT = 100_000
"""Bytes; a kiosk's promise."""


def train(data_dir: Path, out_dir: Path, seed: int = 1, progress: Progress = print) -> None:
    """Train, measure, and write the bundle to ``out_dir``, which is replaced if it is a bundle already.

    The same seed gives the same bundle on the same machine. Takes some minutes on one core.

    Raises `TrainingDataMissing`, `TrainingDataUnusable`, `CalibrationFailed`, `ModelTooLarge`, or `PlaceTaken` where
    ``out_dir`` holds something that is no bundle. Nothing is written in these cases.
    """
    if out_dir.exists() and not (out_dir / SUMS).is_file():
        raise PlaceTaken(f"{out_dir} exists and is no bundle; give another --out")
    from tools.training.breast import network

    network.set_up(seed)
    everything = load(data_dir)
    data = usable_for_scores(everything)
    rng = np.random.default_rng(seed)
    prepared = [prepare(paint_over(celsius)) for celsius in data.celsius]
    progress(f"{len(data)} patients, {int(data.mixed.sum())} of them in the years with both classes")
    validation = CrossValidation(_patients(data, prepared, rng), network, epochs=EPOCHS, seed=seed, progress=progress)
    findings = _measure(validation, data, everything, prepared, rng, seed)
    final = validation.fitted(findings.shipped, ())
    if len(final.int8) > MODEL_LIMIT:
        raise ModelTooLarge(f"the network takes {len(final.int8)} bytes; at most {MODEL_LIMIT} are allowed")
    _write(out_dir, final.int8, toml.dumps(write_card(findings)))
    progress(f"wrote {out_dir} ({len(final.int8)} bytes, {findings.shipped.name})")


def _patients(data: Thermograms, prepared: list[Images], rng: np.random.Generator) -> Patients:
    return Patients(
        training=np.stack([random_views(image, TRAINING_VIEWS, rng) for image in prepared]),
        nominal=np.stack([relative(view(image, NOMINAL, rng)) for image in prepared]),
        label=data.label,
        fold=data.fold,
        mixed=data.mixed,
    )


def _measure(
    validation: CrossValidation,
    data: Thermograms,
    everything: Thermograms,
    prepared: list[Images],
    rng: np.random.Generator,
    seed: int,
) -> Findings:
    nominal = validation.patients.nominal
    nested = validation.out_of_fold(lambda k: validation.choose((k,)), nominal)
    shipped = validation.choose(())
    own = validation.out_of_fold(lambda _: shipped, nominal)
    views = [np.stack([random_views(image, 1, rng)[0] for image in prepared]) for _ in range(REPEATS)]
    repeats = np.stack([validation.out_of_fold(lambda _: shipped, images).quantised for images in views], axis=1)
    whole = np.stack([relative(full_frame(celsius, rng)) for celsius in data.celsius])
    mixed = data.mixed
    return Findings(
        data=data,
        nested=nested,
        own=own,
        full_frame=validation.out_of_fold(lambda _: shipped, whole),
        repeats=repeats,
        operating=choose(data.label[mixed], own.quantised[mixed], float(np.median(repeats[mixed].std(axis=1)))),
        baselines=_baselines(data, seed),
        gate=_gate(everything, rng, seed),
        shipped=shipped,
        seed=seed,
    )


def _baselines(data: Thermograms, seed: int) -> dict[str, Floats]:
    date, traces = confounders.date_alone(data), confounders.room_framing_marker(data)
    features = {
        "date alone": date,
        "room temperature, framing and marker size": traces,
        "date, room temperature, framing and marker size": np.hstack([date, traces]),
        "left-right asymmetry (logistic regression, 24×32)": confounders.asymmetry(data, seed),
    }
    return {name: confounders.out_of_fold(table, data.label, data.fold) for name, table in features.items()}


def _gate(everything: Thermograms, rng: np.random.Generator, seed: int) -> gate.GateReport:
    """Use every thermogram, also those without a usable label: whether it is a chest does not depend on it."""
    views, owner = [], []
    for patient, celsius in zip(everything.patient, everything.celsius, strict=True):
        prepared = prepare(paint_over(celsius))
        own = [view(prepared, random_framing(rng), rng) for _ in range(GATE_VIEWS)]
        views += [*own, full_frame(celsius, rng)]
        owner += [patient] * (GATE_VIEWS + 1)
    return gate.measure(views, np.array(owner), seed)


def _write(out_dir: Path, model: bytes, card: str) -> None:
    """Make the bundle beside its place, check it as a kiosk would, and only then put it there."""
    out_dir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out_dir.parent) as folder:
        made = Path(folder) / "bundle"
        made.mkdir()
        (made / MODEL).write_bytes(model)
        (made / CARD).write_text(card, encoding="utf-8")
        write_sums(made)
        Bundle.open(made)
        if out_dir.exists():
            shutil.move(out_dir, Path(folder) / "previous")
        shutil.move(made, out_dir)
