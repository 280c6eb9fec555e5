"""Whether what a model sees today is what it was trained on.

A model's card keeps eleven quantiles (0, 10, ..., 100 %) of a few plain statistics of the training's inputs, and of its scores.
A stream of images is folded into counts between those quantiles, and the counts are compared with the card's: by how much does
the share of images below a quantile differ from that quantile's own share (Kolmogorov's distance, at eleven places)?

How much of a distance is chance has a bound for every number of images and every distribution, ties included: two samples of n
and m differ by more than ε with a probability of at most 2·exp(−2·ε²·n·m/(n + m)) (Massart, Ann. Probab. 18:1269, 1990; for two
samples Wei and Dudley, Stat. Probab. Lett. 82:636, 2012). What is left above the bound is certain, and a small certain distance
is no fault: people here are not the people of the training.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import mr_slice, preprocess
from models.card import Card
from models.prediction import Outcome

SCORE = "score"
"""The calibrated probability that an answer rests on: of a finding, or of the likeliest class."""
REFUSED = "refused"
"""The share of images that the model does not take for its own kind; its card's is about 0, or it would not be shipped."""
POINTS = 11
"""Quantiles of each statistic: 0, 10, ..., 100 %."""
CELLS = 2 * POINTS + 1
"""Open intervals between and beyond the quantiles (even), and the quantiles themselves (odd): quantised scores hit them."""
FEWEST = 20
"""Below this many images nothing is said."""
FALSE_ALARMS = 0.01
"""Largest chance that any statistic of one period is called shifted although nothing has changed."""
TOLERATED = 0.1
"""A certain distance up to this is no drift: one image in ten lies elsewhere than in training."""

_SIGMA_OF_MAD = 1.4826
"""For a normal distribution (Rousseeuw and Croux, J. Am. Stat. Assoc. 88:1273, 1993)."""
_SIDE = 128
"""Slices are looked at in this size, so that the number of pixels of a scanner does not count."""
_TISSUE = 0.1
"""Of `mr_slice.scaled`: what is darker is air."""


def statistics(image: NDArray[Any]) -> dict[str, float]:
    """Return the statistics of one input by name: of a thermal image in °C, float32 [24, 32], or of an MR slice of any type.

    No slice is as small as a thermal image, so the shape tells which it is. Raises `BadInput` for what is neither.
    """
    thermal = getattr(image, "shape", None) == (preprocess.ROWS, preprocess.COLUMNS)
    found = of_thermogram(image) if thermal else of_slice(image)
    return {name: _rounded(value) for name, value in found.items()}


def of_thermogram(celsius: NDArray[np.float32]) -> dict[str, float]:
    """Return what a lens, a flat field, a room or a place to stand changes, of float32 [24, 32] in °C; raises `BadInput`."""
    preprocess.checked(celsius)
    body = preprocess.body_mask(celsius)
    if not body.any() or body.all():
        body = celsius >= np.median(celsius)
    inside, outside = celsius[body], celsius[~body]
    middle = float(np.median(inside))
    rows, columns = np.nonzero(body)
    right = columns > np.median(columns)
    low = rows > np.median(rows)
    bends = np.diff(celsius.astype(np.float64), n=2, axis=1)[body[:, :-2] & body[:, 1:-1] & body[:, 2:]]
    return {
        "body_c": middle,
        "contrast_k": middle - float(np.median(outside)) if outside.size else 0.0,
        "body_fraction": float(body.mean()),
        "spread_k": float(inside.std()),
        "side_k": _mean(inside[right]) - _mean(inside[~right]),
        "height_k": _mean(inside[low]) - _mean(inside[~low]),
        "noise_k": _SIGMA_OF_MAD * float(np.median(np.abs(bends))) / math.sqrt(6) if bends.size else 0.0,
    }


def of_slice(pixels: NDArray[Any]) -> dict[str, float]:
    """Return what a scanner, a sequence, a coil or a field of view changes, of a slice [rows, columns]; raises `BadInput`."""
    slice_ = mr_slice.checked(pixels)
    image = mr_slice.square(mr_slice.scaled(slice_), _SIDE)
    tissue = image > _TISSUE
    inside, outside = image[tissue], image[~tissue]
    steps = np.diff(image, axis=1)[tissue[:, 1:]]
    return {
        "tissue_fraction": float(tissue.mean()),
        "brightness": float(np.median(inside)) if inside.size else 0.0,
        "spread": float(inside.std()) if inside.size else 0.0,
        "sharpness": float(np.sqrt((steps**2).mean())) if steps.size else 0.0,
        "air": float(outside.std()) if outside.size else 0.0,
        "side": _mean(image[:, _SIDE // 2 :]) - _mean(image[:, : _SIDE // 2]),
        "brightest": float(np.percentile(slice_, mr_slice.BRIGHTEST) / slice_.max()) if slice_.max() > 0 else 0.0,
    }


def quantiles(values: Iterable[float]) -> tuple[float, ...]:
    """Return the eleven quantiles that a card keeps: each is the smallest value that has its share at or below it.

    Raises `ValueError` without any value, or where one is no number.
    """
    array = np.array([_rounded(value) for value in values], dtype=np.float64)
    if not array.size or not np.isfinite(array).all():
        raise ValueError("quantiles need at least one value, all of them finite")
    return tuple(float(one) for one in np.quantile(array, np.linspace(0, 1, POINTS), method="inverted_cdf"))


def reference_of(images: Iterable[NDArray[Any]], scores: Iterable[float]) -> dict[str, tuple[float, ...]]:
    """Return a card's ``[drift]``: the quantiles of each statistic of ``images``, and of ``scores`` where there are any.

    ``images`` as the kiosk would see them, before preprocessing. ``scores``: calibrated probabilities; see `SCORE`.
    """
    columns: dict[str, list[float]] = {}
    for image in images:
        for name, value in statistics(image).items():
            columns.setdefault(name, []).append(value)
    given = list(scores)
    if given:
        columns[SCORE] = given
    return {name: quantiles(values) for name, values in columns.items()}


def cell(reference: Sequence[float], value: float) -> int:
    """Return in which of the `CELLS` cells between and at the eleven quantiles ``value`` lies."""
    value = _rounded(value)
    first = int(np.searchsorted(reference, value, side="left"))
    return 2 * first + (first < len(reference) and reference[first] == value)


@dataclass(frozen=True)
class Reference:
    """What one bundle's card says about the images that it was trained on."""

    bundle_sha256: str
    quantiles: Mapping[str, tuple[float, ...]]
    """Eleven of each statistic; empty where the card has no ``[drift]``."""
    units: int
    """Independent people behind them."""

    @classmethod
    def of(cls, card: Card, bundle_sha256: str) -> Reference:
        return cls(bundle_sha256, card.drift, sum(data.n for data in card.data))

    def cells(self, image: NDArray[Any], probability: float | None) -> dict[str, int]:
        """Return in which cell each statistic of ``image`` lies that the card knows; raises `BadInput` for what is no image."""
        found = statistics(image) if self.quantiles else {}
        if probability is not None:
            found[SCORE] = probability
        return {name: cell(self.quantiles[name], value) for name, value in found.items() if name in self.quantiles}


@dataclass(frozen=True)
class Period:
    """What was counted in one week (or from one start to the next, where nobody knows the date)."""

    name: str
    running: bool
    """Whether it may still grow."""
    counts: Mapping[str, Mapping[int, int]]
    """For each statistic, how many images lay in each cell."""
    outcomes: Mapping[str, int]
    """How many images had each `models.prediction.Outcome`."""

    @property
    def n(self) -> int:
        return sum(self.outcomes.values())


@dataclass(frozen=True)
class Shift:
    """How one statistic of a period compares with the card."""

    statistic: str
    n: int
    distance: float
    """Largest difference between the share of images below a quantile and that quantile's share; above 0: they lie lower."""
    chance: float
    """How large it may be by chance; see `bound`."""

    @property
    def certain(self) -> float:
        """At least this share of the images lies elsewhere than in training."""
        return max(0.0, abs(self.distance) - self.chance)

    @property
    def drifted(self) -> bool:
        return self.n >= FEWEST and self.certain > TOLERATED


def shifts(reference: Reference, period: Period) -> list[Shift]:
    """Compare each statistic of ``period`` with the card, and the share of refused images with none; the largest first."""
    judged = [name for name in reference.quantiles if any(period.counts.get(name, {}).values())]
    number = len(judged) + 1
    found = []
    for name in judged:
        counts = period.counts[name]
        n = sum(counts.values())
        chance = bound(n, reference.units, number, running=period.running)
        found.append(Shift(name, n, distance(reference.quantiles[name], counts), chance))
    if period.n:
        refused = period.outcomes.get(Outcome.OUT_OF_DOMAIN, 0) / period.n
        found.append(Shift(REFUSED, period.n, refused, bound(period.n, reference.units, number, running=period.running)))
    return sorted(found, key=lambda shift: abs(shift.distance) - shift.chance, reverse=True)


def bound(n: int, units: int, statistics: int, *, running: bool) -> float:
    """Return the distance that chance exceeds in at most `FALSE_ALARMS` of the periods, for all ``statistics`` together.

    ``units``: independent people behind the card's quantiles. ``running``: the period is looked at after every image, not
    once at its end; the chance is then spread over all looks from `FEWEST` images on (Σ F/(n·(n+1)) from n = F on is 1).
    """
    chance = FALSE_ALARMS / statistics
    if running:
        n_or_more = max(n, FEWEST)
        chance *= FEWEST / (n_or_more * (n_or_more + 1))
    return math.sqrt(math.log(2 / chance) * (n + units) / (2 * n * units))


def distance(reference: Sequence[float], counts: Mapping[int, int]) -> float:
    """Return Kolmogorov's distance at the quantiles, with a sign: above 0, the counted values lie lower than the card's.

    A quantile of 30 % has at most 30 % below it and at least 30 % at or below it: only what breaks that counts. ``counts``:
    images in each `cell`, at least one in all.
    """
    reached = np.concatenate([[0.0], np.cumsum([counts.get(number, 0) for number in range(CELLS)])])
    reached /= reached[-1]
    worst = 0.0
    for share, value in zip(np.linspace(0, 1, POINTS), reference, strict=True):
        at = cell(reference, value)
        too_many, too_few = reached[at] - share, share - reached[at + 1]
        if max(too_many, too_few) > abs(worst):
            worst = float(too_many if too_many >= too_few else -too_few)
    return worst


def _mean(values: NDArray[np.float32]) -> float:
    return float(values.mean(dtype=np.float64)) if values.size else 0.0


def _rounded(value: float) -> float:
    """Return four decimals, as cards are written: so what lies at a quantile of the training is seen to."""
    return round(float(value), 4)
