"""Trains the breast bundle (`firstlight train breast`).

The data is confounded: outside 2013-2015 the label follows from the date, and within these years date, room temperature,
framing and the size of a metal marker still tell much of it. So choice, calibration, threshold and every figure that counts
use out-of-fold scores of 2013-2015 alone, and the card puts what the confounders reach beside what the model reaches, and what
is left of it once they are controlled.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drivers.sim.body import Torso
from models.preprocess import network_input
from tools.training.breast.card import write_card
from tools.training.breast.findings import Findings, measure
from tools.training.breast.patients import JUDGED_VIEWS, REPEATS, TRAINING_VIEWS, fingerprint, make_patients, prepare_all
from tools.training.breast.thermograms import Thermograms, load, usable_for_scores
from tools.training.cards import check_place, write_bundle
from tools.training.errors import ModelTooLarge
from tools.training.progress import Say
from tools.training.run import Run, set_up

MODEL_LIMIT = 100_000
"""Bytes; a kiosk's promise."""


def train(data_dir: Path, out_dir: Path, *, seed: int, work_dir: Path, progress: Say = print) -> None:
    """Train, measure, and write the bundle to ``out_dir``, which is replaced if it is a bundle already.

    The same seed gives the same bundle on the same machine, interrupted or not. Takes a quarter of an hour on one core.

    Raises `TrainingDataMissing`, `TrainingDataUnusable`, `CalibrationFailed`, `QuantisationTooLossy`, `ModelTooLarge`, or
    `PlaceTaken` where ``out_dir`` holds something that is no bundle. Nothing is written in these cases.
    """
    check_place(out_dir)
    findings, network = found(data_dir, seed, work_dir, progress)
    if len(network) > MODEL_LIMIT:
        raise ModelTooLarge(f"the network takes {len(network)} bytes; at most {MODEL_LIMIT} are allowed")
    write_bundle(out_dir, network, write_card(findings), golden_inputs())
    progress(f"wrote {out_dir} ({len(network)} bytes, {findings.shipped.name})")


def found(data_dir: Path, seed: int, work_dir: Path, progress: Say) -> tuple[Findings, bytes]:
    """Return everything that was measured, and the network that is shipped."""
    from tools.training.breast.backend import Trained
    from tools.training.breast.crossval import CrossValidation

    set_up(seed)
    data = usable_for_scores(load(data_dir))
    progress(f"{len(data)} patients, {int(data.mixed.sum())} of them in the years with both classes")
    run = begun(work_dir, seed, data)
    prepared = prepare_all(data)
    validation = CrossValidation(make_patients(data, prepared, seed), Trained(run, progress=progress))
    findings = measure(validation, data, prepared, seed, progress)
    return findings, validation.fitted(findings.shipped, ()).file


def begun(work_dir: Path, seed: int, data: Thermograms) -> Run:
    """Return the run in ``work_dir``: it is refused there for other patients, views or epochs."""
    from tools.training.breast.backend import EPOCHS

    about = {"data": fingerprint(data), "views": (TRAINING_VIEWS, JUDGED_VIEWS, REPEATS), "epochs": EPOCHS}
    return Run(work_dir, seed, about=about, progress=lambda _: None)


def golden_inputs() -> NDArray[np.float32]:
    """Return made-up network inputs, [12, 24, 32, 2]: simulated torsos, and noise."""
    torsos = [
        network_input(Torso(seed=seed, asymmetry_k=seed / 3).celsius_at(0.0, 20.0 + seed / 2).astype(np.float32))
        for seed in range(8)
    ]
    noise = np.random.default_rng(1).uniform(-1, 1, (4, *torsos[0].shape)).astype(np.float32)
    return np.concatenate([np.stack(torsos), noise])
