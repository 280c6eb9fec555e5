"""Whether an image is what the brain models were trained on: one slice of a head by magnetic resonance, upright.

Every brain model asks this first. A small int8 network tells a head from other things and says in which way an image is not
one; what it accepts and refuses was measured and stands on its card. It does not know left from right: a mirrored slice passes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle, default_bundle
from models.card import Card
from models.errors import BundleCorrupt, WrongModality
from models.fields import Fields
from models.interpreter import Network, Runtime
from models.mr_slice import checked, scaled, square

NAME = "brain-gate"
MODALITY = "brain-mr-slice"
SIDE = 64
"""Pixels along each side of what the network sees."""
REFUSALS = (
    "the head in it lies on its side or upside down",
    "light and dark are exchanged in it",
    "the head in it does not fit the frame: it is far too small, or far too large",
    "nothing in it looks like a slice of a head by magnetic resonance",
)
"""Ends of a sentence for the doctor, in the order of the network's outputs after the first, which is a brain as it should be."""


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
        self._bundle = bundle
        self._network = Network(bundle.model, threads=threads, runtime=runtime)
        shapes = (self._network.input.shape, *(output.shape for output in self._network.outputs))
        if shapes != ((1, SIDE, SIDE, 1), (1, 1 + len(REFUSALS))):
            raise BundleCorrupt(f"the network in {bundle.path} has the shapes {shapes}; install the bundle again")
        self.threshold = Fields(card.document, str(bundle.path)).table("threshold").probability("probability")

    @classmethod
    def load(cls, path: Path | str | None = None, *, threads: int = 1) -> BrainGate:
        """Verify and load the bundle in the folder ``path``, by default the shipped one; raises a `models.errors.ModelError`."""
        return cls(Bundle.open(default_bundle(NAME) if path is None else path), threads=threads)

    @property
    def card(self) -> Card:
        return self._bundle.card

    def probabilities(self, slice_: NDArray[Any]) -> NDArray[np.float64]:
        """Return how likely the slice is a proper one, and each kind of refusal, float64 [5] with the sum 1.

        ``slice_`` is [rows, columns] of any integer or float dtype, in any unit; raises `BadInput` for anything else.
        """
        logits = self._network(square(scaled(checked(slice_)), SIDE)).ravel().astype(np.float64)
        raised = np.exp(logits - logits.max())
        return np.asarray(raised / raised.sum())

    def refusal(self, slice_: NDArray[Any]) -> str | None:
        """Return why this slice is refused, as the end of a sentence, or ``None`` if it is accepted."""
        probabilities = self.probabilities(slice_)
        if probabilities[0] >= self.threshold:
            return None
        likeliest = REFUSALS[int(np.argmax(probabilities[1:]))]
        return f"{likeliest} (probability {probabilities[0]:.2f}, at least {self.threshold:.2f})"
