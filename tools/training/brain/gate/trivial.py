"""What a few plain numbers reach: is the border dark, how much is bright, how rough is it, is it alike left and right?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

BRIGHT = 0.15
RIM = 6


def features(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return eight numbers of each image [n, 64, 64]: means, rim, bright share, spread, roughness, likeness of the halves."""
    values = images.astype(np.float64) / 255
    rim = np.ones(values.shape[1:], dtype=bool)
    rim[RIM:-RIM, RIM:-RIM] = False
    steps = np.abs(np.diff(values, axis=1)).mean(axis=(1, 2)) + np.abs(np.diff(values, axis=2)).mean(axis=(1, 2))
    return np.stack(
        [
            values.mean(axis=(1, 2)),
            values[:, rim].mean(axis=1),
            np.median(values, axis=(1, 2)),
            values.std(axis=(1, 2)),
            (values > BRIGHT).mean(axis=(1, 2)),
            (values[:, rim] > BRIGHT).mean(axis=1),
            steps,
            np.abs(values - values[:, :, ::-1]).mean(axis=(1, 2)),
        ],
        axis=1,
    )


def fitted(images: NDArray[np.uint8], proper: NDArray[np.bool_], seed: int) -> Any:
    """Return a function from images to the probability of a proper slice, of boosted trees on `features`."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(random_state=seed).fit(features(images), proper)
    return lambda some: model.predict_proba(features(some))[:, 1]
