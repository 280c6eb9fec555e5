"""The baseline that was published to us: features of an ImageNet network that is not trained, and logistic regression."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.mr_slice import checked, scaled, square
from tools.training.brain.data import TYPES, Slice
from tools.training.scores import Floats

SIDE = 128


def features(slices: list[Slice], weights: Path) -> NDArray[np.float32]:
    """Return MobileNetV2's 1,280 mean features of each whole slice at 128 px, [n, 1280]."""
    import keras

    network = keras.applications.MobileNetV2((SIDE, SIDE, 3), 1.0, include_top=False, weights=None, pooling="avg")
    network.load_weights(weights)
    parts = [slices[start : start + 64] for start in range(0, len(slices), 64)]
    return np.concatenate([np.asarray(network(_batch(part), training=False)) for part in parts])


def logistic(train: NDArray[np.float32], label: NDArray[np.int64], test: NDArray[np.float32]) -> Floats:
    """Return probabilities [n, types] of an untuned logistic regression on standardised features."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model: Any = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000, class_weight="balanced"))
    return np.asarray(model.fit(train, label).predict_proba(test))


def labels(slices: list[Slice]) -> NDArray[np.int64]:
    return np.array([TYPES.index(one.kind) for one in slices])


def _batch(slices: list[Slice]) -> NDArray[np.float32]:
    grey = np.stack([2 * square(scaled(checked(one.grey())), SIDE) - 1 for one in slices])
    return np.repeat(grey[..., None], 3, axis=-1)
