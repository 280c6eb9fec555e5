"""Measures a gate again (`firstlight evaluate brain-gate`)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.brain_gate import BrainGate, Verdicts
from models.bundle import Bundle
from models.fields import Fields
from tools.training.brain.gate import material, measure
from tools.training.brain.gate.card import figures_of
from tools.training.brain.gate.checks import Checks, checks
from tools.training.evaluation import Binary, Evaluation
from tools.training.progress import Say


def evaluate(bundle_path: Path, data_dir: Path, *, progress: Say) -> Evaluation:
    """Measure the shipped network again on the test part, with the seed of its training.

    Raises a `models.errors.ModelError`, `TrainingDataMissing` or `TrainingDataUnusable`.
    """
    gate = BrainGate(Bundle.open(bundle_path))
    made = Fields(gate.card.document, str(bundle_path)).table("training")
    test = checks(data_dir, "test", made.count("seed"), made.count("made_impostors_of_a_kind"))
    progress(f"{len(test.plain)} proper slices, {len(test.impostors)} impostors")
    model = measure.quantised(gate.bundle.model)
    return Evaluation(
        figures=figures_of(test, model, gate.verdicts, made.count("seed")),
        binaries=(_binary(test, model, gate.verdicts),),
        not_remade="The trivial baseline needs the images that were trained on; what networks trained without some kinds "
        "refuse (left_out) needs these networks.",
    )


def _binary(test: Checks, model: measure.Model, verdicts: Verdicts) -> Binary:
    images, label = material.stacked([*test.plain, *test.impostors])
    proper = (label == material.BRAIN).astype(np.int64)
    return Binary("proper slices of test patients against impostors", proper, Verdicts.domain(model(images)), verdicts.least)
