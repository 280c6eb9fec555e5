"""What the network says of slices that it was not made for: gliomas of other hospitals, and slices without a tumour."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import head
from models.mr_slice import checked, scaled
from tools.training.brain.data import POST, TYPES, Slice, gliomas
from tools.training.brain.type.answers import probabilities
from tools.training.brain.type.measure import Outputs, Reading
from tools.training.scores import share_interval


def measure(data_dir: Path, outputs: Outputs, reading: Reading, side: int, seed: int) -> dict[str, Any]:
    """Return the card's section: one slice with and one without a tumour of each LGG patient, post-contrast T1."""
    slices = gliomas(data_dir)
    largest = _one_each(slices, tumour=True)
    without = _one_each(slices, tumour=False)
    with_probability = probabilities(outputs(_seen(largest, side))[0], reading.temperature)
    without_probability = probabilities(outputs(_seen(without, side))[0], reading.temperature)
    called = share_interval(with_probability.argmax(axis=1) == TYPES.index("glioma"), seed)
    answered = share_interval(without_probability.max(axis=1) >= reading.chosen.least_probability, seed)
    return {
        "data": "lower-grade gliomas of The Cancer Genome Atlas (M. Buda et al., Comput. Biol. Med. 109, 2019), post-contrast "
        "T1; where a patient has none, another series stands in its place",
        "gliomas_called_glioma": [called.value, called.low, called.high],
        "n_gliomas": len(largest),
        "without_tumour_but_answered": [answered.value, answered.low, answered.high],
        "n_without_tumour": len(without),
        "note": "One slice of each patient: the one with the largest tumour, and the one without a tumour that lies most "
        "in the middle. Value and 95 % interval over patients. Many of these gliomas take up no contrast agent, unlike those "
        "that it was trained on. An answer about a slice without a tumour is always wrong: only a person may ask this model.",
    }


def _one_each(slices: list[Slice], *, tumour: bool) -> list[Slice]:
    """Return for each patient the slice with the largest tumour, or the tumour-free one nearest to the middle of the head."""
    best: dict[str, tuple[float, Slice]] = {}
    for one in slices:
        if one.tumour is not tumour or one.channels()[..., POST].min() == one.channels()[..., POST].max():
            continue
        worth = float(one.mask().sum()) if tumour else -abs(one.position - 0.5)
        if one.patient not in best or worth > best[one.patient][0]:
            best[one.patient] = (worth, one)
    return [best[patient][1] for patient in sorted(best)]


def _seen(slices: list[Slice], side: int) -> NDArray[np.float32]:
    images = [scaled(checked(one.channels()[..., POST])) for one in slices]
    return np.stack([head.find(image).cut(image, side) for image in images])
