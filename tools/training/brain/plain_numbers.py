"""Twelve plain numbers of a picture that nobody would call medical, and what gradient boosting makes of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tools.training.scores import Floats, Ints


def plain_numbers(grey: NDArray[np.uint8]) -> list[float]:
    """Return brightness, contrast, border, sharpness, symmetry and shape of a picture [rows, columns]."""
    image = grey.astype(np.float64)
    border = np.concatenate([image[:4].ravel(), image[-4:].ravel(), image[:, :4].ravel(), image[:, -4:].ravel()])
    return [
        float(image.mean()),
        float(image.std()),
        *(float(value) for value in np.percentile(image, [10, 50, 90, 99])),
        float(border.mean()),
        float(border.std()),
        float(np.abs(np.diff(image, axis=0)).mean()),
        float(np.abs(image - image[:, ::-1]).mean()),
        float((image < 5).mean()),
        image.shape[1] / image.shape[0],
    ]


def boosted(plain: Floats, label: Ints, fold: Ints) -> Floats:
    """Return out-of-fold probabilities [n, classes] of gradient boosting on ``plain`` [n, features]."""
    found = np.empty((len(label), int(label.max()) + 1))
    for held_out in np.unique(fold):
        own = fold == held_out
        found[own] = predicted(plain[~own], label[~own], plain[own])
    return found


def predicted(plain: Floats, label: Ints, others: Floats) -> Floats:
    """Return what gradient boosting (scikit-learn), fitted on ``plain``, says of ``others``: probabilities [n, classes]."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # on a busy machine its threads wait for each other longer than they work
        model = HistGradientBoostingClassifier(max_iter=100, learning_rate=0.05, random_state=0).fit(plain, label)
        return np.asarray(model.predict_proba(others), dtype=np.float64)
