"""Measures a lesion bundle again (`firstlight evaluate brain-lesion`)."""

from __future__ import annotations

from pathlib import Path

from models.bundle import Bundle
from models.interpreter import Network
from models.lesion_input import SERIES
from tools.training.brain.lesion import figures, reading
from tools.training.brain.lesion.findings import Data, find, is_central
from tools.training.brain.lesion.measure import of_network
from tools.training.evaluation import Binary, Evaluation, Spread
from tools.training.progress import Say


def evaluate(bundle_path: Path, data_dir: Path, *, progress: Say) -> Evaluation:
    """Ask the bundle's network about the test patients. Raises a `ModelError` or a `TrainingError`."""
    bundle = Bundle.open(bundle_path)
    document = bundle.card.document
    seed, data = int(document["training"]["seed"]), Data.read(data_dir)
    readings = reading.of_card(document)
    found = find(of_network(Network(bundle.model)), data, float(document["segmentation"]["mask_from"]), progress)
    every = found.gliomas[SERIES]
    central = is_central(every)
    pointing = [{**row, "name": f"pointing game, {row['method']}"} for row in figures.explanation(found, seed)]
    binaries = [
        Binary(
            f"{figures.LGG}, {' + '.join(names)}",
            part.label,
            readings[names].probability(part.score),
            readings[names].threshold,
        )
        for names, part in found.gliomas.items()
    ]
    middle = every.where(central)
    whole = readings[SERIES]
    binaries.insert(1, Binary(figures.CENTRAL, middle.label, whole.probability(middle.score), whole.threshold))
    return Evaluation(
        figures=[*figures.metrics(found, readings, seed), *figures.baselines(found, seed), *pointing],
        binaries=tuple(binaries),
        spreads=(
            Spread(f"Dice, {figures.LGG}", every.dice[every.seen]),
            Spread(f"Dice, {figures.JUN_CHENG}", found.types.dice),
        ),
    )
