"""Measures an anomaly bundle again (`firstlight evaluate brain-anomaly`)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.anomaly_scores import Statistics
from models.brain_anomaly import STATISTICS, Autoencoders
from models.bundle import Bundle
from tools.training.brain.anomaly import figures, reading
from tools.training.brain.anomaly.slices import load
from tools.training.evaluation import Binary, Evaluation, Spread
from tools.training.progress import Say


def evaluate(bundle_path: Path, data_dir: Path, *, progress: Say) -> Evaluation:
    """Ask the bundle's network about the test patients. Raises a `ModelError` or a `TrainingError`."""
    bundle = Bundle.open(bundle_path)
    document = bundle.card.document
    read_as, seed = reading.of_card(document), int(document["training"]["seed"])
    statistics = Statistics.unpacked(bundle.files.get(STATISTICS), str(bundle.path / STATISTICS))
    train, test = load(data_dir, "train"), load(data_dir, "test")
    progress(f"{len(test.label)} slices of {len(np.unique(test.patient))} patients")
    network = Autoencoders(bundle.model)
    found = figures.find(network, statistics, train, test, float(document["localisation"]["dice_from"]))
    pointing = [{**row, "name": f"pointing game, {row['method']}"} for row in figures.explanation(found, seed)]
    probability = read_as.probability(found.test.score[read_as.used])
    central, ill = test.central, test.label == 1
    return Evaluation(
        figures=[*figures.metrics(found, read_as, seed), *figures.baseline_figures(found, seed), *pointing],
        binaries=(
            Binary(figures.LGG, test.label, probability, read_as.threshold),
            Binary(figures.CENTRAL, test.label[central], probability[central], read_as.threshold),
        ),
        spreads=(
            Spread("score of slices with a tumour", found.test.score[read_as.used][ill], "score"),
            Spread("score of slices without a tumour", found.test.score[read_as.used][~ill], "score"),
        ),
    )
