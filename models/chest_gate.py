"""Whether an image is of the kind that the breast model was trained on: a chest, from the front, in a thermogram.

A handful of plain features, each of which must lie within the limits on the bundle's card, and a tiny network of one hidden
layer that has seen chests and other things. What the gate refuses and accepts was measured on other people's chests and is on
the card. It is not a person detector, and it knows neither left from right nor whose chest it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.answers import GateAnswer
from models.bundle import Bundle, default_bundle
from models.card import Card
from models.errors import BundleCorrupt, CardIncomplete, WrongModality
from models.interpreter import Network, Runtime
from models.preprocess import COLUMNS, ROWS, body_mask, checked, middle_of, mirror, relative

NAME = "chest-gate"
MODALITY = "breast-thermogram"
PREPROCESSING = "body-relative-1"
"""`models.preprocess.relative`; a change of it needs a new name and a newly trained gate."""
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


class ChestGate:
    """A loaded chest gate: limits for a few plain features, and a tiny network that knows where a chest is warm. Used from one
    thread."""

    def __init__(self, bundle: Bundle, *, threads: int = 1, runtime: Runtime | None = None) -> None:
        """Raises `WrongModality` for a bundle of another kind, `BundleCorrupt`, `CardIncomplete` or `RuntimeMissing`."""
        card = bundle.card
        if card.name != NAME or card.input.modality != MODALITY or card.input.preprocessing != PREPROCESSING:
            raise WrongModality(
                f"{bundle.path} is {card.name} for {card.input.modality} prepared by {card.input.preprocessing}; "
                f"this needs {NAME} for {MODALITY} prepared by {PREPROCESSING}"
            )
        answer = card.answer_as(GateAnswer)
        different = set(answer.limits) ^ set(_TOO_LOW)
        if different or answer.threshold is None:
            raise CardIncomplete(
                f"{bundle.path} must have a threshold and, under gate, limits for exactly {', '.join(_TOO_LOW)}; "
                f"wrong: {', '.join(sorted(different)) or 'the threshold'}"
            )
        self.bundle = bundle
        self.limits, self.threshold = dict(answer.limits), answer.threshold.probability
        self._network = Network(bundle.model, threads=threads, runtime=runtime)
        shapes = (self._network.input.shape, *(output.shape for output in self._network.outputs))
        if shapes != ((1, ROWS, COLUMNS, 1), (1, 1)):
            raise BundleCorrupt(f"the network in {bundle.path} has the shapes {shapes}; install the bundle again")

    @classmethod
    def load(cls, path: Path | str | None = None, *, threads: int = 1) -> ChestGate:
        """Verify and load the bundle in ``path``, by default the shipped one; raises a `models.errors.ModelError`."""
        return cls(Bundle.open(default_bundle(NAME) if path is None else path), threads=threads)

    @property
    def card(self) -> Card:
        return self.bundle.card

    def probability(self, celsius: NDArray[np.float32]) -> float:
        """Return the network's probability that the warm and cold places are those of a chest; ``celsius`` as for `refusal`."""
        logit = float(self._network(relative(checked(celsius))).item())
        return float(1 / (1 + np.exp(-np.clip(logit, -60, 60))))

    def refusal(self, celsius: NDArray[np.float32]) -> str | None:
        """Return why this image is refused, as the end of a sentence, or ``None`` if it is accepted.

        ``celsius`` is float32 [24, 32] in °C; raises `BadInput` for anything else.
        """
        return outside(features(checked(celsius)), self.limits) or self._unlike(self.probability(celsius))

    def _unlike(self, probability: float) -> str | None:
        if probability >= self.threshold:
            return None
        return f"it is not warm and cold where a chest is (probability {probability:.4f}, at least {self.threshold:.4f})"


def outside(values: Mapping[str, float], limits: Mapping[str, tuple[float, float]]) -> str | None:
    """Return which of the `features` lies outside its limits, as the end of a sentence, or ``None``."""
    for name, value in values.items():
        low, high = limits[name]
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
    mirrored = mirror(body, middle_of(body), False)
    return float((body & mirrored).sum() / (body | mirrored).sum())
