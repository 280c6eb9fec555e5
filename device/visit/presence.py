"""Whether the card still lies in the tray, from a reader that may miss it once."""

from __future__ import annotations

from dataclasses import dataclass

from device.visit.reasons import Reason
from device.visit.table import Event
from drivers.errors import CardError, SeveralCards, UnusableCard
from drivers.protocols import Card

GONE_AFTER_S = 0.3
"""A card that has not been seen for so long was taken away; a hand that knocks against it takes less."""
REFUSED_AFTER_S = 0.3
"""A card at the edge of the field reads badly for a moment while it is laid down."""


@dataclass(frozen=True)
class Sighting:
    """Something changed in the tray."""

    event: Event
    card: Card | None = None
    reason: Reason | None = None


class Presence:
    """Turns what each poll of the reader found into the three events of a card: placed, refused, removed.

    A card is placed once: as long as it lies there, whatever happens to the visit, it does not begin another one.
    """

    def __init__(self) -> None:
        self._card: Card | None = None
        self._refused: Reason | None = None
        self._trouble: tuple[Reason, float] | None = None
        self._missed_s: float | None = None
        self._seen_s = float("-inf")

    @property
    def occupied(self) -> bool:
        """Something lies there, or lay there a moment ago."""
        return self._card is not None or self._refused is not None

    def seen_since(self, moment_s: float) -> bool:
        """Whether the card was there at a poll that began after ``moment_s``, and has not been missed since.

        Otherwise wait: either it is seen again, or `Event.CARD_REMOVED` follows.
        """
        return self._card is not None and self._missed_s is None and self._seen_s >= moment_s

    def found(self, card: Card | None, now_s: float) -> Sighting | None:
        """Take note of a poll that began at ``now_s`` and went well."""
        if card is None:
            self._trouble = None
            return self._miss(now_s)
        if self._card is not None and card != self._card:
            self._clear()
            return Sighting(Event.CARD_REMOVED)
        self._missed_s = self._trouble = self._refused = None
        self._seen_s = now_s
        if self._card is not None:
            return None
        self._card = card
        return Sighting(Event.CARD_PLACED, card)

    def trouble(self, error: CardError, now_s: float) -> Sighting | None:
        """Take note of a poll, begun at ``now_s``, that found something unusable. A visit's card counts as missed meanwhile."""
        reason = _reason(error)
        if self._card is not None:
            return self._miss(now_s)
        self._missed_s = None
        if reason is self._refused:
            return None
        if self._trouble is None or self._trouble[0] is not reason:
            self._trouble = (reason, now_s)
        if reason is not Reason.CARD_NOT_SUITABLE and now_s - self._trouble[1] < REFUSED_AFTER_S:
            return None
        self._refused, self._trouble = reason, None
        return Sighting(Event.CARD_REFUSED, reason=reason)

    def _miss(self, now_s: float) -> Sighting | None:
        if not self.occupied:
            return None
        if self._missed_s is None:
            self._missed_s = now_s
        if now_s - self._missed_s < GONE_AFTER_S:
            return None
        self._clear()
        return Sighting(Event.CARD_REMOVED)

    def _clear(self) -> None:
        self._card = self._refused = self._trouble = self._missed_s = None


def _reason(error: CardError) -> Reason:
    if isinstance(error, SeveralCards):
        return Reason.SEVERAL_CARDS
    return Reason.CARD_NOT_SUITABLE if isinstance(error, UnusableCard) else Reason.CARD_NOT_READABLE
