"""The float network that a training has left in its work folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.training.errors import TrainingDataMissing

FINAL = "final.keras"


def saved_model(trained_dir: Path, file: str = FINAL) -> Callable[[], Any]:
    """Return what loads the network anew each time; raises `TrainingDataMissing` where there is none."""
    path = trained_dir / file
    if not path.is_file():
        raise TrainingDataMissing(f"{path} is missing; it is left there by `firstlight train` (its --work folder)")

    def fresh() -> Any:
        import keras

        return keras.models.load_model(path, compile=False)

    return fresh


def every_layer(model: Any) -> list[Any]:
    """Return the layers of ``model``, those of networks inside it too."""
    found = []
    for layer in model.layers:
        found += every_layer(layer) if hasattr(layer, "layers") else [layer]
    return found
