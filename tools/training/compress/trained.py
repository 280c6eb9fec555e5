"""The float network that a training has left in its work folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tools.training.errors import TrainingDataMissing

FINAL = "final.keras"


def saved_model(trained_dir: Path, file: str = FINAL, known: Mapping[str, Any] | None = None) -> Callable[[], Any]:
    """Return what loads the network anew each time; raises `TrainingDataMissing` where there is none.

    ``known``: functions of our own by their names, where a network inside the network was compiled with one.
    """
    path = trained_dir / file
    if not path.is_file():
        raise TrainingDataMissing(f"{path} is missing; it is left there by `firstlight train` (its --work folder)")

    def fresh() -> Any:
        import keras

        with keras.saving.custom_object_scope(dict(known or {})):  # reaches the networks inside, too
            return keras.models.load_model(path, compile=False)

    return fresh


def every_layer(model: Any) -> list[Any]:
    """Return the layers of ``model``, those of networks inside it too."""
    found = []
    for layer in model.layers:
        found += every_layer(layer) if hasattr(layer, "layers") else [layer]
    return found
