"""What a trained gate accepts and refuses, with intervals over whoever the images are of."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.brain_gate import Verdicts, softmax
from models.interpreter import Network
from tools.training.brain.gate.material import Sample, stacked
from tools.training.scores import LEVEL, Estimate

Probabilities = NDArray[np.float64]
Model = Callable[[NDArray[np.uint8]], Probabilities]
"""Images [n, 64, 64] in, probabilities [n, 5] out."""

WANTED = 0.994
"""Share of each population of unseen patients that the threshold must accept where it is chosen."""


class Share(NamedTuple):
    """How many images of one kind got an answer, over how many units."""

    kind: str
    share: Estimate
    images: int
    units: int


def quantised(model: bytes) -> Model:
    """Return the int8 network as a function, run as a kiosk runs it."""
    network = Network(model)

    def logits(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        outputs = [network(image.astype(np.float32) / 255.0).ravel() for image in images]
        return np.stack(outputs) if outputs else np.empty((0, network.output.shape[-1]), np.float32)

    return both_ways(logits)


def both_ways(logits: Callable[[NDArray[np.uint8]], NDArray[Any]]) -> Model:
    """Return the mean probabilities of images and of their mirror images, as `models.brain_gate` takes it."""
    known: dict[bytes, Probabilities] = {}

    def probabilities(images: NDArray[np.uint8]) -> Probabilities:
        key = hashlib.sha256(images.tobytes()).digest()
        if key not in known:  # the same samples are asked for by several figures
            mirrored = np.ascontiguousarray(images[:, :, ::-1])
            known[key] = (softmax(logits(images)) + softmax(logits(mirrored))) / 2
        return known[key]

    return probabilities


def choose(populations: Iterable[Probabilities]) -> Verdicts:
    """Return the strictest limits that still accept `WANTED` of each population of proper slices.

    Half of what may be refused is left to each of the two limits.
    """
    tail = (1 - WANTED) / 2
    found = list(populations)
    domain = min(float(np.quantile(Verdicts.domain(one), tail)) for one in found)
    turned = max(float(np.quantile(Verdicts.turned(one), 1 - tail)) for one in found)
    return Verdicts(_down(domain), _up(turned))


def _down(value: float) -> float:
    """To the four digits of a card, on the side that refuses less."""
    return float(np.floor(min(value, 0.9999) * 1e4) / 1e4)


def _up(value: float) -> float:
    return float(np.ceil(value * 1e4) / 1e4)


def shares(samples: Sequence[Sample], model: Model, verdicts: Verdicts, *, accepted: bool) -> list[Share]:
    """Return for each kind among ``samples`` which share is accepted (or refused), in the order of their appearance."""
    images, _ = stacked(samples)
    passed = verdicts.accepted(model(images))
    kinds = np.array([one.kind for one in samples])
    units = np.array([one.unit for one in samples])
    return [
        share(kind, (passed if accepted else ~passed)[kinds == kind], units[kinds == kind])
        for kind in dict.fromkeys(kinds.tolist())
    ]


def share(kind: str, hit: NDArray[np.bool_], units: NDArray[Any]) -> Share:
    """Return a share with its exact interval (C. Clopper & E. Pearson, Biometrika 26:404-413, 1934).

    Its n is the number of units, not of images: images of one person are counted as if they told no more than one. So the
    interval is rather too wide, and it is not empty where nothing failed.
    """
    from scipy.stats import beta

    value, n = float(hit.mean()), len(np.unique(units))
    tail = (1 - LEVEL) / 2
    low = float(beta.ppf(tail, value * n, n - value * n + 1)) if value > 0 else 0.0
    high = float(beta.ppf(1 - tail, value * n + 1, n - value * n)) if value < 1 else 1.0
    return Share(kind, Estimate(value, min(low, value), max(high, value)), len(hit), n)
