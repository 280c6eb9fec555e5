"""From a FLAIR slice to what the anomaly model was trained on: Wiener filter, cut to the head, 64 × 64, z-score, −1 to 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import head
from models.mr_slice import checked, scaled
from models.wiener import wiener

NAME = "wiener-head-zscore-64-1"
"""What a bundle's card calls this preprocessing; a change of it needs a new name and a newly trained bundle."""
SIDE = 64
CLIP = 3.0
"""Standard deviations that become 1: the scalp lies beyond, the tissue of the brain inside."""
TISSUE = 0.5
"""A pixel above this share of the image's mean is no air."""
MAD_TO_SD = 1.4826
"""For a normal distribution (Rousseeuw & Croux, J. Am. Stat. Assoc. 88:1273, 1993)."""
LEAST_SPREAD = 0.02
"""Of the slice's brightest tissue: an image of one grey value has no spread to divide by."""


def prepared(pixels: NDArray[Any]) -> tuple[NDArray[np.float32], head.Frame]:
    """Return the network's input for ``pixels`` [rows, columns], float32 [64, 64], and what part of the slice it shows.

    0 is the median of everything that is not air. One standard deviation (estimated from the median absolute deviation, since
    scalp and tumour would stretch an ordinary one) is a third; what lies beyond three is −1 or 1.
    Raises `models.errors.BadInput` for what is no slice.
    """
    slice_ = scaled(checked(pixels))
    frame = head.find(slice_)
    return normalised(frame.cut(wiener(slice_), SIDE)), frame


def normalised(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the clipped robust z-score of ``image``, float32 of its shape in −1 to 1."""
    tissue = image[image > TISSUE * image.mean()]
    middle = np.median(tissue) if tissue.size else 0.0
    spread = max(MAD_TO_SD * float(np.median(np.abs(tissue - middle))), LEAST_SPREAD) if tissue.size else LEAST_SPREAD
    return np.asarray(np.clip((image - middle) / (CLIP * spread), -1.0, 1.0), dtype=np.float32)
