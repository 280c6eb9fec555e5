"""The brain-type model: one contrast-enhanced T1 slice with a tumour in, the likeliest of three tumour types out.

It takes for granted that there is a tumour, since it has seen nothing else: of a slice without one it still names a type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import head
from models.answers import ClassAnswer
from models.brain_gate import BrainGate, Gate
from models.bundle import Bundle, default_bundle
from models.card import Card
from models.errors import BundleCorrupt, WrongModality
from models.explain import occlusion_map
from models.interpreter import Network, Runtime
from models.mr_slice import checked, scaled

NAME = "brain-type"
MODALITY = "brain-mr-t1c-slice"
PREPROCESSING = "scaled-head-square-1"
"""`prepared`: the slice scaled by its own percentiles, cut to the head, square, −1 to 1."""
PATCH, STEP = 32, 16
"""Of the occlusion map: side of the cover and distance between covers, in pixels of what the network sees."""


class TypeOutcome(StrEnum):
    """Never a diagnosis: whether the model names a type, or why not."""

    ANSWERED = "answered"
    ABSTAINED = "abstained"
    """No type is probable enough for an answer that could be trusted."""
    OUT_OF_DOMAIN = "out_of_domain"
    """The gate refused the image: it is not of the kind that the model was trained on. There are no probabilities."""


@dataclass(frozen=True)
class TypeReading:
    """What one bundle says about one slice."""

    outcome: TypeOutcome
    label: str | None
    """The likeliest type, also of an abstention, for the doctor alone; ``None`` where the gate refused the image."""
    probabilities: Mapping[str, float]
    """Calibrated, of each type, with the sum 1; empty where the gate refused the image."""
    least_probability: float
    """Below it the model abstains."""
    model: str
    version: str
    bundle_sha256: str
    evidence: NDArray[np.float32] | None
    """On the slice's grid: how much each place speaks for ``label`` and against the others (class activation map)."""
    reason: str
    """One English sentence for the doctor: why this outcome."""


class BrainTypeModel:
    """A loaded brain-type bundle. Used from one thread."""

    def __init__(self, bundle: Bundle, *, gate: Gate | None = None, threads: int = 1, runtime: Runtime | None = None) -> None:
        """``gate`` is asked before each answer, by default the shipped one.

        Raises `WrongModality` or `WrongTask` for a bundle of another kind, `BundleCorrupt`, `CardIncomplete` or
        `RuntimeMissing`.
        """
        contract = bundle.card.input
        if contract.modality != MODALITY or contract.preprocessing != PREPROCESSING:
            raise WrongModality(
                f"{bundle.path} takes {contract.modality} prepared by {contract.preprocessing}; "
                f"this needs {MODALITY} prepared by {PREPROCESSING}: install the bundle that belongs to this version"
            )
        self._bundle = bundle
        self.answer = bundle.card.answer_as(ClassAnswer)
        self._network = Network(bundle.model, threads=threads, runtime=runtime)
        self._logits, self._evidence = _ends(self._network, len(self.answer.labels), bundle)
        self._gate = BrainGate.load(threads=threads) if gate is None else gate

    @classmethod
    def load(cls, path: Path | str | None = None, *, threads: int = 1) -> BrainTypeModel:
        """Verify and load the bundle in ``path``, by default the shipped one; raises a `models.errors.ModelError`."""
        return cls(Bundle.open(default_bundle(NAME) if path is None else path), threads=threads)

    @property
    def card(self) -> Card:
        return self._bundle.card

    @property
    def side(self) -> int:
        """Pixels along each side of what the network sees."""
        return int(self._network.input.shape[1])

    def assess(self, pixels: NDArray[Any]) -> TypeReading:
        """Return the answer for a slice [rows, columns] of integers or floats; raises `BadInput` for what is no slice."""
        slice_ = checked(pixels)
        refusal = self._gate.refusal(pixels)
        if refusal is not None:
            return self._reading(TypeOutcome.OUT_OF_DOMAIN, None, {}, None, f"The image was not read: {refusal}.")
        image, frame = prepared(slice_, self.side)
        logits, evidence = self.outputs(image)
        probabilities = dict(zip(self.answer.labels, map(float, self.calibrated(logits)), strict=True))
        label = max(probabilities, key=lambda name: probabilities[name])
        grid = evidence_for(evidence, self.answer.labels.index(label))
        answered = probabilities[label] >= self.answer.least_probability
        outcome = TypeOutcome.ANSWERED if answered else TypeOutcome.ABSTAINED
        reason = _reason(label, probabilities[label], self.answer.least_probability)
        return self._reading(outcome, label, probabilities, frame.back(grid, slice_.shape), reason)

    def occlusion(self, pixels: NDArray[Any], label: str) -> NDArray[np.float32]:
        """Return on the slice's grid by how much the probability of ``label`` falls when a place is covered.

        It runs the network 101 times, so it is made when somebody asks for it. Raises `BadInput` for what is no slice and
        `ValueError` for a label that the model does not know.
        """
        slice_ = checked(pixels)
        if label not in self.answer.labels:
            raise ValueError(f"the model knows {', '.join(self.answer.labels)}, and not {label}")
        which = self.answer.labels.index(label)
        image, frame = prepared(slice_, self.side)
        tissue = image[image > 2 * head.TISSUE - 1]
        cover = float(np.median(tissue)) if tissue.size else -1.0
        fall = occlusion_map(
            image, cover, lambda one: float(self.calibrated(self.outputs(one)[0])[which]), patch=PATCH, step=STEP
        )
        return frame.back(fall, slice_.shape)

    def outputs(self, image: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return logits [types] and evidence [rows, columns, types] for a prepared image."""
        found = self._network.all(image)
        return found[self._logits][0], found[self._evidence][0]

    def calibrated(self, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probabilities of the types: softmax of logits over temperature (Guo et al., ICML 2017, section 4.2)."""
        raised = np.exp((logits - logits.max()).astype(np.float64) / self.answer.temperature)
        return np.asarray(raised / raised.sum())

    def _reading(
        self,
        outcome: TypeOutcome,
        label: str | None,
        probabilities: Mapping[str, float],
        evidence: NDArray[np.float32] | None,
        reason: str,
    ) -> TypeReading:
        least, card = self.answer.least_probability, self.card
        return TypeReading(outcome, label, probabilities, least, card.name, card.version, self._bundle.sha256, evidence, reason)


def prepared(slice_: NDArray[np.float32], side: int) -> tuple[NDArray[np.float32], head.Frame]:
    """Return what the network sees of a checked slice, float32 [side, side] in −1 to 1, and where in the slice it lies."""
    image = scaled(slice_)
    frame = head.find(image)
    return 2 * frame.cut(image, side) - 1, frame


def evidence_for(evidence: NDArray[np.float32], which: int) -> NDArray[np.float32]:
    """Return by how much each place speaks for type ``which`` more than for the mean type, [rows, columns].

    The mean over all places is the type's logit above the mean logit, so nothing of the answer is missing from the map.
    """
    return np.ascontiguousarray(evidence[..., which] - evidence.mean(axis=-1))


def _ends(network: Network, types: int, bundle: Bundle) -> tuple[int, int]:
    """Return which output holds the logits and which the evidence; raises `BundleCorrupt` for other shapes than these."""
    shapes = [output.shape for output in network.outputs]
    square = len(network.input.shape) == 4 and network.input.shape[1] == network.input.shape[2]
    logits = [index for index, shape in enumerate(shapes) if shape == (1, types)]
    maps = [index for index, shape in enumerate(shapes) if len(shape) == 4 and shape[3] == types]
    if not square or network.input.shape[3] != 1 or len(shapes) != 2 or len(logits) != 1 or len(maps) != 1:
        raise BundleCorrupt(
            f"the network in {bundle.path} takes {network.input.shape} and gives {shapes}; "
            f"it must take one square grey image and give (1, {types}) and a map of {types} channels"
        )
    if bundle.card.input.shape != network.input.shape:
        raise BundleCorrupt(
            f"the network in {bundle.path} takes {network.input.shape}, its card says {bundle.card.input.shape}"
        )
    return logits[0], maps[0]


def _reason(label: str, probability: float, least: float) -> str:
    if probability >= least:
        return f"Among the three types, {label} has the calibrated probability {probability:.2f}; an answer needs {least:.2f}."
    return f"The likeliest type, {label}, has the calibrated probability {probability:.2f}; an answer needs {least:.2f}."
