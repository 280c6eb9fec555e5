"""The field of a simulated reader: the cards in it, and what the antenna hears when several of them speak at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drivers.sim.bits import Bits
from drivers.sim.cards import SimCard

CARRIER_HZ = 13.56e6
BIT_S = 128 / CARRIER_HZ
"""One bit at 106 kbit/s (ISO/IEC 14443-2)."""
ANSWER_DELAY_S = 1236 / CARRIER_HZ
"""Frame delay time from reader to card (ISO/IEC 14443-3, 6.2.1.1)."""


def air_time_s(bits: int) -> float:
    """How long a frame lasts: its bits, a parity bit after each full byte, start and end."""
    return (bits + bits // 8 + 2) * BIT_S


@dataclass(frozen=True)
class Reception:
    """What came back after a frame."""

    bits: Bits
    collided_at: int | None
    """Index of the first bit that one card sent as 0 and another as 1."""
    speakers: tuple[SimCard, ...]


class RFField:
    """Cards may be exchanged from another thread: it is one assignment, and each frame looks at the cards once."""

    def __init__(self) -> None:
        self._cards: tuple[SimCard, ...] = ()
        self._on = False
        self.capture_effect = False
        """Whether the first card drowns out the others, as a card close to the antenna does: no collision is ever seen."""

    @property
    def cards(self) -> tuple[SimCard, ...]:
        return self._cards

    @cards.setter
    def cards(self, cards: Sequence[SimCard]) -> None:
        before, self._cards = self._cards, tuple(cards)
        for card in {*before} ^ {*cards}:
            card.power_off()

    @property
    def on(self) -> bool:
        return self._on

    @on.setter
    def on(self, on: bool) -> None:
        if on != self._on:
            self._on = on
            for card in self._cards:
                card.power_off()

    def send(self, frame: Bits) -> Reception | None:
        """Send a frame to every card; ``None`` when none of them answers."""
        if not self._on:
            return None
        answers = [(card, answer) for card in self._cards if (answer := card.receive(frame))]
        if not answers:
            return None
        speakers = tuple(card for card, _ in answers)
        if self.capture_effect:
            return Reception(answers[0][1], None, speakers[:1])
        return _superpose([answer for _, answer in answers], speakers)


def _superpose(answers: Sequence[Bits], speakers: tuple[SimCard, ...]) -> Reception:
    """Manchester coding: a bit reads as both 0 and 1 where the cards differ; a card that has finished adds nothing."""
    bits: list[int] = []
    collided_at: int | None = None
    for index in range(max(map(len, answers))):
        values = {answer[index] for answer in answers if index < len(answer)}
        if len(values) == 2 and collided_at is None:
            collided_at = index
        bits.append(max(values))
    return Reception(tuple(bits), collided_at, speakers)
