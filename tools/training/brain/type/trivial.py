"""What can be told about the type without looking at the tumour as a radiologist does: baselines for the network.

Intensities tell the scanner and the sequence, the outline tells the plane of the slice. Where the outlined tumour lies and how
large it is tells much too, but only somebody who has found the tumour already knows that.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models import head
from models.mr_slice import checked, scaled
from tools.training.brain.data import Slice
from tools.training.brain.plain_numbers import predicted
from tools.training.scores import Floats, Ints

Features = NDArray[np.float64]


def intensities(one: Slice) -> list[float]:
    """Return eleven plain numbers of a slice with its tumour left out: brightness, border, sharpness, symmetry."""
    image = one.grey().astype(np.float64)
    image[_grown(one.mask())] = np.nan
    border = np.concatenate([image[:4].ravel(), image[-4:].ravel(), image[:, :4].ravel(), image[:, -4:].ravel()])
    bright = image[image > np.nanmean(image)]
    steps = np.abs(np.diff(image, axis=0))
    return [
        float(np.nanmean(image)),
        float(np.nanstd(image)),
        *(float(value) for value in np.nanpercentile(image, [10, 50, 90, 99])),
        float(np.nanmean(border)),
        float(bright.mean()),
        float(bright.std()),
        float(np.nanmean(steps)),
        float(np.nanmean(np.abs(image - image[:, ::-1]))),
    ]


def geometry(one: Slice) -> list[float]:
    """Return where the head lies in the slice and how much of it is tissue: six numbers that tell the plane."""
    image = scaled(checked(one.grey()))
    rows, columns = image.shape
    frame = head.find(image)
    height, width = frame.bottom - frame.top, frame.right - frame.left
    tissue = float((image[frame.top : frame.bottom, frame.left : frame.right] > head.TISSUE).mean())
    return [frame.top / rows, frame.left / columns, height / rows, width / columns, width / max(height, 1), tissue]


def outline(one: Slice) -> list[float]:
    """Return where in the head the outlined tumour lies, and its size: five numbers that nobody has before it is found."""
    frame = head.find(scaled(checked(one.grey())))
    rows, columns = np.nonzero(one.mask())
    if not rows.size:
        return [np.nan] * 5
    height, width = max(frame.bottom - frame.top, 1), max(frame.right - frame.left, 1)
    down, across = (rows.mean() - frame.top) / height, (columns.mean() - frame.left) / width
    return [float(down), float(across), float(abs(across - 0.5)), rows.size / (height * width), width / height]


FEATURES = {
    "brightness, border, sharpness and symmetry without the tumour (gradient boosting)": (intensities,),
    "outline of the head: the plane of the slice (gradient boosting)": (geometry,),
    "both (gradient boosting)": (intensities, geometry),
    "place and size of the outlined tumour, as if it were known (gradient boosting)": (outline,),
}


def boosted(train: Sequence[Slice], label: Ints, others: Sequence[Slice]) -> dict[str, Floats]:
    """Return for each set of features what gradient boosting says of ``others``: probabilities [n, classes]."""
    return {name: predicted(_table(train, name), label, _table(others, name)) for name in FEATURES}


def _table(slices: Sequence[Slice], name: str) -> Features:
    return np.array([[value for part in FEATURES[name] for value in part(one)] for one in slices], dtype=np.float64)


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the mask with a rim of six pixels: a tumour's edge and oedema belong to it."""
    import cv2

    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((13, 13), dtype=np.uint8)), dtype=bool)
