"""Trains the gate before the brain models (`firstlight train brain-gate`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.brain_gate import SIDE, softmax
from tools.training.brain.gate import material, measure
from tools.training.brain.gate.card import Findings, golden_inputs, write_card
from tools.training.brain.gate.checks import checks
from tools.training.brain.gate.leave_out import left_out, populations
from tools.training.brain.gate.material import Sample, Sizes, stacked
from tools.training.brain.gate.trivial import fitted
from tools.training.cards import check_place, write_bundle
from tools.training.errors import ModelTooLarge
from tools.training.quantisation import require
from tools.training.run import Run, seed_of, set_up

Progress = Callable[[str], None]
Arrays = Mapping[str, NDArray[Any]]

FULL = Sizes()
MODEL_LIMIT = 60_000
"""Bytes: it runs before every answer of every brain model."""


def train(
    data_dir: Path,
    out_dir: Path,
    *,
    seed: int,
    work_dir: Path,
    progress: Progress = print,
    sizes: Sizes = FULL,
) -> None:
    """Train, choose the limits on validation patients, measure on test patients, and write the bundle to ``out_dir``.

    ``data_dir`` holds ``impostors`` too, the folder that `tools.training.brain.gate.collect` writes. ``work_dir`` keeps what is
    done, so that an interrupted training goes on; the same seed gives the same bundle on the same machine.

    Raises `TrainingDataMissing`, `TrainingDataUnusable`, `ModelTooLarge`, `QuantisationTooLossy` or `PlaceTaken`.
    """
    check_place(out_dir)
    set_up(seed)
    from tools.training.brain.gate import network

    run = Run(work_dir, seed, about={"sizes": sizes, "side": SIDE}, progress=progress)
    training = run.once("samples", lambda: packed(training_samples(data_dir, seed, sizes)))
    progress(f"{len(training['images'])} images to learn from, {int((training['label'] == 0).sum())} of them proper slices")
    model = network.fit(run, "gate", training["images"], training["label"], sizes.epochs)
    int8 = network.to_int8(model, training["images"], seed)
    if len(int8) > MODEL_LIMIT:
        raise ModelTooLarge(f"the network takes {len(int8)} bytes; at most {MODEL_LIMIT} are allowed")
    val = checks(data_dir, "val", seed, sizes.checks)
    test = checks(data_dir, "test", seed, sizes.checks)
    quantised = measure.quantised(int8)
    verdicts = measure.choose(quantised(stacked(some)[0]) for some in populations(val))
    progress(f"limits: {verdicts}")
    trivial = fitted(training["images"], training["label"] == material.BRAIN, seed)
    findings = Findings(
        model=quantised,
        floating=lambda images: softmax(network.logits(model, images)),
        trivial=trivial,
        trivial_least=min(float(np.quantile(trivial(stacked(some)[0]), 1 - measure.WANTED)) for some in populations(val)),
        verdicts=verdicts,
        val=val,
        test=test,
        counts=_counts(training),
        left_out=left_out(run, training, val, test, sizes),
        bytes=len(int8),
        seed=seed,
        sizes=sizes,
    )
    require("auroc", *findings.aurocs())
    write_bundle(out_dir, int8, write_card(findings), golden_inputs())
    progress(f"wrote {out_dir} ({len(int8)} bytes)")


def training_samples(data_dir: Path, seed: int, sizes: Sizes) -> list[Sample]:
    """Return everything that the network learns from: the training part of patients, sources and draws."""
    found = material.heads(data_dir, "train")
    rng = np.random.default_rng(seed_of(seed, "proper", "train"))
    return [
        *material.proper(found, rng, sizes.views),
        *material.of_heads(found, sizes.derived, seed_of(seed, "heads", "train")),
        *material.of_nothing(sizes.drawn, seed_of(seed, "nothing", "train")),
        *material.of_collection(material.collection(data_dir, "train").impostors, seed, cuts=True),
    ]


def packed(samples: list[Sample]) -> dict[str, NDArray[Any]]:
    """Return images [n, 64, 64], labels [n] and kinds [n]."""
    images, label = stacked(samples)
    return {"images": images, "label": label, "kind": np.array([one.kind for one in samples])}


def _counts(training: Arrays) -> dict[str, int]:
    kinds, counts = np.unique(training["kind"], return_counts=True)
    return dict(zip(kinds.tolist(), counts.tolist(), strict=True))
