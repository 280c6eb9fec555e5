"""What an evaluation of a bundle gives back: figures to hold against its card, and what the plots are drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.training.scores import Floats, Ints

TOLERANCE = 1.5e-4
"""A card rounds to four digits."""


@dataclass(frozen=True)
class Binary:
    """Scores of two classes: one ROC, precision-recall, reliability and risk-coverage plot."""

    name: str
    """Of the population: ``LGG, central slices of unseen patients``."""
    label: Ints
    """1 where there is what is looked for, else 0."""
    probability: Floats
    """Calibrated, as the model answers."""
    threshold: float | None = None


@dataclass(frozen=True)
class Classified:
    """Answers of several classes: one confusion, reliability and risk-coverage plot, and a ROC for each class."""

    name: str
    labels: tuple[str, ...]
    truth: Ints
    """Index into ``labels``."""
    probability: Floats
    """[n, classes]"""
    least_probability: float = 0.0
    """Below it there is no answer."""


@dataclass(frozen=True)
class Spread:
    """Numbers of which a histogram is drawn: Dice of each slice, distances."""

    name: str
    values: NDArray[Any]
    unit: str = ""


@dataclass(frozen=True)
class Evaluation:
    """Everything that was measured again."""

    figures: Sequence[Mapping[str, Any]]
    """Of `tools.training.cards.figure`; a gate's shares have the names ``refused`` and ``accepted``."""
    binaries: tuple[Binary, ...] = ()
    classified: tuple[Classified, ...] = ()
    spreads: tuple[Spread, ...] = ()
    not_remade: str = ""
    """Why some of the card's figures cannot be remade from the bundle alone (they are of other folds' networks, ...)."""


class Verdict(StrEnum):
    SAME = "same"
    DIFFERS = "differs"
    NOT_REMADE = "not remade"
    NOT_ON_CARD = "not on the card"


class Compared(NamedTuple):
    """One figure of the card beside what was measured again."""

    name: str
    subject: str
    population: str
    n: int
    unit: str
    card: tuple[float, float, float] | None
    """Value, low, high."""
    remade: tuple[float, float, float] | None
    verdict: Verdict
    evidence: bool


def compare(document: Mapping[str, Any], figures: Sequence[Mapping[str, Any]]) -> list[Compared]:
    """Return the figures of a card's ``document`` beside ``figures``, in the card's order, then those that are not on it."""
    remade = {_key(row): row for row in figures}
    rows = [_compared(row, remade.pop(_key(row), None)) for row in on_card(document)]
    return rows + [_compared(None, row) for row in remade.values()]


def on_card(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every measured figure of a card in one shape: metrics, baselines, a gate's shares, pointing games."""
    rows = [
        *document.get("metrics", ()),
        *document.get("baselines", ()),
        *(
            {**part, "name": "refused", "population": part["kind"], "value": part["share"]}
            for part in document.get("refused", ())
        ),
        *({**part, "name": "accepted", "value": part["share"]} for part in document.get("accepted", ())),
        *({**part, "name": f"pointing game, {part['method']}"} for part in document.get("explanation", ())),
    ]
    return [{"subject": "this model", "unit": "images", "evidence": True, **row} for row in rows]


def _key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["name"], row.get("subject", "this model"), row["population"]


def _compared(card: Mapping[str, Any] | None, remade: Mapping[str, Any] | None) -> Compared:
    row = card if card is not None else remade
    assert row is not None
    if card is None:
        verdict = Verdict.NOT_ON_CARD
    elif remade is None:
        verdict = Verdict.NOT_REMADE
    else:
        same = np.allclose(_estimate(card), _estimate(remade), rtol=0, atol=TOLERANCE) and card["n"] == remade["n"]
        verdict = Verdict.SAME if same else Verdict.DIFFERS
    return Compared(
        name=row["name"],
        subject=row.get("subject", "this model"),
        population=row["population"],
        n=int(row["n"]),
        unit=row.get("unit", ""),
        card=None if card is None else _estimate(card),
        remade=None if remade is None else _estimate(remade),
        verdict=verdict,
        evidence=bool(row.get("evidence", True)),
    )


def _estimate(row: Mapping[str, Any]) -> tuple[float, float, float]:
    return float(row["value"]), float(row["low"]), float(row["high"])
