"""Trains the anomaly bundle (`firstlight train brain-anomaly`).

The autoencoders learn from the training patients' slices without a tumour alone. Which score answers, how it is read and how
the network is quantised is chosen on the validation patients; the test patients are asked once.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models import anomaly_scores, drift
from models.anomaly_input import prepared
from models.anomaly_scores import Score, Statistics
from models.brain_anomaly import STATISTICS, Autoencoders
from tools.training.brain.anomaly import figures, measure, reading
from tools.training.brain.anomaly.card import Choices, write_card
from tools.training.brain.anomaly.measure import Measured
from tools.training.brain.anomaly.slices import Slices, load, pictures
from tools.training.brain.data import FLAIR
from tools.training.brain.phantom import head_phantom
from tools.training.cards import check_place, write_bundle
from tools.training.clusters import auroc_of
from tools.training.convert import Kind, to_tflite
from tools.training.errors import QuantisationTooLossy, TrainingDataUnusable
from tools.training.progress import Say
from tools.training.quantisation import require, section
from tools.training.run import Run, set_up

COMMAND = "firstlight train brain-anomaly --data DIR --out DIR"
KINDS = (Kind.INT8, Kind.INT16X8, Kind.FLOAT32)
"""The first that loses little enough is shipped."""
EXAMPLES = 200
"""Training slices from which the converter takes the ranges of the activations."""
GOLDEN = 8
DRIFT_SLICES = 400


class Candidate(NamedTuple):
    """One converted network with statistics and answers of its own."""

    kind: Kind
    model: bytes
    network: Autoencoders
    statistics: Statistics
    validation: Measured

    def auroc(self, score: Score) -> float:
        return auroc_of(self.validation.slices.label, self.validation.score[score])


def train(data_dir: Path, out_dir: Path, *, seed: int, work_dir: Path, progress: Say, epochs: int | None = None) -> None:
    """Train, measure, and write the bundle to ``out_dir``, going on from ``work_dir``.

    Raises a `tools.training.errors.TrainingError`; then nothing is written to ``out_dir``.
    """
    check_place(out_dir)
    set_up(seed)
    from tools.training.brain.anomaly import network

    learnt, validation = load(data_dir, "train"), load(data_dir, "val")
    healthy = learnt.image[learnt.label == 0]
    if len(healthy) < anomaly_scores.FEWEST_SLICES:
        raise TrainingDataUnusable(
            f"{data_dir} has {len(healthy)} training slices without a tumour; at least {anomaly_scores.FEWEST_SLICES} are "
            "needed, so that no average shows a single person"
        )
    progress(f"{len(healthy)} slices without a tumour to train on")
    length = network.EPOCHS if epochs is None else epochs
    daegan = network.fit(healthy, epochs=length, run=run_in(healthy, work_dir, seed, progress))
    model = daegan.shipped()
    model.save(work_dir / "brain-anomaly.keras")
    shipped, chosen = choose(model, healthy, validation, _drift_images(data_dir), seed, progress)
    found = figures.find(shipped.network, shipped.statistics, learnt, load(data_dir, "test"), chosen.dice_from)
    training = {"command": COMMAND, "seed": seed, "epochs": length, "batch": network.BATCH, "k_at_the_end": float(daegan.k)}
    card = write_card((learnt, validation, found.test.slices), chosen, found, seed, training)
    write_bundle(out_dir, shipped.model, card, golden_inputs(seed), {STATISTICS: shipped.statistics.packed()})
    progress(f"wrote {out_dir} ({len(shipped.model)} bytes, {shipped.kind}, {chosen.reading.used.value})")


def run_in(healthy: NDArray[np.float32], work_dir: Path, seed: int, progress: Say) -> Run:
    """Return the run in ``work_dir``: it is refused there for other slices, or for slices prepared in another way."""
    return Run(work_dir, seed, about={"slices": hashlib.sha256(healthy.tobytes()).hexdigest()}, progress=progress)


def choose(
    model: Any, healthy: NDArray[np.float32], validation: Slices, images: list[NDArray[np.uint8]], seed: int, progress: Say
) -> tuple[Candidate, Choices]:
    """Return the network that is shipped, and what the validation patients decide.

    ``images``: slices as a kiosk would see them, for what drift is compared with.
    Raises `QuantisationTooLossy` where even float32 cannot be kept, or `CalibrationFailed`.
    """
    floating = candidate(model, Kind.FLOAT32, healthy, validation)
    used = max(Score, key=floating.auroc)
    progress(", ".join(f"{score.value} {floating.auroc(score):.4f}" for score in Score) + " (validation AUROC, float)")
    shipped, tried = _smallest(model, floating, used, healthy, validation, progress)
    varies = measure.wobble(validation.image[::3], used, shipped.network, shipped.statistics, seed)
    label = validation.label
    read_as, curve = reading.choose(used, label, shipped.validation.score[used], varies)
    before, _ = reading.choose(used, label, floating.validation.score[used], varies)
    flipped = before.called(floating.validation.score[used]) != read_as.called(shipped.validation.score[used])
    note = "Validation patients; statistics, calibration and threshold were fitted anew on the converted network."
    return shipped, Choices(
        kind=str(shipped.kind),
        dtype=str(shipped.network.network.input.dtype),
        bytes=len(shipped.model),
        reading=read_as,
        curve=curve,
        wobble=varies,
        dice_from=figures.best_dice_from(shipped.validation),
        validation=shipped.validation,
        tried=tried,
        quantisation=section(str(shipped.kind), "auroc", floating.auroc(used), shipped.auroc(used), flipped, note),
        drift=drift.reference_of(images, read_as.probability(shipped.validation.score[used]).tolist()),
    )


def candidate(model: Any, kind: Kind, healthy: NDArray[np.float32], validation: Slices) -> Candidate:
    """Convert ``model`` and fit its statistics on ``healthy``: a quantised network has residuals of its own."""
    file = to_tflite(model, kind, healthy[:: max(1, len(healthy) // EXAMPLES)])
    network = Autoencoders(file)
    statistics = measure.fit_statistics(measure.residuals(healthy, network))
    return Candidate(kind, file, network, statistics, measure.measure(validation, network, statistics))


def golden_inputs(seed: int) -> NDArray[np.float32]:
    """Return inputs of made-up heads, half of them with a lesion, float32 [8, 64, 64] in −1 to 1."""
    return np.stack([prepared(head_phantom(1000 * seed + k, lesion=k % 2 == 0)[0])[0] for k in range(GOLDEN)])


def _smallest(
    model: Any, floating: Candidate, used: Score, healthy: NDArray[np.float32], validation: Slices, progress: Say
) -> tuple[Candidate, list[dict[str, Any]]]:
    tried = []
    for kind in KINDS:
        found = floating if kind is Kind.FLOAT32 else candidate(model, kind, healthy, validation)
        tried.append({"kind": str(kind), "bytes": len(found.model), **_scores(found, floating)})
        progress(f"{kind}: {len(found.model)} bytes, validation AUROC {found.auroc(used):.4f}")
        try:
            require("auroc", floating.auroc(used), found.auroc(used))
        except QuantisationTooLossy as error:
            progress(str(error))
            continue
        return found, [*tried, {"kind": "float32", "bytes": len(floating.model), **_scores(floating, floating)}]
    raise QuantisationTooLossy("float32 differs from itself: a score of the validation patients is no number")


def _scores(found: Candidate, floating: Candidate) -> dict[str, float]:
    """Return each score's AUROC on the validation patients, and by how much it moved against float, as a share of it."""
    moved = {
        f"moved_{score.name.lower()}": float(
            np.median(np.abs(found.validation.score[score] / floating.validation.score[score] - 1))
        )
        for score in Score
    }
    return {**{f"auroc_{score.name.lower()}": found.auroc(score) for score in Score}, **moved}


def _drift_images(data_dir: Path) -> list[NDArray[np.uint8]]:
    slices = pictures(data_dir, "train")
    return [one.channels()[..., FLAIR] for one in slices[:: max(1, len(slices) // DRIFT_SLICES)]]
