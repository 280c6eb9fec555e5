"""The breast model: one thermal image in °C in, one prediction out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import preprocess
from models.bundle import Bundle
from models.card import Card
from models.decision import Decision
from models.errors import BundleCorrupt, WrongModality
from models.explain import occlusion_map
from models.gate import Gate
from models.interpreter import Network, Runtime
from models.prediction import Outcome, Prediction

MODALITY = "breast-thermogram"
COVER = 0.0
"""What an occlusion covers a place with: the body's median, after `preprocess.relative`."""

_REASON = {
    Outcome.ABOVE_THRESHOLD: "The calibrated probability {p:.2f} is at or above the threshold {t:.2f}.",
    Outcome.BELOW_THRESHOLD: "The calibrated probability {p:.2f} is below the threshold {t:.2f}.",
    Outcome.ABSTAINED: "The calibrated probability {p:.2f} lies in {low:.2f} to {high:.2f}, where the model is not trusted.",
}


class BreastModel:
    """A loaded breast bundle. Used from one thread."""

    def __init__(self, bundle: Bundle, *, threads: int = 1, runtime: Runtime | None = None) -> None:
        """Raises `WrongModality` for a bundle of another kind, `BundleCorrupt`, `CardIncomplete` or `RuntimeMissing`."""
        contract = bundle.card.input
        if contract.modality != MODALITY or contract.preprocessing != preprocess.NAME:
            raise WrongModality(
                f"{bundle.path} takes {contract.modality} prepared by {contract.preprocessing}; "
                f"this needs {MODALITY} prepared by {preprocess.NAME}: install the bundle that belongs to this version"
            )
        self._bundle = bundle
        self._network = Network(bundle.model, threads=threads, runtime=runtime)
        shapes = (self._network.input.shape, *(output.shape for output in self._network.outputs))
        if shapes != ((1, preprocess.ROWS, preprocess.COLUMNS, 1), (1, 1)) or contract.shape != shapes[0]:
            raise BundleCorrupt(f"the network in {bundle.path} has the shapes {shapes}, its card says {contract.shape}")
        self._gate = Gate(bundle.card.gate)
        self._decision = Decision.of(bundle.card)

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
        return float(self._network(preprocess.relative(preprocess.checked(celsius))).item())

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
        probability = self._probability(image)
        outcome = self._decision.outcome(probability)
        low, high = self._decision.abstain
        reason = _REASON[outcome].format(p=probability, t=self._decision.threshold, low=low, high=high)
        return self._prediction(outcome, probability, occlusion_map(image, COVER, self._probability), reason)

    def _probability(self, image: NDArray[np.float32]) -> float:
        return self._decision.probability(float(self._network(image).item()))

    def _prediction(
        self, outcome: Outcome, probability: float | None, occlusion: NDArray[np.float32] | None, reason: str
    ) -> Prediction:
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
        )
