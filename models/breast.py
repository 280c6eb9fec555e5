"""The breast model: one thermal image in °C in, one prediction out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import preprocess
from models.bundle import Bundle
from models.card import Card
from models.chest_gate import ChestGate
from models.decision import Decision
from models.errors import BundleCorrupt, WrongModality
from models.explain import occlusion_map
from models.interpreter import Network, Runtime
from models.prediction import Outcome, Prediction
from models.prevalence import predictive_values

MODALITY = "breast-thermogram"
CHANNELS = {preprocess.NAME: 1, preprocess.WITH_DIFFERENCE: 2}
"""Of a network's input, by the name of its preprocessing: the image alone, or the image and its left-right difference. Both are
known, so that a kiosk can go back to the bundle that it had before."""
COVER = 0.0
"""What an occlusion covers a place with: the body's median, after `preprocess.relative`."""

_REASON = {
    Outcome.ABOVE_THRESHOLD: "The calibrated probability {p:.2f} is at or above the threshold {t:.2f}.",
    Outcome.BELOW_THRESHOLD: "The calibrated probability {p:.2f} is below the threshold {t:.2f}.",
    Outcome.ABSTAINED: "The calibrated probability {p:.2f} lies in {low:.2f} to {high:.2f}, where the model is not trusted.",
}


class BreastModel:
    """A loaded breast bundle. Used from one thread."""

    def __init__(
        self,
        bundle: Bundle,
        *,
        gate: ChestGate | None = None,
        prevalence: float | None = None,
        threads: int = 1,
        runtime: Runtime | None = None,
    ) -> None:
        """``gate`` is asked before every answer; by default the one that comes with Firstlight. ``prevalence`` is the share of
        those examined here who are ill, where it is known.

        Raises `WrongModality` for a bundle of another kind, `BundleMissing`, `BundleCorrupt`, `CardIncomplete` or
        `RuntimeMissing`.
        """
        contract = bundle.card.input
        channels = CHANNELS.get(contract.preprocessing)
        if contract.modality != MODALITY or channels is None:
            raise WrongModality(
                f"{bundle.path} takes {contract.modality} prepared by {contract.preprocessing}; "
                f"this needs {MODALITY} prepared by {' or '.join(CHANNELS)}: install the bundle that belongs to this version"
            )
        self._bundle = bundle
        self._channels = channels
        self._network = Network(bundle.model, threads=threads, runtime=runtime)
        shapes = (self._network.input.shape, *(output.shape for output in self._network.outputs))
        if shapes != ((1, preprocess.ROWS, preprocess.COLUMNS, channels), (1, 1)) or contract.shape != shapes[0]:
            raise BundleCorrupt(f"the network in {bundle.path} has the shapes {shapes}, its card says {contract.shape}")
        self._decision = Decision.of(bundle.card)
        self._gate = ChestGate.load(threads=threads) if gate is None else gate
        self._meaning = None if prevalence is None else predictive_values(bundle.card, prevalence)

    @classmethod
    def load(cls, path: Path | str, *, threads: int = 1) -> BreastModel:
        """Verify and load the bundle in the folder ``path``; raises a `models.errors.ModelError`."""
        return cls(Bundle.open(path), threads=threads)

    @property
    def card(self) -> Card:
        return self._bundle.card

    @property
    def bundle_sha256(self) -> str:
        return self._bundle.sha256

    def score(self, celsius: NDArray[np.float32]) -> float:
        """Return the network's raw score, a logit, without gate and calibration; ``celsius`` as for `assess`."""
        image = preprocess.relative(preprocess.checked(celsius))
        return self._logit(image, _middle(image))

    def assess(self, celsius: NDArray[np.float32]) -> Prediction:
        """Return the answer for ``celsius``, float32 [24, 32] in °C, row 0 at the top of the scene.

        An image that is no chest is answered `Outcome.OUT_OF_DOMAIN`; one that is no image raises `BadInput`.
        """
        refusal = self._gate.refusal(preprocess.checked(celsius))
        if refusal is not None:
            return self._prediction(
                Outcome.OUT_OF_DOMAIN, None, None, f"This is not a chest as the model knows them: {refusal}."
            )
        image = preprocess.relative(celsius)
        middle = _middle(image)

        def probability_of(image: NDArray[np.float32]) -> float:
            return self._decision.probability(self._logit(image, middle))

        probability = probability_of(image)
        outcome = self._decision.outcome(probability)
        low, high = self._decision.abstain
        reason = _REASON[outcome].format(p=probability, t=self._decision.threshold, low=low, high=high)
        return self._prediction(outcome, probability, occlusion_map(image, COVER, probability_of), reason)

    def _logit(self, image: NDArray[np.float32], twice_middle: int) -> float:
        """Ask the network about a `preprocess.relative` image; a covered one is still mirrored about the body's own middle."""
        seen = image if self._channels == 1 else preprocess.with_difference(image, twice_middle)
        return float(self._network(seen).item())

    def _prediction(
        self, outcome: Outcome, probability: float | None, occlusion: NDArray[np.float32] | None, reason: str
    ) -> Prediction:
        ill = None if self._meaning is None else self._meaning.ill_given(outcome)
        return Prediction(
            outcome=outcome,
            probability=probability,
            threshold=self._decision.threshold,
            abstain=self._decision.abstain,
            model=self.card.name,
            version=self.card.version,
            bundle_sha256=self._bundle.sha256,
            occlusion=occlusion,
            reason=reason,
            gate_sha256=self._gate.bundle.sha256,
            prevalence=None if self._meaning is None else self._meaning.prevalence,
            ill_here=None if ill is None else (ill.value, ill.low, ill.high),
        )


def _middle(image: NDArray[np.float32]) -> int:
    return preprocess.middle_of(image > preprocess.ROOM)
