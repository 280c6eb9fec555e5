"""The models that can be trained, and where: nothing is imported before it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from tools.training.evaluation import Evaluation
from tools.training.progress import Say


class Trains(Protocol):
    """Makes a bundle. Raises a `tools.training.errors.TrainingError`, and then leaves what was in ``out_dir``."""

    def __call__(
        self, data_dir: Path, out_dir: Path, *, seed: int, work_dir: Path, progress: Say, **weights: Path | None
    ) -> None: ...


class Evaluates(Protocol):
    """Measures a bundle again."""

    def __call__(self, bundle_path: Path, data_dir: Path, *, progress: Say) -> Evaluation: ...


class Entry(NamedTuple):
    """One model."""

    name: str
    trained_by: str
    """``module:function``"""
    evaluated_by: str
    data: str
    """What ``--data`` must hold, in a few words."""
    pretrained: bool = False
    """Whether ``train`` takes ``weights``: a file, or ``None`` to look for it (`tools.training.brain.pretrained`)."""

    def train(self) -> Trains:
        found: Trains = _load(self.trained_by)
        return found

    def evaluate(self) -> Evaluates:
        found: Evaluates = _load(self.evaluated_by)
        return found


MODELS = {
    entry.name: entry
    for entry in (
        Entry(
            "breast",
            "tools.training.breast.train:train",
            "tools.training.breast.evaluate:evaluate",
            "breast_thermograms.npz and manifest.csv",
        ),
        Entry(
            "chest-gate",
            "tools.training.breast.gate_bundle:train",
            "tools.training.breast.gate_bundle:evaluate",
            "breast_thermograms.npz and manifest.csv",
        ),
        Entry(
            "brain-type",
            "tools.training.brain.type.train:train",
            "tools.training.brain.type.evaluate:evaluate",
            "classification/, seg_juncheng/, seg_lgg/ and their manifests",
            pretrained=True,
        ),
        Entry(
            "brain-lesion",
            "tools.training.brain.lesion.train:train",
            "tools.training.brain.lesion.evaluate:evaluate",
            "seg_lgg/, seg_juncheng/ and their manifests",
        ),
        Entry(
            "brain-anomaly",
            "tools.training.brain.anomaly.train:train",
            "tools.training.brain.anomaly.evaluate:evaluate",
            "seg_lgg/ and its manifest",
        ),
        Entry(
            "brain-gate",
            "tools.training.brain.gate.train:train",
            "tools.training.brain.gate.evaluate:evaluate",
            "classification/, seg_lgg/, impostors/ and their manifests",
        ),
    )
}


def _load(path: str) -> Callable[..., Any]:
    module, _, function = path.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found
