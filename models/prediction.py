"""What a model says about one image."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Outcome(StrEnum):
    """Never a diagnosis: where the image's score lies, or why there is none."""

    BELOW_THRESHOLD = "below_threshold"
    ABOVE_THRESHOLD = "above_threshold"
    ABSTAINED = "abstained"
    """The score lies in the band in which the model is not to be trusted."""
    OUT_OF_DOMAIN = "out_of_domain"
    """The input gate refused the image: it is not of the kind that the model was trained on. There is no score."""


@dataclass(frozen=True)
class Prediction:
    """One answer of one bundle."""

    outcome: Outcome
    probability: float | None
    """Calibrated, 0 to 1; ``None`` where the gate refused the image."""
    threshold: float
    abstain: tuple[float, float]
    """Lower and upper end of the abstention band, around the threshold."""
    model: str
    version: str
    bundle_sha256: str
    occlusion: NDArray[np.float32] | None
    """[24, 32]: by how much the probability falls when this place is covered; ``None`` without a score."""
    reason: str
    """One English sentence for the doctor: why this outcome."""
    gate_sha256: str | None = None
    """Which gate let the image in, or refused it: the hash of its bundle."""
    prevalence: float | None = None
    """Share of those examined at this place who are ill, as the configuration says; ``None`` where it does not."""
    ill_here: tuple[float, float, float] | None = None
    """How many of those with this answer are ill at that prevalence, with lower and upper end (`models.prevalence`); ``None``
    where the prevalence is not known or there is no answer."""
