"""What the anomaly model's network and its statistics give for many slices: the same code as at run time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from models.anomaly_scores import Network, Score, Statistics, features, scores
from tools.training.brain.anomaly.slices import Images, Masks, Slices, augmented
from tools.training.scores import Floats

LEAST_DEVIATION = 0.1
"""Of a pixel's residual: in the air it hardly varies, and dividing by its own spread would make noise a finding."""
SHRINKAGE = 0.1
"""Weight of a multiple of the identity in the covariance (Friedman, J. Am. Stat. Assoc. 84:165, 1989, equation 18)."""
VIEWS = 4
"""Changed copies of a slice over which it is seen how much its score varies."""


class Measured(NamedTuple):
    """Slices with what was found for each of them."""

    slices: Slices
    score: dict[Score, Floats]
    """[n] each."""
    residual: Images
    """[n, 64, 64]: x − D(G(x))."""
    zs: Images
    """[n, 64, 64]: the smoothed map."""

    def only(self, which: Masks) -> Measured:
        """Return a part of the slices, chosen by ``which`` [n]."""
        score = {name: values[which] for name, values in self.score.items()}
        return Measured(self.slices.only(which), score, self.residual[which], self.zs[which])


def residuals(images: Images, network: Network) -> Images:
    """Return x − D(G(x)) of each of ``images`` [n, 64, 64]."""
    return np.stack([image - network(image)[0] for image in images])


def fit_statistics(residual: Images) -> Statistics:
    """Return what the residuals [n, 64, 64] of slices without a tumour are like."""
    feature = np.stack([features(one) for one in residual]).astype(np.float64)
    covariance = np.cov(feature, rowvar=False)
    size = len(covariance)
    shrunk = (1 - SHRINKAGE) * covariance + SHRINKAGE * np.trace(covariance) / size * np.eye(size)
    return Statistics(
        mean=residual.mean(axis=0).astype(np.float32),
        deviation=np.maximum(residual.std(axis=0), LEAST_DEVIATION).astype(np.float32),
        centre=feature.mean(axis=0).astype(np.float32),
        precision=np.linalg.inv(shrunk).astype(np.float32),
        slices=len(residual),
    )


def measure(slices: Slices, network: Network, statistics: Statistics) -> Measured:
    """Return every score and map of ``slices``."""
    found = [scores(image, network, statistics) for image in slices.image]
    return Measured(
        slices=slices,
        score={name: np.array([one[name] for one, _ in found]) for name in Score},
        residual=residuals(slices.image, network),
        zs=np.stack([zs for _, zs in found]),
    )


def wobble(images: Images, used: Score, network: Network, statistics: Statistics, seed: int) -> float:
    """Return the median standard deviation of a score over changed views of the same slice."""
    rng = np.random.default_rng(seed)
    views = [augmented(images, rng) for _ in range(VIEWS)]
    found = [[scores(image, network, statistics)[0][used] for image in view] for view in views]
    return float(np.median(np.std(found, axis=0)))
