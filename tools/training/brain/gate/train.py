"""Trains the gate before the brain models (`firstlight train brain-gate`)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tools.training.brain.gate import material
from tools.training.brain.gate.material import Sample, Sizes
from tools.training.run import seed_of


def training_samples(data_dir: Path, impostors: Path, seed: int, sizes: Sizes) -> list[Sample]:
    """Return everything that the network learns from: the training part of patients, sources and draws."""
    found = material.heads(data_dir, "train")
    rng = np.random.default_rng(seed_of(seed, "proper", "train"))
    return [
        *material.proper(found, rng, sizes.views),
        *material.of_heads(found, sizes.derived, seed_of(seed, "heads", "train")),
        *material.of_nothing(sizes.drawn, seed_of(seed, "nothing", "train")),
        *material.of_collection(material.collection(impostors, "train").impostors, seed, cuts=True),
    ]
