"""Other pictures of the same tumours: what another scanner, another head and another radiographer would have changed.

Slices are flipped left to right although a head has sides: no tumour type prefers one, no answer names one, and which side of
the picture is the patient's left differs between viewers, so the network must not depend on it. They are never flipped upside
down, since no viewer shows a head so.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]

ROTATION_DEG = 15.0
SHIFT = 0.05
"""Of the side, in each direction."""
ZOOM = 0.2
BRIGHTNESS = 0.1
CONTRAST = 0.2
GAMMA = 0.25
"""Exponents from 1 / (1 + GAMMA) to 1 + GAMMA."""
NOISE = 0.03
"""Largest standard deviation of added noise."""
FLIPPED, EQUALISED, NOISY = 0.5, 0.25, 0.3
"""Share of pictures that each of these is done to."""


def varied(image: Image, mask: Image, rng: np.random.Generator) -> tuple[Image, Image]:
    """Return another version of ``image`` [side, side], 0 to 1, and of its ``mask``."""
    import cv2

    side = len(image)
    turn, zoom = rng.uniform(-ROTATION_DEG, ROTATION_DEG), 1 + rng.uniform(-ZOOM, ZOOM)
    move = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), turn, zoom)
    move[:, 2] += rng.uniform(-SHIFT, SHIFT, 2) * side
    if rng.random() < FLIPPED:
        move = move @ np.array([[-1.0, 0.0, side - 1], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    moved = cv2.warpAffine(image, move, (side, side), flags=cv2.INTER_LINEAR)
    return _other_scanner(moved, rng), cv2.warpAffine(mask, move, (side, side), flags=cv2.INTER_LINEAR)


def _other_scanner(image: Image, rng: np.random.Generator) -> Image:
    """Return ``image`` with other intensities: equalised locally or not, another gamma, contrast, brightness and noise."""
    import cv2

    if rng.random() < EQUALISED:
        equalise = cv2.createCLAHE(clipLimit=float(rng.uniform(1.0, 3.0)), tileGridSize=(4, 4))
        image = equalise.apply(np.rint(image * 255).astype(np.uint8)).astype(np.float32) / np.float32(255)
    exponent = (1 + rng.uniform(0, GAMMA)) ** rng.choice((-1, 1))
    image = image ** np.float32(exponent) * np.float32(1 + rng.uniform(-CONTRAST, CONTRAST))
    image = image + np.float32(rng.uniform(-BRIGHTNESS, BRIGHTNESS))
    if rng.random() < NOISY:
        image = image + rng.normal(0, rng.uniform(0, NOISE), image.shape).astype(np.float32)
    return np.clip(image, 0.0, 1.0)
