"""The float network that a training has left in its work folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.training.errors import TrainingDataMissing

FINAL = "final.keras"


def saved_model(trained_dir: Path) -> Callable[[], Any]:
    """Return what loads the network anew each time; raises `TrainingDataMissing` where there is none."""
    path = trained_dir / FINAL
    if not path.is_file():
        raise TrainingDataMissing(f"{path} is missing; it is left there by `firstlight train` (its --work folder)")

    def fresh() -> Any:
        import keras

        return keras.models.load_model(path, compile=False)

    return fresh
