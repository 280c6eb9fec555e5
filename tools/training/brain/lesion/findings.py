"""Everything that is measured of a network on patients it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.brain_lesion import OUTSIDE, score
from models.lesion_input import SIDE, Cut, head, prepare
from tools.training.brain.data import Slice, gliomas, of_split, tumour_types
from tools.training.brain.lesion import baselines
from tools.training.brain.lesion.measure import SETS, Ask, Measured, measure
from tools.training.brain.lesion.overlap import points_at
from tools.training.brain.lesion.sampling import Images, series_of
from tools.training.progress import Say
from tools.training.scores import Floats

COVER, STEP = 48, 24
"""Side of a cover and distance between covers in pixels of the network's input: 7 × 7 places."""
OCCLUDED = 5
"""Every how many test slices with a tumour an occlusion map is made: it takes 49 answers."""


@dataclass(frozen=True)
class Data:
    """The slices by what they are used for."""

    train: list[Slice]
    val: list[Slice]
    test: list[Slice]
    """Of LGG."""
    types_train: list[Slice]
    types_test: list[Slice]
    """Of Jun Cheng."""

    @classmethod
    def read(cls, folder: Path) -> Data:
        """Raises `TrainingDataMissing` or `TrainingDataUnusable`."""
        lgg, types = gliomas(folder), tumour_types(folder)
        train, val, test = (of_split(lgg, split) for split in ("train", "val", "test"))
        return cls(train, val, test, of_split(types, "train"), of_split(types, "test"))


class Pointing(NamedTuple):
    """A pointing game: which maps pointed into the tumour, of whom, and how often a random place would."""

    hit: NDArray[np.bool_]
    patient: NDArray[np.str_]
    chance: float


@dataclass(frozen=True)
class Findings:
    """Of the test patients."""

    gliomas: dict[tuple[str, ...], Measured]
    """For each set of series."""
    types: Measured
    """Jun Cheng's slices, post-contrast T1 alone."""
    position: Floats
    """Score of each glioma slice from its position alone."""
    intensity: Floats
    bright: Floats
    """Dice of bright FLAIR, of each glioma slice with a tumour."""
    occlusion: Pointing


def find(ask: Ask, data: Data, mask_from: float, progress: Say) -> Findings:
    """Measure a network on the test patients."""
    found = {}
    for names in SETS:
        found[names] = measure(ask, data.test, names, mask_from)
        progress(f"measured {len(data.test)} slices of gliomas with {' + '.join(names)}")
    types = measure(ask, data.types_test, ("t1c",), mask_from)
    progress(f"measured {len(types)} slices of three tumour types")
    ill = [one for one in data.test if one.tumour]
    return Findings(
        gliomas=found,
        types=types,
        position=baselines.position_alone(data.train, data.test),
        intensity=baselines.intensity(data.train, data.test),
        bright=baselines.bright_flair(data.train, ill),
        occlusion=_occlusion(ask, ill[::OCCLUDED]),
    )


def _occlusion(ask: Ask, slices: Sequence[Slice]) -> Pointing:
    hits, chances = [], []
    for one in slices:
        series = series_of(one)
        cut = head(series)
        truth = one.mask()
        hits.append(points_at(cut.back(occlusion_map(ask, prepare(series, cut) * 2 - 1), OUTSIDE), truth))
        chances.append(_chance(cut, truth))
    return Pointing(np.array(hits), np.array([one.patient for one in slices]), float(np.mean(chances)))


def occlusion_map(ask: Ask, image: Images) -> Images:
    """Return by how much the slice's score falls when each place of an input [144, 144, 3] is covered, float32 [144, 144].

    A cover takes the mean of what it hides, series by series (Zeiler & Fergus, ECCV 2014, section 4, with grey instead).
    """
    starts = range((STEP - COVER) // 2, SIDE, STEP)
    places = [(slice(max(y, 0), y + COVER), slice(max(x, 0), x + COVER)) for y in starts for x in starts]
    covered = np.repeat(image[None], len(places), axis=0)
    for one, place in zip(covered, places, strict=True):
        one[place] = one[place].mean(axis=(0, 1))
    whole = score(ask(image[None])[0])
    fall, covers = np.zeros(image.shape[:2]), np.zeros(image.shape[:2])
    for place, cells in zip(places, ask(covered), strict=True):
        fall[place] += whole - score(cells)
        covers[place] += 1
    return np.asarray(fall / covers, dtype=np.float32)


def _chance(cut: Cut, truth: NDArray[np.bool_]) -> float:
    return float(truth.sum() / min(cut.side**2, truth.size))


def is_central(found: Measured) -> NDArray[np.bool_]:
    """Return which slices lie in the middle half of the head, where position tells little."""
    return np.asarray((found.position >= 0.25) & (found.position <= 0.75))
