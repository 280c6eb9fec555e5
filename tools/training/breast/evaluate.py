"""Remakes the breast card's figures (`firstlight evaluate breast`).

They are of models that each patient's own fold was left out of. Those are not part of the bundle, so they are trained again,
with the seed on the card, unless the training's work folder is still beside the bundle.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from models.bundle import Bundle
from tools.training.breast.card import write_card
from tools.training.breast.figures import cross_fitted_probability
from tools.training.breast.thermograms import MIXED_EPOCH
from tools.training.breast.train import found
from tools.training.cards import plain
from tools.training.evaluation import Binary, Evaluation, Spread, on_card
from tools.training.progress import Say


def evaluate(bundle_path: Path, data_dir: Path, *, progress: Say = print) -> Evaluation:
    """Return every figure of the card, measured again."""
    seed = int(Bundle.open(bundle_path).card.document["training"]["seed"])
    kept = bundle_path.with_name(f"{bundle_path.name}.work")
    if kept.is_dir():
        findings, _ = found(data_dir, seed, kept, progress)
    else:
        progress("the models of the folds are trained again, which takes as long as the training did")
        with tempfile.TemporaryDirectory() as work:
            findings, _ = found(data_dir, seed, Path(work), progress)
    data, mixed = findings.data, findings.data.mixed
    probability = cross_fitted_probability(data.label[mixed], findings.nested.shipped[mixed], data.fold[mixed])
    population = f"{MIXED_EPOCH}, out of fold"
    return Evaluation(
        figures=on_card(plain(write_card(findings))),
        binaries=(Binary(population, data.label[mixed], probability, findings.operating.threshold),),
        spreads=(Spread("spread of a patient's score over random views", findings.repeats.std(axis=1), "logit"),),
    )
