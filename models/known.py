"""The models that this version of Firstlight knows by name, and what loads each."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from models.bundle import Bundle
from models.errors import UnknownModel

LOADERS = {
    "breast": ("models.breast", "BreastModel"),
    "brain-anomaly": ("models.brain_anomaly", "AnomalyModel"),
    "brain-gate": ("models.brain_gate", "BrainGate"),
    "brain-lesion": ("models.brain_lesion", "LesionModel"),
    "brain-type": ("models.brain_type", "BrainTypeModel"),
    "chest-gate": ("models.chest_gate", "ChestGate"),
}
"""Module and class by the name on the card; imported only when they are needed."""


def loader_of(name: str) -> Callable[[Bundle], object]:
    """Return the class that loads the bundle called ``name``; raises `UnknownModel`."""
    check_known(name)
    module, kind = LOADERS[name]
    loader: Callable[[Bundle], object] = getattr(importlib.import_module(module), kind)
    return loader


def check_known(name: str) -> None:
    """Raise `UnknownModel` where nothing here could use a bundle called ``name``."""
    if name not in LOADERS:
        raise UnknownModel(f"nothing here uses a model called {name}; known: {', '.join(LOADERS)}")
