"""The anomaly model: one FLAIR slice in; how unlike slices without a tumour it is, and where, out.

Two autoencoders that saw slices without a tumour alone reproduce the slice, and what they could not reproduce is its residual.
The network may be quantised; the residual and every score of it are computed in float (`models.anomaly_scores`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import anomaly_input
from models.anomaly_input import SIDE, prepared
from models.anomaly_scores import Score, Statistics, scores
from models.brain_gate import BrainGate, Gate
from models.bundle import Bundle
from models.card import Card
from models.decision import Decision
from models.errors import BundleCorrupt, WrongModality
from models.fields import Fields
from models.interpreter import Network, Runtime
from models.mr_slice import checked
from models.prediction import Outcome

NAME = "brain-anomaly"
MODALITY = "brain-mr-slice"
STATISTICS = "statistics.npz"

_REASON = {
    Outcome.ABOVE_THRESHOLD: "The slice is less like slices without a tumour than the threshold allows "
    "({score} {s:.2f}; calibrated probability {p:.2f}, threshold {t:.2f}).",
    Outcome.BELOW_THRESHOLD: "The slice is as like slices without a tumour as the threshold allows "
    "({score} {s:.2f}; calibrated probability {p:.2f}, threshold {t:.2f}).",
    Outcome.ABSTAINED: "The calibrated probability {p:.2f} lies in {low:.2f} to {high:.2f}, where the model is not trusted "
    "({score} {s:.2f}).",
}


@dataclass(frozen=True)
class AnomalyAnswer:
    """What the model says about one slice."""

    outcome: Outcome
    score: float | None
    """The score that the answer rests on; ``None`` where the slice was refused."""
    scores: Mapping[Score, float]
    """Every score; empty where the slice was refused."""
    probability: float | None
    """That the slice shows a tumour, calibrated at the card's prevalence; ``None`` where the slice was refused."""
    threshold: float
    abstain: tuple[float, float]
    residual_map: NDArray[np.float32] | None
    """[rows, columns] of the slice, in standard deviations: how much brighter each place is than the autoencoders made it,
    smoothed, 0 outside of the head's frame; ``None`` where the slice was refused."""
    model: str
    version: str
    bundle_sha256: str
    reason: str
    """One English sentence for the doctor: why this outcome."""


class AnomalyModel:
    """A loaded anomaly bundle. Used from one thread."""

    def __init__(self, bundle: Bundle, *, gate: Gate | None = None, threads: int = 1, runtime: Runtime | None = None) -> None:
        """``gate`` is asked before each answer; by default the shipped brain gate.

        Raises `WrongModality` for a bundle of another kind, `WrongTask`, `BundleCorrupt`, `CardIncomplete` or `RuntimeMissing`.
        """
        contract = bundle.card.input
        if contract.modality != MODALITY or contract.preprocessing != anomaly_input.NAME:
            raise WrongModality(
                f"{bundle.path} takes {contract.modality} prepared by {contract.preprocessing}; "
                f"this needs {MODALITY} prepared by {anomaly_input.NAME}: install the bundle that belongs to this version"
            )
        self._bundle = bundle
        self._autoencoders = Autoencoders(bundle.model, threads=threads, runtime=runtime)
        if contract.shape != (1, SIDE, SIDE, 1):
            raise BundleCorrupt(f"the card of {bundle.path} says {contract.shape}, its network takes {(1, SIDE, SIDE, 1)}")
        self._statistics = Statistics.unpacked(bundle.files.get(STATISTICS), str(bundle.path / STATISTICS))
        self._used = Fields(bundle.card.document, str(bundle.path)).table("score").choice("used", Score)
        self._decision = Decision.of(bundle.card)
        self._gate = BrainGate.load(threads=threads) if gate is None else gate

    @classmethod
    def load(cls, path: Path | str, *, gate: Gate | None = None, threads: int = 1) -> AnomalyModel:
        """Verify and load the bundle in the folder ``path``; raises a `models.errors.ModelError`."""
        return cls(Bundle.open(path), gate=gate, threads=threads)

    @property
    def card(self) -> Card:
        return self._bundle.card

    @property
    def used(self) -> Score:
        """The score that the answer rests on."""
        return self._used

    def assess(self, pixels: NDArray[Any]) -> AnomalyAnswer:
        """Return the answer for one FLAIR slice [rows, columns] of any integer or float dtype, in any unit.

        A slice that the gate refuses is answered `Outcome.OUT_OF_DOMAIN`; what is no slice raises `BadInput`.
        """
        checked(pixels)
        refusal = self._gate.refusal(pixels)
        if refusal is not None:
            why = f"This is not a brain slice as the model knows them: {refusal}."
            return self._answer(Outcome.OUT_OF_DOMAIN, {}, None, None, why)
        image, frame = prepared(pixels)
        found, zs = scores(image, self._autoencoders, self._statistics)
        score = found[self._used]
        probability = self._decision.probability(score)
        outcome = self._decision.outcome(probability)
        low, high = self._decision.abstain
        why = _REASON[outcome].format(
            score=self._used.value, s=score, p=probability, t=self._decision.threshold, low=low, high=high
        )
        return self._answer(outcome, found, probability, frame.back(zs, pixels.shape), why)

    def _answer(
        self,
        outcome: Outcome,
        found: Mapping[Score, float],
        probability: float | None,
        residual_map: NDArray[np.float32] | None,
        reason: str,
    ) -> AnomalyAnswer:
        return AnomalyAnswer(
            outcome=outcome,
            score=found.get(self._used),
            scores=found,
            probability=probability,
            threshold=self._decision.threshold,
            abstain=self._decision.abstain,
            residual_map=residual_map,
            model=self.card.name,
            version=self.card.version,
            bundle_sha256=self._bundle.sha256,
            reason=reason,
        )


class Autoencoders:
    """The network of the bundle, as `models.anomaly_scores.scores` calls it: [64, 64] → (D(G(x)) [64, 64], latent)."""

    def __init__(self, model: bytes, *, threads: int = 1, runtime: Runtime | None = None) -> None:
        """Raises `BundleCorrupt` for a network with other ends, or `RuntimeMissing`."""
        self.network = Network(model, threads=threads, runtime=runtime)
        images = [output.shape == self.network.input.shape for output in self.network.outputs]
        if self.network.input.shape != (1, SIDE, SIDE, 1) or sorted(images) != [False, True]:
            shapes = (self.network.input.shape, *(output.shape for output in self.network.outputs))
            raise BundleCorrupt(f"the network has the shapes {shapes}; it must give one image and one latent for an image")
        self._image = images.index(True)

    def __call__(self, image: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the reconstruction, float32 [64, 64], and the latent of ``image``, float32 [64, 64]."""
        outputs = self.network.all(image)
        return outputs[self._image].reshape(SIDE, SIDE), outputs[1 - self._image].ravel()
