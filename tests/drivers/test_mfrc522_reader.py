"""Our MFRC522 driver, against a chip that is simulated register by register."""

from __future__ import annotations

import pytest

from drivers.clock import VirtualClock
from drivers.errors import CardUnreadable, DeadlineExceeded, DeviceClosed, SeveralCards, UnusableCard
from drivers.protocols import Card, CardTechnology
from drivers.sim.bits import Bits
from drivers.sim.cards import CardState, GenericCard, Lie, LyingCard, MifareClassic, Ntag, RandomUidCard, card_from_uid
from drivers.sim.mfrc522 import SimMFRC522
from tests.drivers.reader_bench import CLASSIC, NTAG, NTAG_SAME_BEGINNING, TRIPLE, ReaderBench


@pytest.fixture
def bench() -> ReaderBench:
    return ReaderBench.make()


@pytest.mark.parametrize(
    ("uid", "technology"),
    [
        (CLASSIC, CardTechnology.MIFARE_CLASSIC),
        (NTAG, CardTechnology.MIFARE_ULTRALIGHT),
        (TRIPLE, CardTechnology.ISO14443_4),
    ],
)
def test_uids_of_every_length_are_read_whole(bench: ReaderBench, uid: str, technology: CardTechnology) -> None:
    bench.lay(uid)
    assert bench.reader.poll() == Card(technology, bytes.fromhex(uid))


def test_a_sak_of_no_known_kind_is_called_other(bench: ReaderBench) -> None:
    bench.lay(GenericCard(bytes.fromhex(NTAG), sak=0x01))
    card = bench.reader.poll()
    assert card is not None
    assert card.technology is CardTechnology.OTHER


def test_no_card_is_none_in_at_most_twenty_transfers_and_four_milliseconds(bench: ReaderBench) -> None:
    before_s = bench.clock.monotonic()
    assert bench.transfers_of_a_poll() <= 20
    assert bench.clock.monotonic() - before_s <= 4e-3
    assert bench.uid() is None


@pytest.mark.parametrize(("uid", "longest_ms"), [(CLASSIC, 7.0), (NTAG, 10.0), (TRIPLE, 12.5)])
def test_a_card_is_read_within_milliseconds(bench: ReaderBench, uid: str, longest_ms: float) -> None:
    bench.lay(uid)
    before_s = bench.clock.monotonic()
    assert bench.uid() == uid
    assert (bench.clock.monotonic() - before_s) * 1e3 <= longest_ms


@pytest.mark.parametrize("uid", [CLASSIC, NTAG, TRIPLE])
def test_a_card_that_stays_is_read_each_time(bench: ReaderBench, uid: str) -> None:
    bench.lay(uid)
    assert {bench.uid() for _ in range(50)} == {uid}


def test_a_card_that_comes_and_goes_is_seen_to_come_and_go(bench: ReaderBench) -> None:
    seen = []
    for present in (True, False, True, True, False):
        bench.lay(*[CLASSIC] * present)
        seen.append(bench.uid())
    assert seen == [CLASSIC, None, CLASSIC, CLASSIC, None]


def test_cards_that_begin_alike_are_two_cards(bench: ReaderBench) -> None:
    bench.lay(NTAG)
    first = bench.uid()
    bench.lay(NTAG_SAME_BEGINNING)
    assert (first, bench.uid()) == (NTAG, NTAG_SAME_BEGINNING)


# -- more than one card


@pytest.mark.parametrize(
    "uids",
    [
        pytest.param((CLASSIC, "11223344"), id="two of the same technology"),
        pytest.param((CLASSIC, NTAG), id="two technologies"),
        pytest.param((NTAG, NTAG_SAME_BEGINNING), id="same first cascade level"),
        pytest.param(("8804A3C6", NTAG), id="four bytes that look like the beginning of seven"),
        pytest.param((NTAG, "04A3C6880102030405AA"), id="seven and ten bytes with the same first level"),
        pytest.param(("DEADBEEF", "DEADBEEE"), id="last bit but the check byte"),
        pytest.param(("5EADBEEF", "DEADBEEF"), id="one bit"),
        pytest.param((CLASSIC, NTAG, TRIPLE, "01020304"), id="four cards"),
    ],
)
def test_several_cards_are_reported_every_time(bench: ReaderBench, uids: tuple[str, ...]) -> None:
    bench.lay(*uids)
    for _ in range(4):
        with pytest.raises(SeveralCards, match=r"one card"):
            bench.reader.poll()


def test_a_card_that_drowns_out_another_does_not_hide_it(bench: ReaderBench) -> None:
    bench.chip.field.capture_effect = True
    bench.lay(CLASSIC, NTAG)
    for _ in range(4):
        with pytest.raises(SeveralCards):
            bench.reader.poll()


def test_a_second_card_laid_beside_the_first_is_noticed_and_taking_it_away_too(bench: ReaderBench) -> None:
    first, _ = bench.lay(CLASSIC, NTAG)
    bench.chip.cards = [first]
    assert bench.uid() == CLASSIC
    bench.chip.cards = [first, card_from_uid(NTAG)]
    with pytest.raises(SeveralCards):
        bench.reader.poll()
    bench.chip.cards = [first]
    assert bench.uid() == CLASSIC


def test_two_cards_with_the_same_uid_are_one(bench: ReaderBench) -> None:
    bench.lay(CLASSIC, CLASSIC)
    assert bench.uid() == CLASSIC


@pytest.mark.parametrize("counts_known_bits", [False, True])
def test_inventory_lists_everyone_whatever_collpos_counts_from(counts_known_bits: bool) -> None:
    clock = VirtualClock()
    bench = ReaderBench.make(SimMFRC522(clock, counts_known_bits=counts_known_bits), clock)
    bench.lay("DEADBEEF", "DEADBEEE", "DEADBE6F", NTAG, NTAG_SAME_BEGINNING, TRIPLE)
    assert {card.uid.hex().upper() for card in bench.reader.inventory()} == {
        "DEADBEEF",
        "DEADBEEE",
        "DEADBE6F",
        NTAG,
        NTAG_SAME_BEGINNING,
        TRIPLE,
    }


# -- cards that are no pointer to a person


def test_a_random_uid_is_refused(bench: ReaderBench) -> None:
    bench.lay(RandomUidCard())
    for _ in range(3):
        with pytest.raises(UnusableCard, match="another number at each tap"):
            bench.reader.poll()


def test_eight_as_the_first_byte_of_a_longer_uid_is_not_random(bench: ReaderBench) -> None:
    bench.lay("08A3C6CAE26180")
    assert bench.uid() == "08A3C6CAE26180"


@pytest.mark.parametrize("card", [MifareClassic(bytes.fromhex("88112233")), Ntag(bytes.fromhex("04A3C688E26180"))])
def test_a_truncated_uid_is_refused(bench: ReaderBench, card: MifareClassic | Ntag) -> None:
    bench.lay(card)
    with pytest.raises(UnusableCard, match="0x88"):
        bench.reader.poll()


LIES = {
    Lie.CHECK_BYTE: "BCC",
    Lie.SELECT_CRC: "CRC",
    Lie.ENDLESS_CASCADE: "does not end after the third",
    Lie.NO_CASCADE_TAG: "no cascade tag",
    Lie.SHORT_SELECT: "CRC",
}


@pytest.mark.parametrize("lie", Lie)
def test_a_card_that_lies_is_unreadable(bench: ReaderBench, lie: Lie) -> None:
    bench.lay(LyingCard(bytes.fromhex(NTAG), lie))
    for _ in range(2):
        with pytest.raises(CardUnreadable, match=f"{LIES[lie]}.*keep it still"):
            bench.reader.poll()


def test_a_card_that_was_read_sleeps_until_it_is_looked_for_again(bench: ReaderBench) -> None:
    (card,) = bench.lay(NTAG)
    for _ in range(3):
        assert bench.uid() == NTAG
        assert card.state is CardState.HALT


class Sleepless(Ntag):
    """A card that answers the next request although it was told to sleep."""

    def receive(self, frame: Bits) -> Bits | None:
        answer = super().receive(frame)
        if self.state is CardState.HALT:
            self.power_off()
        return answer


def test_a_card_that_does_not_sleep_is_read_and_holds_nothing_up(bench: ReaderBench) -> None:
    bench.lay(Sleepless(bytes.fromhex(NTAG)))
    before_s = bench.clock.monotonic()
    assert bench.uid() == NTAG
    assert bench.clock.monotonic() - before_s < 0.3
    bench.lay(Sleepless(bytes.fromhex(NTAG)), CLASSIC)
    with pytest.raises(SeveralCards):
        bench.reader.poll()


# -- waiting, closing, printing


def test_waiting_returns_the_next_card(bench: ReaderBench) -> None:
    bench.lay(CLASSIC)
    assert bench.reader.wait(1.0).uid == bytes.fromhex(CLASSIC)


def test_waiting_has_a_deadline(bench: ReaderBench) -> None:
    before_s = bench.clock.monotonic()
    with pytest.raises(DeadlineExceeded, match=r"within 1\.5 s"):
        bench.reader.wait(1.5)
    assert 1.5 <= bench.clock.monotonic() - before_s < 1.55


def test_a_closed_reader_says_so_and_its_field_is_out(bench: ReaderBench) -> None:
    bench.reader.close()
    bench.reader.close()
    assert not bench.chip.field.on
    assert repr(bench.reader) == "<Mfrc522Reader MFRC522 version 2.0, closed>"
    for call in (bench.reader.poll, bench.reader.inventory, bench.reader.self_test, lambda: bench.reader.wait(1.0)):
        with pytest.raises(DeviceClosed):
            call()


def test_nothing_prints_a_uid(bench: ReaderBench) -> None:
    (card,) = bench.lay(NTAG)
    read = bench.reader.poll()
    printed = f"{read!r} {bench.reader!r} {card!r} {bench.chip!r}"
    assert NTAG not in printed.upper()
    assert repr(bytes.fromhex(NTAG)) not in printed
