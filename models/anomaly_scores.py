"""How far a slice is from those without a tumour: four scores of what two autoencoders could not reproduce of it.

All of them are computed in float outside of the quantised network, whose integers would round a small residual away.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.anomaly_input import SIDE
from models.errors import BundleCorrupt

SMOOTHING_PX = 3.0
"""Standard deviation of the Gaussian over the map of z-scores, in pixels of 64: a single deviating pixel is noise."""
CELLS = 8
"""Side of the grid over which the residual is averaged before the Mahalanobis distance: 64 features."""
FEWEST_SLICES = 1000
"""Slices behind the statistics. What is averaged over fewer people's slices could show one of them, and is not loaded."""

Image = NDArray[np.float32]
Network = Callable[[Image], tuple[Image, Image]]
"""A prepared slice [64, 64] → its reconstruction D(G(x)) [64, 64] and the latent of G."""


class Score(StrEnum):
    """What is measured; higher is less like the slices without a tumour."""

    RESIDUAL = "residual"
    """‖x − D(G(x))‖₂, as a root mean square over the pixels."""
    LATENT = "latent"
    """Euclidean distance between the latents of x and of D(G(x))."""
    MAHALANOBIS = "mahalanobis"
    """Mahalanobis distance of the residual's magnitude in 8 × 8 places (Proc. Natl. Inst. Sci. India 2:49, 1936)."""
    Z_SCORE = "z-score"
    """Highest value of the smoothed map of z-scores of x − D(G(x)), pixel by pixel."""


@dataclass(frozen=True)
class Statistics:
    """What the residuals of many slices without a tumour are like; no slice of one person can be told from it."""

    mean: Image
    """[64, 64]: of x − D(G(x))."""
    deviation: Image
    """[64, 64]: its standard deviation, above 0."""
    centre: Image
    """[64]: mean of `features`."""
    precision: Image
    """[64, 64]: inverse of their shrunk covariance."""
    slices: int
    """How many."""

    def packed(self) -> bytes:
        """Return the content of a bundle's ``statistics.npz``; the same numbers give the same bytes."""
        file = io.BytesIO()
        np.savez_compressed(file, allow_pickle=False, **{**vars(self), "slices": np.array(self.slices)})
        return file.getvalue()

    @classmethod
    def unpacked(cls, content: bytes | None, where: str) -> Statistics:
        """Read a bundle's ``statistics.npz``; raises `BundleCorrupt` where it is missing or is something else."""
        try:
            with np.load(io.BytesIO(content or b""), allow_pickle=False) as file:
                slices = int(file["slices"])
                arrays = {name: file[name].astype(np.float32) for name in ("mean", "deviation", "centre", "precision")}
        except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile) as error:
            raise BundleCorrupt(f"{where} holds no statistics of residuals ({error}); install the bundle again") from error
        shapes = {name: array.shape for name, array in arrays.items()}
        features = CELLS * CELLS
        wanted = {"mean": (SIDE, SIDE), "deviation": (SIDE, SIDE), "centre": (features,), "precision": (features, features)}
        finite = all(np.isfinite(array).all() for array in arrays.values())
        if shapes != wanted or not finite or not (arrays["deviation"] > 0).all():
            raise BundleCorrupt(f"{where} holds other statistics than this version needs; install the bundle again")
        if slices < FEWEST_SLICES:
            raise BundleCorrupt(f"{where} is made of {slices} slices; at least {FEWEST_SLICES} are needed")
        return cls(slices=slices, **arrays)


def scores(image: Image, network: Network, statistics: Statistics) -> tuple[dict[Score, float], Image]:
    """Return every score of a prepared slice [64, 64], and the smoothed map of z-scores, float32 [64, 64]."""
    rebuilt, latent = network(image)
    again = network(rebuilt)[1]
    residual = image - rebuilt
    zs = z_map(residual, statistics.mean, statistics.deviation)
    found = {
        Score.RESIDUAL: float(np.sqrt((residual**2).mean())),
        Score.LATENT: float(np.linalg.norm(latent - again)),
        Score.MAHALANOBIS: mahalanobis(features(residual), statistics),
        Score.Z_SCORE: float(zs.max()),
    }
    return found, zs


def z_map(residual: Image, mean: Image, deviation: Image) -> Image:
    """Return the smoothed z-scores of a signed residual [64, 64]; above 0: brighter than expected, as FLAIR shows a tumour."""
    import cv2

    return np.asarray(cv2.GaussianBlur((residual - mean) / deviation, (0, 0), SMOOTHING_PX), dtype=np.float32)


def features(residual: Image) -> Image:
    """Return the residual's mean magnitude in each of 8 × 8 places, float32 [64]."""
    step = SIDE // CELLS
    return np.asarray(np.abs(residual).reshape(CELLS, step, CELLS, step).mean(axis=(1, 3)).ravel(), dtype=np.float32)


def mahalanobis(feature: Image, statistics: Statistics) -> float:
    """Return how far ``feature`` [64] is from the slices without a tumour, in their own standard deviations."""
    away = (feature - statistics.centre).astype(np.float64)
    return math.sqrt(max(float(away @ statistics.precision.astype(np.float64) @ away), 0.0))
