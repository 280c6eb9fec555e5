"""Whether an image is of the kind that the breast network was trained on: a chest, from the front, in a thermogram.

A handful of plain features, each of which must lie within the limits on the bundle's card. The limits were fitted on
thermograms of chests; what the gate refuses and accepts was measured and is on the card too. It is not a person detector: a
warm thing of a chest's size, shape and texture passes.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from models.errors import CardIncomplete
from models.preprocess import COLUMNS, body_mask

CORE = (slice(6, 18), slice(10, 22))
"""Where a chest covers nearly everything, however it stands."""


def features(celsius: NDArray[np.float32]) -> dict[str, float]:
    """Return the gate's features of a finite image [24, 32] in °C."""
    body = body_mask(celsius)
    inside, outside = celsius[body], celsius[~body]
    return {
        "warmest_c": float(np.percentile(celsius, 99)),
        "contrast_k": float(np.median(inside) - np.median(outside)) if inside.size and outside.size else 0.0,
        "body_fraction": float(body.mean()),
        "spread_k": float(inside.std()) if inside.size else 0.0,
        "coherence": _coherence(celsius),
        "core_fraction": float(body[CORE].mean()),
        "mirror_overlap": _mirror_overlap(body),
    }


_TOO_LOW: Mapping[str, str] = {
    "warmest_c": "nothing in it is as warm as skin",
    "body_fraction": "too little of it is body",
    "contrast_k": "no body stands out from the room",
    "spread_k": "the body is too even to be skin",
    "coherence": "it is mostly noise",
    "core_fraction": "the middle of it is not body",
    "mirror_overlap": "its outline is not that of a chest from the front",
}
_TOO_HIGH: Mapping[str, str] = {
    "warmest_c": "something in it is warmer than skin (or the values are not in °C)",
    "body_fraction": "no room is visible around the body",
    "contrast_k": "the room is too cold",
    "spread_k": "the temperatures differ more than those of skin",
}


class Gate:
    """The input gate with the limits of one card."""

    def __init__(self, limits: Mapping[str, tuple[float, float]]) -> None:
        """Raises `CardIncomplete` where a feature has no limits, or limits are given for an unknown one."""
        different = set(limits) ^ set(_TOO_LOW)
        if different:
            raise CardIncomplete(
                f"the card's gate must have limits for exactly {', '.join(_TOO_LOW)}; wrong: {', '.join(sorted(different))}"
            )
        self._limits = dict(limits)

    def refusal(self, celsius: NDArray[np.float32]) -> str | None:
        """Return why this image is refused, as the end of a sentence, or ``None`` if it is accepted."""
        for name, value in features(celsius).items():
            low, high = self._limits[name]
            if value < low:
                return f"{_TOO_LOW[name]} ({name} {value:.2f}, at least {low:.2f})"
            if value > high:
                return f"{_TOO_HIGH.get(name, 'it is unlike any chest seen')} ({name} {value:.2f}, at most {high:.2f})"
        return None


def _coherence(celsius: NDArray[np.float32]) -> float:
    """Return the correlation between neighbours in a row: near 1 for a scene, near 0 for noise."""
    left, right = celsius[:, :-1].ravel(), celsius[:, 1:].ravel()
    deviation = float(left.std() * right.std())
    if deviation == 0.0:
        return 0.0
    return float(((left - left.mean()) * (right - right.mean())).mean() / deviation)


def _mirror_overlap(body: NDArray[np.bool_]) -> float:
    """Return intersection over union of the body with its mirror image about its own middle column."""
    if not body.any():
        return 0.0
    columns = np.arange(COLUMNS)
    twice_middle = round(2 * float((body.sum(axis=0) * columns).sum()) / float(body.sum()))
    source = twice_middle - columns
    inside = (source >= 0) & (source < COLUMNS)
    mirrored = np.zeros_like(body)
    mirrored[:, inside] = body[:, source[inside]]
    return float((body & mirrored).sum() / (body | mirrored).sum())
