"""Fits the input gate's limits to thermograms of chests, and measures what the gate then accepts and refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.gate import Gate, features
from tools.training.breast import impostors

Views = Sequence[NDArray[np.float32]]
Limits = dict[str, tuple[float, float]]

PARTS = 4
TAIL = 0.5
"""Per cent of the views that may lie outside on either side before the limits are widened."""
WIDENED = 0.25
"""By this share of their distance the limits are moved apart: other rooms, other people."""
CEILINGS = {"core_fraction": 1.0, "coherence": 1.0, "mirror_overlap": 1.0, "body_fraction": 0.98, "contrast_k": 25.0}
"""More of these is no fault (or, for the body's share, only until no room is left around it)."""


class GateReport(NamedTuple):
    limits: Limits
    """Fitted on everybody."""
    accepted: float
    """Share of held-out patients' views that limits fitted on the other patients accept."""
    refused: Mapping[str, float]
    """Share refused for each kind of impostor, made from held-out patients' views."""


def fit_limits(table: Sequence[Mapping[str, float]]) -> Limits:
    """Return the limits of each feature over many images' features, widened."""
    limits = {}
    for name in table[0]:
        low, high = np.percentile([row[name] for row in table], [TAIL, 100 - TAIL])
        margin = WIDENED * (high - low)
        limits[name] = (round(float(low - margin), 3), CEILINGS.get(name, round(float(high + margin), 3)))
    return limits


def measure(views: Views, owner: NDArray[np.int64], seed: int) -> GateReport:
    """Fit and measure over parts of patients; ``owner`` says whose view each one is, so that nobody is on both sides.

    Impostors are made from one view of each patient.
    """
    table = [features(image) for image in views]
    first = set(np.unique(owner, return_index=True)[1].tolist())
    rng = np.random.default_rng(seed)
    accepted, refused = [], {kind: list[bool]() for kind in impostors.MAKERS}
    part = owner % PARTS
    for k in range(PARTS):
        gate = Gate(fit_limits([table[i] for i in np.flatnonzero(part != k).tolist()]))
        for i in np.flatnonzero(part == k).tolist():
            accepted.append(gate.refusal(views[i]) is None)
            for kind, verdicts in refused.items() if i in first else ():
                verdicts.append(gate.refusal(impostors.make(kind, rng, views[i])) is not None)
    shares = {kind: float(np.mean(verdicts)) for kind, verdicts in refused.items()}
    return GateReport(fit_limits(table), float(np.mean(accepted)), shares)
