"""How much warmer one side of the body is than the other: a measurement that can be read without any network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.visit.body import find_body, mirrored, smoothed
from drivers.protocols import COLUMNS, ROWS

TOP_ROW = 4
"""Rows above it may show chin, hair and arms (they are a sixth of the picture)."""
BESIDE_PX = 1.5
"""Nearer to the midline a place belongs to neither side: its mirrored value is interpolated across it."""
MIDLINE_U_PX = 0.5
"""Standard uncertainty of where the body's plane of symmetry is: outlines of real bodies are not quite symmetrical."""
NON_UNIFORMITY_U_K = 0.29
"""Without a flat field: the two halves of the sensor may differ by ±0.5 K (data sheet, non-uniformity), ±0.5/√3."""
FLAT_FIELD_U_K = 0.05
"""With a flat field: what remains between two calibrations against the plate."""
FEWEST_PAIRS = 20
"""Fewer mirrored pairs than this are no comparison."""


@dataclass(frozen=True, eq=False)
class Asymmetry:
    """The patient's left side minus the right side. In the picture the patient's left is on the right, as in a photograph."""

    difference_k: float
    uncertainty_k: float
    """Standard uncertainty (coverage factor 1), K."""
    left_c: float
    right_c: float
    map: NDArray[np.float32]
    """[24, 32]: each place minus its mirrored place, K; NaN off the body."""


def measure_asymmetry(celsius: NDArray[np.floating[Any]], noise_k: float, *, flat_field: bool) -> Asymmetry | None:
    """Compare the two halves of a body in ``celsius`` ([24, 32], °C, standard error of a pixel ``noise_k``).

    Each place is compared with the place mirrored about the body's midline, where both lie on the body and not at its edge.
    ``None`` where there is no body or too little of it on both sides.

    Uncertainty (JCGM 100:2008, 5.1.2): noise of the two means, ``noise_k``·√(2 / pairs); placement of the midline, the
    change of the difference when the midline moves by ± `MIDLINE_U_PX`; the sensor's own non-uniformity between its halves,
    with or without flat field. Emissivity that differs between the sides (cream, a plaster) is not in it.
    """
    body = find_body(celsius)
    if body is None:
        return None
    skin = smoothed(body.mask.astype(np.float64)) > 0.999  # a place at the outline mixes skin and room
    skin[:TOP_ROW] = False
    compared = _compare(celsius, skin, body.midline)
    placement_k = _placement(celsius, skin, body.midline)
    if compared is None or placement_k is None:
        return None
    noise = noise_k * np.sqrt(2 / compared.pairs)
    sensor = FLAT_FIELD_U_K if flat_field else NON_UNIFORMITY_U_K
    uncertainty = float(np.sqrt(noise**2 + placement_k**2 + sensor**2))
    return Asymmetry(compared.left_c - compared.right_c, uncertainty, compared.left_c, compared.right_c, compared.map)


@dataclass(frozen=True, eq=False)
class _Compared:
    left_c: float
    right_c: float
    pairs: int
    map: NDArray[np.float32]


def _compare(celsius: NDArray[np.floating[Any]], skin: NDArray[np.bool_], midline: float) -> _Compared | None:
    reflection = mirrored(celsius, midline)
    both = skin & (np.nan_to_num(mirrored(skin.astype(np.float64), midline)) > 0.999)
    pairs = both & (np.arange(COLUMNS) > midline + BESIDE_PX)
    if pairs.sum() < FEWEST_PAIRS:
        return None
    difference = np.full((ROWS, COLUMNS), np.nan, np.float32)
    difference[both] = (celsius - reflection)[both]
    return _Compared(float(celsius[pairs].mean()), float(reflection[pairs].mean()), int(pairs.sum()), difference)


def _placement(celsius: NDArray[np.floating[Any]], skin: NDArray[np.bool_], midline: float) -> float | None:
    """Return what a midline that is off by its uncertainty does to the difference, K; ``None`` where too little is left."""
    low, high = (_compare(celsius, skin, midline + side * MIDLINE_U_PX) for side in (-1, 1))
    if low is None or high is None:
        return None
    return abs((high.left_c - high.right_c) - (low.left_c - low.right_c)) / 2
