"""Where the body stands in a thermal frame: its outline, its midline, and how much of the picture it fills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivers.protocols import COLUMNS, ROWS

LEAST_CONTRAST_K = 2.5
"""Skin against room. Skin is above 27 °C, the room at most 25 °C (the ambient gate): less than this is furniture."""
SKIN_C = (27.0, 38.0)
"""Between these lies the mean of uncovered skin in a room of 18 to 25 °C (200 thermograms of DMR-IR: 28.4 to 33.6 °C)."""
LEAST_AREA = 0.08
"""Share of the picture below which a warm thing is no torso in front of the kiosk."""
ALL_SKIN_C = 28.0
"""When even the colder part of the picture is as warm as this, the body fills all of it."""

_TRUNK = slice(8, 21)
"""The rows in which the width is measured: below the arms, above the waist."""
_BELOW_CHIN = 4
"""Rows above this one may show chin and arms, which need not be symmetrical."""


@dataclass(frozen=True)
class Body:
    """A torso in a frame."""

    mask: NDArray[np.bool_]
    """[24, 32]; true on the body."""
    midline: float
    """Column of its plane of symmetry, 15.5 in the middle of the picture."""
    width: float
    """Share of the picture's columns that it fills, median over the trunk's rows."""
    skin_c: float
    """Mean temperature of the mask, °C."""


def find_body(celsius: NDArray[np.floating[Any]]) -> Body | None:
    """Return the torso in ``celsius`` ([24, 32], °C), or ``None`` when nothing like one is there.

    Outline: Otsu's threshold (IEEE Trans. SMC 9(1):62-66, 1979) on the smoothed frame. Midline: the column about which the
    outline is most like its own mirror image, which needs no edge to be complete and does not look at temperatures inside
    the body, so that it does not favour symmetry.
    """
    smooth = smoothed(celsius)
    threshold, cold_c, warm_c = _otsu(smooth)
    if cold_c >= ALL_SKIN_C and warm_c <= SKIN_C[1]:
        return Body(np.ones((ROWS, COLUMNS), np.bool_), (COLUMNS - 1) / 2, 1.0, float(smooth.mean()))
    mask = smooth > threshold
    if warm_c - cold_c < LEAST_CONTRAST_K or not SKIN_C[0] <= warm_c <= SKIN_C[1] or mask.mean() < LEAST_AREA:
        return None
    # Half way to skin counts as skin, so that a side that is 1 K cooler shifts the midline by 0.05 pixels only.
    outline = np.clip(2 * (smooth - cold_c) / (warm_c - cold_c), 0.0, 1.0)
    return Body(mask, _midline(outline), float(np.median(mask[_TRUNK].mean(axis=1))), float(smooth[mask].mean()))


def smoothed(image: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return ``image`` averaged over 3×3 places; the edge is repeated outwards."""
    padded = np.pad(np.asarray(image, np.float64), 1, mode="edge")
    rows = (padded[:-2] + padded[1:-1] + padded[2:]) / 3
    averaged: NDArray[np.float64] = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 3
    return averaged


def mirrored(image: NDArray[np.floating[Any]], midline: float) -> NDArray[np.float64]:
    """Return [rows, 32]: ``image`` reflected about column ``midline``, linearly interpolated; NaN where that lies outside."""
    left, share, inside = _mirror(np.array(midline))
    reflection: NDArray[np.float64] = image[:, left] * (1 - share) + image[:, left + 1] * share
    reflection[:, ~inside] = np.nan
    return reflection


def _mirror(midlines: NDArray[np.float64]) -> tuple[NDArray[np.int_], NDArray[np.float64], NDArray[np.bool_]]:
    """For each midline and each column: the column left of its mirrored place, the share of the one right of that, and
    whether the place lies in the picture."""
    source = 2 * midlines[..., None] - np.arange(COLUMNS)
    left = np.clip(np.floor(source).astype(int), 0, COLUMNS - 2)
    return left, source - left, (source >= 0) & (source <= COLUMNS - 1)


_CANDIDATES = np.arange(10.0, 21.01, 0.25)
_LEFT, _SHARE, _INSIDE = _mirror(_CANDIDATES)


def _otsu(image: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the threshold that parts the values best, and the means below and above it."""
    ordered = np.sort(image, axis=None)
    count = np.arange(1, ordered.size)
    total = np.cumsum(ordered)
    low = total[:-1] / count
    high = (total[-1] - total[:-1]) / (ordered.size - count)
    best = int(np.argmax(count * (ordered.size - count) * (high - low) ** 2))
    return float(ordered[best : best + 2].mean()), float(low[best]), float(high[best])


def _midline(outline: NDArray[np.float64]) -> float:
    """Return the column about which ``outline`` (0 room, 1 body) is most symmetrical, to a fraction of a pixel."""
    rows = outline[_BELOW_CHIN:]
    weight = rows.sum()
    centroid = float((rows * np.arange(COLUMNS)).sum() / weight) if weight else (COLUMNS - 1) / 2
    reflections = rows[:, _LEFT] * (1 - _SHARE) + rows[:, _LEFT + 1] * _SHARE
    cost = (((rows[:, None] - reflections) ** 2).mean(axis=0) * _INSIDE).sum(axis=1) / _INSIDE.sum(axis=1)
    best = int(cost.argmin())
    if best in (0, _CANDIDATES.size - 1) or abs(_CANDIDATES[best] - centroid) > 4.0:
        return centroid
    before, here, after = cost[best - 1 : best + 2]
    bend = before - 2 * here + after
    return float(_CANDIDATES[best] + (0.125 * (before - after) / bend if bend > 0 else 0.0))
