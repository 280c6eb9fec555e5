"""Trains the gate before the brain models (`firstlight train brain-gate`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.brain_gate import SIDE
from tools.training.brain.gate import material, measure
from tools.training.brain.gate.card import Findings, accepted_rows, golden_inputs, refused_rows, write_card
from tools.training.brain.gate.checks import kept
from tools.training.brain.gate.leave_out import left_out, populations
from tools.training.brain.gate.material import Heads, Sample, Sizes, packed, stacked
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

    run = begun(work_dir, seed, sizes, progress)
    training = training_samples(run, data_dir, sizes)
    progress(f"{len(training['images'])} images to learn from, {int((training['label'] == 0).sum())} of them proper slices")
    model = network.fit(run, "gate", training["images"], training["label"], sizes.epochs)
    int8 = network.to_int8(model, training["images"], seed)
    if len(int8) > MODEL_LIMIT:
        raise ModelTooLarge(f"the network takes {len(int8)} bytes; at most {MODEL_LIMIT} are allowed")
    val, test = (kept(run, part, data_dir, sizes.checks) for part in ("val", "test"))
    quantised = measure.quantised(int8)
    verdicts = measure.choose(quantised(stacked(some)[0]) for some in populations(val))
    progress(f"limits: {verdicts}")
    for row in (*accepted_rows(test, quantised, verdicts), *refused_rows(test, quantised, verdicts)):
        progress(f"{row.get('kind', row.get('population'))}: {row['share']:.4f} of {row['images']}")
    trivial = fitted(training["images"], training["label"] == material.BRAIN, seed)
    findings = Findings(
        model=quantised,
        floating=measure.both_ways(lambda images: network.logits(model, images)),
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


def begun(work_dir: Path, seed: int, sizes: Sizes, progress: Progress = print) -> Run:
    """Return the run in ``work_dir``; it is refused there for other sizes."""
    return Run(work_dir, seed, about={"sizes": sizes, "side": SIDE}, progress=progress)


def training_samples(run: Run, data_dir: Path, sizes: Sizes) -> dict[str, NDArray[Any]]:
    """Return what the network learns from: images [n, 64, 64], labels [n] and kinds [n], each part made once in a run."""
    parts = [_once(run, name, make) for name, make in parts_of(data_dir, run.seed, sizes)]
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def _once(run: Run, name: str, make: Callable[[], list[Sample]]) -> dict[str, NDArray[Any]]:
    def compute() -> dict[str, NDArray[Any]]:
        return packed(make())

    return run.once(f"samples {name}", compute)


def parts_of(data_dir: Path, seed: int, sizes: Sizes) -> list[tuple[str, Callable[[], list[Sample]]]]:
    """Return the names of the parts of the training samples, and what makes each."""
    found = material.heads(data_dir, "train", material.LEARNT)

    def views(some: Heads, name: str) -> list[Sample]:
        return material.proper(some, np.random.default_rng(seed_of(seed, "proper", name)), sizes.views)

    pictures = material.collection(data_dir, "train").impostors
    return [
        ("Jun Cheng", lambda: views(found._replace(lgg=[]), "Jun Cheng")),
        ("LGG", lambda: views(found._replace(jun_cheng=[]), "LGG")),
        ("made of heads", lambda: material.of_heads(found, sizes.derived, seed_of(seed, "heads", "train"))),
        ("drawn", lambda: material.of_nothing(sizes.drawn, seed_of(seed, "nothing", "train"))),
        ("collected", lambda: material.of_collection(pictures, seed_of(seed, "collection", "train"), cuts=True)),
    ]


def _counts(training: Arrays) -> dict[str, int]:
    kinds, counts = np.unique(training["kind"], return_counts=True)
    return dict(zip(kinds.tolist(), counts.tolist(), strict=True))
