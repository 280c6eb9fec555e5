"""What an answer means where fewer or more people are ill than among those on whom a model was measured (Bayes).

Sensitivity and specificity come with intervals from the card. The interval of a predictive value is made of theirs (Zou &
Donner, Stat. Med. 27:1693, 2008, on the logarithms of the likelihood ratios), so it holds what was measured, and not that
sensitivity and specificity are the same here as there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from models.card import Card, Figure
from models.errors import CardIncomplete
from models.prediction import Outcome

SENSITIVITY, SPECIFICITY = "sensitivity", "specificity"


@dataclass(frozen=True)
class Share:
    """A share of people with its interval, all 0 to 1."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class PredictiveValues:
    """What the two answers of one model mean at one prevalence."""

    prevalence: float
    positive: Share
    """Of those above the threshold, how many are ill."""
    negative: Share
    """Of those below it, how many are not."""

    def ill_given(self, outcome: Outcome) -> Share | None:
        """Return the share of ill people among those with this ``outcome``; ``None`` where there was no answer."""
        if outcome is Outcome.ABOVE_THRESHOLD:
            return self.positive
        if outcome is Outcome.BELOW_THRESHOLD:
            return Share(1 - self.negative.value, 1 - self.negative.high, 1 - self.negative.low)
        return None


def predictive_values(card: Card, prevalence: float) -> PredictiveValues:
    """Return what the answers of the model on ``card`` mean where a share ``prevalence`` of those examined is ill.

    Raises `CardIncomplete` without a sensitivity and a specificity that count as evidence, `ValueError` for a prevalence that
    is not between 0 and 1.
    """
    if not 0.0 < prevalence < 1.0:
        raise ValueError(f"the prevalence is {prevalence:g}; it must lie between 0 and 1")
    sensitivity, specificity = _figure(card, SENSITIVITY), _figure(card, SPECIFICITY)
    return PredictiveValues(
        prevalence,
        positive=_of_ratio(prevalence, sensitivity, _less(specificity)),
        negative=_of_ratio(1 - prevalence, specificity, _less(sensitivity)),
    )


def _figure(card: Card, name: str) -> Share:
    found: list[Figure] = [figure for figure in card.metrics if figure.name == name and figure.evidence]
    if not found:
        raise CardIncomplete(
            f"the card of {card.name} {card.version} has no {name} that counts, so no predictive value follows"
        )
    return Share(found[0].value, *found[0].interval)


def _less(share: Share) -> Share:
    return Share(1 - share.value, 1 - share.high, 1 - share.low)


def _of_ratio(prior: float, right: Share, wrong: Share) -> Share:
    """Return the posterior of ``prior`` by the likelihood ratio ``right`` / ``wrong``, with its interval."""
    up = math.hypot(_log(right.high) - _log(right.value), _log(wrong.value) - _log(wrong.low))
    down = math.hypot(_log(right.value) - _log(right.low), _log(wrong.high) - _log(wrong.value))
    odds = math.log(prior / (1 - prior)) + _log(right.value) - _log(wrong.value)
    return Share(_sigmoid(odds), _sigmoid(odds - down), _sigmoid(odds + up))


def _log(share: float) -> float:
    """Logarithm of a share; none at all counts as one in a million, so that no interval becomes infinite minus infinite."""
    return math.log(max(share, 1e-6))


def _sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit)) if logit >= 0 else math.exp(logit) / (1 + math.exp(logit))
