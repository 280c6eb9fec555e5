"""The models whose compression is compared, imported when they are asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

from tools.training.compress.compressible import Compressible

PARTS = {
    "breast": "tools.training.compress.breast",
    "brain-type": "tools.training.compress.brain_type",
    "brain-lesion": "tools.training.compress.brain_lesion",
    "brain-anomaly": "tools.training.compress.brain_anomaly",
}


def parts_of(name: str) -> Callable[[Path, Path, int], list[Compressible]]:
    """Return what makes the parts of the model ``name`` from the data's folder, its training's folder and a seed."""
    found: Callable[[Path, Path, int], list[Compressible]] = importlib.import_module(PARTS[name]).parts
    return found
