"""The lesion model: one to three MR series of a slice in; where a tumour may lie, and whether one is seen, out.

One network draws the map, and the slice's score is read off that map: there is no answer without a place. What the score means
depends on which series were given, so the card has a calibration for each set of series that was measured, and other sets are
not answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import lesion_input
from models.answers import Abstention, Calibration, ScoreAnswer, Threshold
from models.brain_gate import BrainGate, Gate
from models.bundle import Bundle
from models.card import Card
from models.decision import Decision
from models.errors import BadInput, BundleCorrupt, WrongModality
from models.fields import Fields
from models.interpreter import Network, Runtime
from models.lesion_input import CELLS, SERIES, SIDE
from models.prediction import Outcome

MODALITY = "brain-mr-slice"
HIGHEST = 16
"""Cells of the map, out of 5,184, whose mean logit is the slice's score: about a ten-millimetre spot."""
OUTSIDE = -20.0
"""Logit of what the network was not shown."""
Series = Mapping[str, NDArray[Any]]

_REASON = {
    Outcome.ABOVE_THRESHOLD: "The calibrated probability {p:.2f} is at or above the threshold {t:.2f}",
    Outcome.BELOW_THRESHOLD: "The calibrated probability {p:.2f} is below the threshold {t:.2f}",
    Outcome.ABSTAINED: "The calibrated probability {p:.2f} lies in {low:.2f} to {high:.2f}, where the model is not trusted",
}


@dataclass(frozen=True)
class LesionAnswer:
    """What the model says about one slice."""

    outcome: Outcome
    probability: float | None
    """That the slice shows a tumour, calibrated at the card's prevalence; ``None`` where the slice was refused."""
    threshold: float
    abstain: tuple[float, float]
    series: tuple[str, ...]
    """What was given, in the order of `models.lesion_input.SERIES`."""
    probability_map: NDArray[np.float32] | None
    """[rows, columns] of the slice, 0 to 1, not calibrated; ``None`` where the slice was refused."""
    mask: NDArray[np.bool_] | None
    """Where the map is at or above the card's threshold for it. It may hold a few pixels below the slice's threshold too."""
    area_px: int | None
    area_mm2: float | None
    """``None`` without a spacing."""
    model: str
    version: str
    bundle_sha256: str
    reason: str
    """One English sentence for the doctor: why this outcome."""


class LesionModel:
    """A loaded lesion bundle. Used from one thread."""

    def __init__(self, bundle: Bundle, *, gate: Gate | None = None, threads: int = 1, runtime: Runtime | None = None) -> None:
        """``gate`` is asked before each answer; by default the shipped brain gate.

        Raises `WrongModality` for a bundle of another kind, `WrongTask`, `BundleCorrupt`, `CardIncomplete` or `RuntimeMissing`.
        """
        contract = bundle.card.input
        if contract.modality != MODALITY or contract.preprocessing != lesion_input.NAME:
            raise WrongModality(
                f"{bundle.path} takes {contract.modality} prepared by {contract.preprocessing}; "
                f"this needs {MODALITY} prepared by {lesion_input.NAME}: install the bundle that belongs to this version"
            )
        self._bundle = bundle
        self._network = Network(bundle.model, threads=threads, runtime=runtime)
        shapes = (self._network.input.shape, *(output.shape for output in self._network.outputs))
        if shapes != ((1, SIDE, SIDE, len(SERIES)), (1, CELLS, CELLS, 1)) or contract.shape != shapes[0]:
            raise BundleCorrupt(f"the network in {bundle.path} has the shapes {shapes}, its card says {contract.shape}")
        self._decisions, self._mask_from = _decisions(bundle.card), _mask_from(bundle.card)
        self._gate = BrainGate.load(threads=threads) if gate is None else gate

    @classmethod
    def load(cls, path: Path | str, *, gate: Gate | None = None, threads: int = 1) -> LesionModel:
        """Verify and load the bundle in the folder ``path``; raises a `models.errors.ModelError`."""
        return cls(Bundle.open(path), gate=gate, threads=threads)

    @property
    def card(self) -> Card:
        return self._bundle.card

    @property
    def answered(self) -> tuple[tuple[str, ...], ...]:
        """The sets of series that can be answered."""
        return tuple(self._decisions)

    def logits(self, series: Series) -> tuple[NDArray[np.float32], float]:
        """Return the map of logits on the slice's grid, float32 [rows, columns], and the slice's score, without the gate."""
        scaled = lesion_input.checked(series)
        cut = lesion_input.head(scaled)
        cells = self._network(lesion_input.prepare(scaled, cut) * 2 - 1)[0, ..., 0]
        return cut.back(cells, OUTSIDE), score(cells)

    def assess(
        self, series: Series | NDArray[Any], *, name: str | None = None, spacing_mm: tuple[float, float] | None = None
    ) -> LesionAnswer:
        """Return the answer for one slice.

        ``series``: by name (`models.lesion_input.SERIES`), each [rows, columns] of the same place and grid, of any integer or
        float dtype and in any unit; or one of them as an array, with its ``name``. ``spacing_mm``: between rows, and between
        columns. A slice that the gate refuses is answered `Outcome.OUT_OF_DOMAIN`; what is no slice raises `BadInput`.
        """
        given = _named(series, name)
        pixel_mm2 = _pixel_area(spacing_mm)
        lesion_input.checked(given)
        names = tuple(one for one in SERIES if one in given)
        if names not in self._decisions:
            known = "; ".join(" + ".join(names) for names in self._decisions)
            raise BadInput(f"the lesion model was not measured with {' + '.join(names)}; give one of these: {known}")
        decision = self._decisions[names]
        for one in names:
            refusal = self._gate.refusal(given[one])
            if refusal is not None:
                why = f"The series {one} is not a brain slice as the model knows them: {refusal}."
                return self._answer(Outcome.OUT_OF_DOMAIN, None, names, decision, None, None, why)
        logits, raw = self.logits(given)
        probability = decision.probability(raw)
        outcome = decision.outcome(probability)
        low, high = decision.abstain
        why = _REASON[outcome].format(p=probability, t=decision.threshold, low=low, high=high)
        return self._answer(outcome, probability, names, decision, logits, pixel_mm2, f"{why} ({' + '.join(names)}).")

    def _answer(
        self,
        outcome: Outcome,
        probability: float | None,
        names: tuple[str, ...],
        decision: Decision,
        logits: NDArray[np.float32] | None,
        pixel_mm2: float | None,
        reason: str,
    ) -> LesionAnswer:
        shares = None if logits is None else (1 / (1 + np.exp(-logits))).astype(np.float32)
        mask = None if shares is None else shares >= self._mask_from
        area = None if mask is None else int(mask.sum())
        return LesionAnswer(
            outcome=outcome,
            probability=probability,
            threshold=decision.threshold,
            abstain=decision.abstain,
            series=names,
            probability_map=shares,
            mask=mask,
            area_px=area,
            area_mm2=None if area is None or pixel_mm2 is None else area * pixel_mm2,
            model=self.card.name,
            version=self.card.version,
            bundle_sha256=self._bundle.sha256,
            reason=reason,
        )


def score(cells: NDArray[np.float32]) -> float:
    """Return the slice's score: the mean of the `HIGHEST` highest logits of a map [72, 72]."""
    return float(np.partition(cells.ravel(), -HIGHEST)[-HIGHEST:].mean())


def _named(series: Series | NDArray[Any], name: str | None) -> dict[str, NDArray[Any]]:
    if isinstance(series, Mapping):
        if name is not None:
            raise BadInput(f"the series have names already; {name!r} belongs to a single array")
        return {str(key): pixels for key, pixels in series.items()}
    if name is None:
        raise BadInput(f"which series the slice is of must be said: one of {', '.join(SERIES)}")
    return {name: series}


def _pixel_area(spacing_mm: tuple[float, float] | None) -> float | None:
    if spacing_mm is None:
        return None
    down, across = (float(one) for one in spacing_mm)
    if not (0 < down < np.inf and 0 < across < np.inf):
        raise BadInput(f"the spacing is {down:g} × {across:g} mm; both must be above 0, or leave it out")
    return down * across


def _decisions(card: Card) -> dict[tuple[str, ...], Decision]:
    """Return how scores are read: for all series as every card with a score says, for fewer as ``[[series]]`` says."""
    answer = card.answer_as(ScoreAnswer)
    found: dict[tuple[str, ...], Decision] = {SERIES: Decision.of(card)}
    for fields in Fields(card.document, "the card").tables("series"):
        names = fields.texts("names")
        if names != tuple(one for one in SERIES if one in names):
            raise fields.unusable("names", f"must be some of {', '.join(SERIES)}, in this order")
        calibration = Calibration(
            fields.number("slope"),
            fields.number("intercept"),
            answer.calibration.method,
            fields.probability("prevalence"),
            fields.number("brier"),
            fields.number("brier_of_prevalence"),
        )
        threshold = fields.probability("threshold")
        low, high = fields.probability("low"), fields.probability("high")
        if not low <= threshold <= high:
            raise fields.unusable("low", f"and high ({low:g} to {high:g}) do not enclose the threshold {threshold:g}")
        found[names] = Decision(
            calibration, Threshold(threshold, answer.threshold.reason), Abstention(low, high, answer.abstain.reason)
        )
    return found


def _mask_from(card: Card) -> float:
    return Fields(card.document, "the card").table("segmentation").probability("mask_from")
