from __future__ import annotations

import pytest

from device.visit.presence import GONE_AFTER_S, Presence
from device.visit.reasons import Reason
from device.visit.table import Event
from drivers.errors import CardError, CardUnreadable, SeveralCards, UnusableCard
from drivers.protocols import Card, CardTechnology

ANA = Card(CardTechnology.MIFARE_ULTRALIGHT, bytes.fromhex("04A3C6CAE26180"))
BEN = Card(CardTechnology.MIFARE_ULTRALIGHT, bytes.fromhex("04A3C6112233AA"))
SEVERAL, UNUSABLE, UNREADABLE = SeveralCards("two"), UnusableCard("random"), CardUnreadable("crc")


def watch(presence: Presence, found: list[Card | CardError | None], begin_s: float = 0.0) -> list[tuple[float, Event]]:
    """Poll every 50 ms; return when which event came."""
    events = []
    for number, each in enumerate(found):
        now_s = begin_s + 0.05 * number
        sighting = presence.trouble(each, now_s) if isinstance(each, CardError) else presence.found(each, now_s)
        if sighting is not None:
            events.append((round(now_s, 2), sighting.event))
    return events


def test_a_card_that_lies_there_is_placed_once() -> None:
    assert watch(Presence(), [None, None, ANA, ANA, ANA, ANA]) == [(0.1, Event.CARD_PLACED)]


def test_a_card_that_is_missed_now_and_then_has_not_gone() -> None:
    assert watch(Presence(), [ANA, None, None, ANA, None, UNREADABLE, SEVERAL, ANA, None, ANA]) == [(0.0, Event.CARD_PLACED)]


def test_a_card_has_gone_after_three_tenths_of_a_second() -> None:
    placed, removed = watch(Presence(), [ANA, *[None] * 10])
    assert placed == (0.0, Event.CARD_PLACED)
    assert removed == (round(0.05 + GONE_AFTER_S, 2), Event.CARD_REMOVED)


def test_a_second_card_beside_it_ends_its_presence_and_is_then_refused() -> None:
    events = [event for _, event in watch(Presence(), [ANA, *[SEVERAL] * 20])]
    assert events == [Event.CARD_PLACED, Event.CARD_REMOVED, Event.CARD_REFUSED]


def test_another_card_in_its_place_is_another_visit() -> None:
    events = [event for _, event in watch(Presence(), [ANA, BEN, BEN, BEN])]
    assert events == [Event.CARD_PLACED, Event.CARD_REMOVED, Event.CARD_PLACED]


@pytest.mark.parametrize(
    ("error", "reason", "after_s"),
    [
        (SEVERAL, Reason.SEVERAL_CARDS, 0.3),
        (UNREADABLE, Reason.CARD_NOT_READABLE, 0.3),
        (UNUSABLE, Reason.CARD_NOT_SUITABLE, 0.0),
    ],
)
def test_what_cannot_be_used_is_refused_once(error: CardError, reason: Reason, after_s: float) -> None:
    presence = Presence()
    assert watch(presence, [error] * 30) == [(after_s, Event.CARD_REFUSED)]
    assert presence.occupied
    assert not presence.seen_since(0.0)


def test_a_card_that_reads_badly_while_it_is_laid_down_is_no_refusal() -> None:
    assert watch(Presence(), [UNREADABLE, UNREADABLE, UNREADABLE, ANA]) == [(0.15, Event.CARD_PLACED)]


def test_taking_one_of_two_cards_away_begins_the_visit_of_the_other() -> None:
    events = [event for _, event in watch(Presence(), [*[SEVERAL] * 10, ANA, ANA])]
    assert events == [Event.CARD_REFUSED, Event.CARD_PLACED]


def test_a_refused_card_that_goes_is_noticed() -> None:
    events = [event for _, event in watch(Presence(), [UNUSABLE, *[None] * 10])]
    assert events == [Event.CARD_REFUSED, Event.CARD_REMOVED]


def test_a_card_counts_as_seen_only_by_a_poll_that_began_later() -> None:
    presence = Presence()
    watch(presence, [ANA], 1.0)
    assert presence.seen_since(1.0)
    assert not presence.seen_since(1.01)
    watch(presence, [None], 1.1)
    assert not presence.seen_since(1.0)
    assert presence.occupied
    watch(presence, [ANA], 1.2)
    assert presence.seen_since(1.1)
