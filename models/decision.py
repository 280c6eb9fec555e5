"""From a network's score to an answer: calibrated probability, threshold, and a band in which there is no answer."""

from __future__ import annotations

import math

from models.answers import Abstention, Calibration, ScoreAnswer, Threshold
from models.card import Card
from models.prediction import Outcome


class Decision:
    """How the scores of one bundle are to be read, as its card says."""

    def __init__(self, calibration: Calibration, threshold: Threshold, abstain: Abstention) -> None:
        self._calibration = calibration
        self.threshold = threshold.probability
        self.abstain = (abstain.low, abstain.high)

    @classmethod
    def of(cls, card: Card) -> Decision:
        """Raises `WrongTask` for a card whose model gives no score."""
        answer = card.answer_as(ScoreAnswer)
        return cls(answer.calibration, answer.threshold, answer.abstain)

    def probability(self, score: float) -> float:
        """Return the calibrated probability of a raw score (Platt, in Advances in Large Margin Classifiers, 1999)."""
        logit = self._calibration.slope * score + self._calibration.intercept
        return 1.0 / (1.0 + math.exp(-logit)) if logit >= 0 else math.exp(logit) / (1.0 + math.exp(logit))

    def outcome(self, probability: float) -> Outcome:
        """Return on which side of the threshold ``probability`` lies; inside the open band, that it is not to be trusted."""
        low, high = self.abstain
        if low < probability < high:
            return Outcome.ABSTAINED
        return Outcome.ABOVE_THRESHOLD if probability >= self.threshold else Outcome.BELOW_THRESHOLD
