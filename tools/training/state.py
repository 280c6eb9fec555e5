"""What a training is after an epoch, as a file: written in one step, so that it is whole or not there."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from tools.training.errors import PlaceTaken

STATE = "state.npz"


@dataclass(frozen=True)
class Weights:
    """Copies of a model's variables: weights, statistics and random states; not those of its metrics or its optimiser."""

    arrays: tuple[NDArray[Any], ...]

    @classmethod
    def of(cls, model: Any) -> Weights:
        return cls(tuple(variable.numpy().copy() for variable in _lasting(model)))

    def put_into(self, model: Any) -> None:
        for variable, value in zip(_lasting(model), self.arrays, strict=True):
            variable.assign(value)


@dataclass(frozen=True)
class State:
    """A training between two epochs."""

    epoch: int
    """How many are done."""
    history: dict[str, list[float]]
    """What was logged in each epoch."""
    best: Weights | None
    """Of the best epoch, where it is asked for."""

    def after(self, logs: Mapping[str, float], model: Any, keep_best: str | None) -> State:
        """Return the state one epoch later."""
        history = {name: [*self.history.get(name, []), value] for name, value in logs.items()}
        best = self.best
        if keep_best is not None:
            sign = -1.0 if "loss" in keep_best else 1.0
            values = [sign * value for value in history[keep_best]]
            best = Weights.of(model) if best is None or values[-1] > max(values[:-1]) else best
        return State(self.epoch + 1, history, best)


class StateFile:
    """The state of one training (or of one computation) in a folder, and what it belongs to."""

    def __init__(self, folder: Path, about: Mapping[str, str]) -> None:
        self._folder = folder
        self._about = dict(about)

    def read(self, model: Any) -> State | None:
        """Put what was saved into ``model`` and its optimiser; ``None`` where there is nothing. Raises `PlaceTaken`."""
        content = self._read()
        if content is None:
            return None
        about, arrays = content
        variables = [*_lasting(model), *model.optimizer.variables]
        saved = [arrays[f"variable_{index}"] for index in range(int(about["variables"]))]
        if [tuple(variable.shape) for variable in variables] != [array.shape for array in saved]:
            raise PlaceTaken(f"{self._folder} holds a training of another network; give another --work, or delete it")
        for variable, value in zip(variables, saved, strict=True):
            variable.assign(value)
        best = [arrays[f"best_{index}"] for index in range(int(about["best"]))]
        return State(int(about["epoch"]), json.loads(about["history"]), Weights(tuple(best)) if best else None)

    def write(self, state: State, model: Any) -> None:
        variables = [variable.numpy().copy() for variable in (*_lasting(model), *model.optimizer.variables)]
        best = state.best.arrays if state.best is not None else ()
        counts = {"epoch": state.epoch, "variables": len(variables), "best": len(best), "history": json.dumps(state.history)}
        self._write({**_named("variable", variables), **_named("best", best)}, counts)

    def once(self, compute: Callable[[], Mapping[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
        """Return the saved arrays, or what ``compute`` returns after saving it."""
        content = self._read()
        if content is not None:
            return content[1]
        arrays = {name: np.asarray(value) for name, value in compute().items()}
        self._write(arrays, {})
        return arrays

    def _read(self) -> tuple[dict[str, str], dict[str, NDArray[Any]]] | None:
        path = self._folder / STATE
        if not path.is_file():
            return None
        try:
            with np.load(path) as file:
                arrays = {name: file[name] for name in file.files}
            about: dict[str, str] = json.loads(str(arrays.pop("about")))
        except (zipfile.BadZipFile, ValueError, KeyError, OSError) as error:
            raise PlaceTaken(f"{path} cannot be read ({error}); delete {self._folder}, and this part is done again") from error
        for key, value in self._about.items():
            if about.get(key) != value:
                was = f"{key} {about.get(key)}, not {value}"
                raise PlaceTaken(f"{self._folder} holds another training ({was}); give another --work, or delete it")
        return about, arrays

    def _write(self, arrays: Mapping[str, NDArray[Any]], counts: Mapping[str, object]) -> None:
        about = json.dumps({**self._about, **{key: str(value) for key, value in counts.items()}})
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f"{STATE}.unfinished"
        with unfinished.open("wb") as file:
            _save(file, {**arrays, "about": np.array(about)})
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._folder / STATE)


def _lasting(model: Any) -> list[Any]:
    passing = {id(variable) for variable in model.metrics_variables}
    return [variable for variable in model.variables if id(variable) not in passing]


def _save(file: IO[bytes], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write what `numpy.load` reads; unlike `numpy.savez`, for arrays of any name (``file`` too)."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asanyarray(array), allow_pickle=False)


def _named(what: str, arrays: Sequence[NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {f"{what}_{index}": array for index, array in enumerate(arrays)}
