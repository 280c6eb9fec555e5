"""Fits the chest gate to some patients' views and measures it on others': limits of plain features, and a tiny network.

The network has one hidden layer. It is fitted by scikit-learn, because that takes seconds, and becomes a TensorFlow Lite file
like every other one. It learns from chests and from made-up impostors; what it makes of a kind of impostor that it has never
seen is measured too.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.chest_gate import features, outside
from models.preprocess import COLUMNS, ROWS, relative
from tools.training.scores import Floats

Images = NDArray[np.float32]
Limits = dict[str, tuple[float, float]]

TAIL = 0.25
"""Per cent of the views that may lie outside on either side before the limits are widened."""
WIDENED = 0.3
"""By this share of their distance the limits are moved apart: other rooms, other people."""
CEILINGS = {"core_fraction": 1.0, "coherence": 1.0, "mirror_overlap": 1.0, "body_fraction": 0.98, "contrast_k": 25.0}
"""More of these is no fault (or, for the body's share, only until no room is left around it)."""
HIDDEN, PENALTY, PASSES = 48, 0.3, 32
REFUSED = 0.006
"""Share of the chests on which the threshold is chosen that the network may refuse."""
POOL = 2
"""The network sees means of 2×2 pixels."""


class Layer(NamedTuple):
    weight: Floats
    """[inputs, outputs]"""
    offset: Floats


class Fitted(NamedTuple):
    """A gate that was fitted to some patients."""

    limits: Limits
    layers: tuple[Layer, Layer]
    threshold: float
    """Of the probability."""

    def logit(self, prepared: Floats) -> Floats:
        """Return the network's logit for each row of `pooled` images."""
        hidden = np.maximum(prepared @ self.layers[0].weight + self.layers[0].offset, 0)
        return np.asarray((hidden @ self.layers[1].weight + self.layers[1].offset)[:, 0])

    def accepts(self, table: Sequence[Mapping[str, float]], prepared: Floats) -> NDArray[np.bool_]:
        """Return whether each image passes, by its `features` and its `pooled` pixels."""
        inside = np.array([outside(row, self.limits) is None for row in table], dtype=bool)
        return np.asarray(inside & (1 / (1 + np.exp(-self.logit(prepared))) >= self.threshold))


class Samples(NamedTuple):
    """Images of one kind as the gate sees them."""

    table: list[dict[str, float]]
    prepared: Floats

    @classmethod
    def of(cls, images: Sequence[NDArray[np.float32]] | Images) -> Samples:
        return cls([features(image) for image in images], pooled(images))

    def rows(self, which: NDArray[np.bool_]) -> Samples:
        return Samples([self.table[i] for i in np.flatnonzero(which)], self.prepared[which])


def pooled(images: Sequence[NDArray[np.float32]] | Images) -> Floats:
    """Return [n, 192]: what the network's first layer makes of images in °C."""
    found = np.stack([relative(image) for image in images]).astype(np.float64)
    return np.asarray(
        found.reshape(len(found), ROWS // POOL, POOL, COLUMNS // POOL, POOL).mean(axis=(2, 4)).reshape(len(found), -1)
    )


def fit_limits(table: Sequence[Mapping[str, float]]) -> Limits:
    """Return the limits of each feature over many images' features, widened."""
    limits = {}
    for name in table[0]:
        low, high = np.percentile([row[name] for row in table], [TAIL, 100 - TAIL])
        margin = WIDENED * (high - low)
        limits[name] = (round(float(low - margin), 3), CEILINGS.get(name, round(float(high + margin), 3)))
    return limits


def fit(chests: Samples, others: Samples, impostors: Samples, seed: int) -> Fitted:
    """Fit limits and network to ``chests``, and choose the threshold on those of ``others``, whom the network has not seen.

    Chests count in their mirror image too, and both sides weigh alike.
    """
    from sklearn.neural_network import MLPClassifier

    proper = np.concatenate([chests.prepared, _mirrored(chests.prepared)])
    proper = np.tile(proper, (max(1, round(len(impostors.prepared) / len(proper))), 1))
    network = MLPClassifier(
        (HIDDEN,), alpha=PENALTY, max_iter=PASSES, n_iter_no_change=PASSES, learning_rate_init=2e-3, random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has not converged: the passes are fixed
        network.fit(np.concatenate([proper, impostors.prepared]), np.repeat([1, 0], [len(proper), len(impostors.prepared)]))
    first, second = (Layer(np.asarray(w), np.asarray(b)) for w, b in zip(network.coefs_, network.intercepts_, strict=True))
    unbound = Fitted(fit_limits([*chests.table, *others.table]), (first, second), 0.0)
    unseen = unbound.logit(np.concatenate([others.prepared, _mirrored(others.prepared)]))
    return unbound._replace(threshold=float(np.round(1 / (1 + np.exp(-np.quantile(unseen, REFUSED))), 6)))


def joined(samples: Sequence[Samples]) -> Samples:
    return Samples([row for one in samples for row in one.table], np.concatenate([one.prepared for one in samples]))


def _mirrored(prepared: Floats) -> Floats:
    return prepared.reshape(-1, ROWS // POOL, COLUMNS // POOL)[:, :, ::-1].reshape(prepared.shape)
