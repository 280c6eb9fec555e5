"""What every `CardReader` must do."""

from __future__ import annotations

import pytest

from drivers.clock import Clock
from drivers.conformance.stage import Stage
from drivers.errors import DeadlineExceeded, DeviceClosed, DeviceMissing, SeveralCards, UnusableCard
from drivers.protocols import CardReader

POLL_LIMIT_S = 20e-3


def test_an_empty_field_is_none(card_reader: CardReader, stage: Stage) -> None:
    stage.no_card()
    assert [card_reader.poll() for _ in range(5)] == [None] * 5


def test_an_empty_field_takes_a_few_milliseconds(card_reader: CardReader, stage: Stage, clock: Clock) -> None:
    stage.no_card()
    begun_s = clock.monotonic()
    for _ in range(5):
        card_reader.poll()
    assert (clock.monotonic() - begun_s) / 5 < POLL_LIMIT_S


@pytest.mark.parametrize("uid_bytes", [4, 7, 10])
def test_a_uid_is_read_whole(card_reader: CardReader, stage: Stage, uid_bytes: int) -> None:
    stage.card(uid_bytes)
    assert len(card_reader.wait(2.0).uid) == uid_bytes


@pytest.mark.parametrize("uid_bytes", [4, 7])
def test_a_card_that_stays_is_read_steadily(card_reader: CardReader, stage: Stage, uid_bytes: int) -> None:
    stage.card(uid_bytes)
    first = card_reader.wait(2.0)
    assert [card_reader.poll() for _ in range(20)] == [first] * 20


def test_a_card_that_was_taken_away_is_gone(card_reader: CardReader, stage: Stage) -> None:
    stage.card(4)
    card_reader.wait(2.0)
    stage.no_card()
    assert card_reader.poll() is None


def test_cards_that_begin_alike_are_told_apart(card_reader: CardReader, stage: Stage) -> None:
    stage.card(7)
    first = card_reader.wait(2.0)
    stage.another_card_that_begins_alike()
    assert card_reader.wait(2.0) != first


def test_two_cards_are_refused(card_reader: CardReader, stage: Stage) -> None:
    stage.two_cards()
    for _ in range(3):
        with pytest.raises(SeveralCards):
            card_reader.wait(2.0)


def test_a_random_uid_is_refused(card_reader: CardReader, stage: Stage) -> None:
    stage.random_card()
    with pytest.raises(UnusableCard):
        card_reader.wait(2.0)


def test_a_missing_reader_is_not_an_empty_field(card_reader: CardReader, stage: Stage) -> None:
    stage.no_card()
    assert card_reader.poll() is None
    stage.unplug_reader()
    with pytest.raises(DeviceMissing):
        card_reader.poll()


def test_waiting_has_a_deadline(card_reader: CardReader, stage: Stage, clock: Clock) -> None:
    stage.no_card()
    begun_s = clock.monotonic()
    with pytest.raises(DeadlineExceeded):
        card_reader.wait(0.5)
    assert 0.5 <= clock.monotonic() - begun_s < 1.0


def test_the_chip_can_be_tested_between_two_cards(card_reader: CardReader, stage: Stage) -> None:
    assert card_reader.self_test()
    stage.card(4)
    assert len(card_reader.wait(2.0).uid) == 4


def test_nothing_prints_a_uid(card_reader: CardReader, stage: Stage) -> None:
    stage.card(4)
    card = card_reader.wait(2.0)
    printed = f"{card!r} {card!s} {card_reader!r}".lower()
    assert card.uid.hex() not in printed
    assert repr(card.uid)[2:-1].lower() not in printed


def test_a_closed_reader_says_so(card_reader: CardReader) -> None:
    card_reader.close()
    card_reader.close()
    with pytest.raises(DeviceClosed):
        card_reader.poll()
    with pytest.raises(DeviceClosed):
        card_reader.self_test()
