"""Whether an image is what the brain models were trained on: one slice of a head by magnetic resonance, upright.

Every brain model asks this first. A small int8 network tells a head from other things and says in which way an image is not
one; what it accepts and refuses was measured and stands on its card. It does not know left from right: a mirrored slice passes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.answers import GateAnswer
from models.bundle import Bundle, default_bundle
from models.card import Card
from models.errors import BundleCorrupt, CardIncomplete, WrongModality
from models.interpreter import Network, Runtime
from models.mr_slice import checked, scaled, square

NAME = "brain-gate"
MODALITY = "brain-mr-slice"
TURNED = "turned"
"""On the card: limits of the probability that a head lies on its side or upside down."""
SIDE = 64
"""Pixels along each side of what the network sees."""
REFUSALS = (
    "the head in it lies on its side or upside down",
    "light and dark are exchanged in it",
    "the head in it does not fit the frame: it is far too small, or far too large",
    "nothing in it looks like a slice of a head by magnetic resonance",
)
"""Ends of a sentence for the doctor, in the order of the network's outputs after the first, which is a proper slice."""


def prepared(slice_: NDArray[Any]) -> NDArray[np.float32]:
    """Return what the network sees of a slice, float32 [64, 64] of 0 to 1; raises `BadInput` for what is no slice."""
    return square(scaled(checked(slice_)), SIDE)


def softmax(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Return the probabilities of logits along their last axis, float64."""
    raised = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


@dataclass(frozen=True)
class Verdicts:
    """How probabilities [..., 5] are read: first whether it is a head at all, then whether it lies as it should."""

    least: float
    """Probability that it is a proper slice, upright or not, below which it is refused."""
    most_turned: float
    """Probability that a head lies wrong, above which it is refused."""

    @staticmethod
    def domain(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        return probabilities[..., 0] + probabilities[..., 1]

    @staticmethod
    def turned(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        return probabilities[..., 1] / Verdicts.domain(probabilities)

    def accepted(self, probabilities: NDArray[np.float64]) -> NDArray[np.bool_]:
        return np.asarray((self.domain(probabilities) >= self.least) & (self.turned(probabilities) <= self.most_turned))

    def refusal(self, probabilities: NDArray[np.float64]) -> str | None:
        """Return why probabilities [5] are refused, as the end of a sentence, or ``None`` if they are accepted."""
        domain, turned = float(self.domain(probabilities)), float(self.turned(probabilities))
        if domain < self.least:
            likeliest = REFUSALS[1 + int(np.argmax(probabilities[2:]))]
            return f"{likeliest} (probability of a head {domain:.4f}, at least {self.least:.4f})"
        if turned > self.most_turned:
            return f"{REFUSALS[0]} (probability {turned:.4f}, at most {self.most_turned:.4f})"
        return None


class Gate(Protocol):
    """What the brain models ask before they answer."""

    def refusal(self, slice_: NDArray[Any]) -> str | None:
        """Return why this slice is refused, as the end of a sentence, or ``None`` if it is accepted.

        Raises `models.errors.BadInput` for what is no slice (`models.mr_slice.checked`).
        """


class BrainGate:
    """A loaded brain gate. Used from one thread."""

    def __init__(self, bundle: Bundle, *, threads: int = 1, runtime: Runtime | None = None) -> None:
        """Raises `WrongModality` for a bundle of another kind, `BundleCorrupt`, `CardIncomplete` or `RuntimeMissing`."""
        card = bundle.card
        if card.name != NAME or card.input.modality != MODALITY:
            raise WrongModality(f"{bundle.path} is {card.name} for {card.input.modality}; this needs {NAME} for {MODALITY}")
        self.bundle = bundle
        self._network = Network(bundle.model, threads=threads, runtime=runtime)
        shapes = (self._network.input.shape, *(output.shape for output in self._network.outputs))
        if shapes != ((1, SIDE, SIDE, 1), (1, 1 + len(REFUSALS))):
            raise BundleCorrupt(f"the network in {bundle.path} has the shapes {shapes}; install the bundle again")
        answer = card.answer_as(GateAnswer)
        if answer.threshold is None or set(answer.limits) != {TURNED}:
            raise CardIncomplete(f"{bundle.path} must have a threshold and, under gate, limits for {TURNED!r} on its card")
        self.verdicts = Verdicts(answer.threshold.probability, answer.limits[TURNED][1])

    @classmethod
    def load(cls, path: Path | str | None = None, *, threads: int = 1) -> BrainGate:
        """Verify and load the bundle in ``path``, by default the shipped one; raises a `models.errors.ModelError`."""
        return cls(Bundle.open(default_bundle(NAME) if path is None else path), threads=threads)

    @property
    def card(self) -> Card:
        return self.bundle.card

    def probabilities(self, slice_: NDArray[Any]) -> NDArray[np.float64]:
        """Return how likely the slice is a proper one, and each kind of refusal, float64 [5] with the sum 1.

        ``slice_`` is [rows, columns] of any integer or float dtype, in any unit; raises `BadInput` for anything else. It is the
        mean of what the network says of the slice and of its mirror image: whatever stands left or right, the answer is one.
        """
        image = prepared(slice_)
        both = np.stack([self._network(one).ravel() for one in (image, np.ascontiguousarray(image[:, ::-1]))])
        return np.asarray(softmax(both).mean(axis=0))

    def refusal(self, slice_: NDArray[Any]) -> str | None:
        """Return why this slice is refused, as the end of a sentence, or ``None`` if it is accepted."""
        return self.verdicts.refusal(self.probabilities(slice_))
