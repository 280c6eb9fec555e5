"""What the comparison needs to know of a model: its float network, how to go on training it, and how to judge its outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.float32]


class Judged(NamedTuple):
    """How good the outputs for `Compressible.inputs` are."""

    metrics: Mapping[str, float]
    """The first one decides whether a variant loses too much (`tools.training.quantisation`)."""
    calibration: Mapping[str, float]
    """``ece``, ``brier``, ...; with the calibration that was fitted for the float network."""
    decisions: NDArray[Any]
    """[k]: what the kiosk would answer to each case; a variant flips it where it answers otherwise."""


@dataclass(frozen=True)
class Compressible:
    """One trained network."""

    model: str
    name: str
    """Of this part, for its files: a cross-validated model has several."""
    fresh: Callable[[], Any]
    """Returns a new functional Keras model with the trained weights, one input."""
    compiled: Callable[[Any, int], Any]
    """Compiles a model of that shape for so many steps of fine-tuning; returns what is to be fitted."""
    batches: Callable[[int], Any]
    """From an epoch's number to what `keras.Model.fit` takes."""
    steps: int
    """Batches in an epoch."""
    epochs: int
    examples: Images
    """Training inputs from which the ranges of activations are taken."""
    inputs: Images
    """[n, ...]: what the variants are measured on; none of it was trained on."""
    judge: Callable[[Sequence[NDArray[Any]]], Judged]
    """From the outputs, each [n, ...], in the order of `Network.outputs`; of all parts, one after another."""
    population: str
    """Who ``inputs`` are, with how many of what."""
    note: str = ""
    finished: Callable[[bytes], bytes] = bytes
    """What its training does with a converted file before it is shipped."""
