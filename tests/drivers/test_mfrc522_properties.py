"""Whatever lies in the field: hypothesis lays the cards, the driver must name them all and never invent one."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.clock import VirtualClock
from drivers.errors import CardError, CardUnreadable, SeveralCards, UnusableCard
from drivers.sim.cards import GenericCard, MifareClassic, Ntag, SimCard
from drivers.sim.mfrc522 import SimMFRC522
from tests.drivers.reader_bench import ReaderBench


def uids(size: int) -> st.SearchStrategy[bytes]:
    """UIDs that no rule forbids, often beginning alike: that is where cards are hard to tell apart."""
    common = st.sampled_from([b"\x04\xa3\xc6", b"\x04\xa3\xc7", b"\x84\xa3\xc6"])
    alike = st.tuples(common, st.binary(min_size=size - 3, max_size=size - 3)).map(b"".join)
    return st.one_of(st.binary(min_size=size, max_size=size), alike).filter(allowed)


def allowed(uid: bytes) -> bool:
    """No random UID, and no cascade tag where a part of the UID begins (ISO/IEC 14443-3, 6.5.4)."""
    return uid[0] not in (0x08, 0x88) and (len(uid) < 7 or uid[3] != 0x88) and (len(uid) < 10 or uid[6] != 0x88)


CARDS: st.SearchStrategy[SimCard] = st.one_of(
    uids(4).map(MifareClassic), uids(7).map(Ntag), uids(10).map(GenericCard), uids(7).map(MifareClassic)
)
FIELDS = st.lists(CARDS, min_size=1, max_size=5, unique_by=lambda card: card.uid)


def bench_with(cards: list[SimCard], *, counts_known_bits: bool = False) -> ReaderBench:
    clock = VirtualClock()
    bench = ReaderBench.make(SimMFRC522(clock, counts_known_bits=counts_known_bits), clock)
    bench.lay(*cards)
    return bench


@settings(max_examples=150, deadline=None)
@given(cards=FIELDS, counts_known_bits=st.booleans(), capture_effect=st.booleans())
def test_every_field_of_one_to_five_cards_is_enumerated(
    cards: list[SimCard], counts_known_bits: bool, capture_effect: bool
) -> None:
    bench = bench_with(cards, counts_known_bits=counts_known_bits)
    bench.chip.field.capture_effect = capture_effect
    assert {card.uid for card in bench.reader.inventory()} == {card.uid for card in cards}


@settings(max_examples=150, deadline=None)
@given(cards=FIELDS)
def test_one_card_is_named_and_several_are_refused(cards: list[SimCard]) -> None:
    bench = bench_with(cards)
    for _ in range(2):
        try:
            card = bench.reader.poll()
        except SeveralCards:
            assert len(cards) > 1
        else:
            assert card is not None
            assert [card.uid] == [one.uid for one in cards]


@settings(max_examples=100, deadline=None)
@given(uid=st.binary(min_size=4, max_size=4))
def test_any_four_bytes_are_read_or_refused(uid: bytes) -> None:
    bench = bench_with([MifareClassic(uid)])
    try:
        card = bench.reader.poll()
    except UnusableCard:
        assert uid[0] in (0x08, 0x88)
    else:
        assert card is not None
        assert card.uid == uid


@settings(max_examples=150, deadline=None)
@given(
    cards=FIELDS,
    pull_after=st.none() | st.integers(0, 150),
    crc_error_after=st.none() | st.integers(0, 12),
    parity_error_after=st.none() | st.integers(0, 12),
    brown_out_after=st.none() | st.integers(0, 150),
)
def test_no_mishap_makes_a_uid_that_is_not_there(
    cards: list[SimCard],
    pull_after: int | None,
    crc_error_after: int | None,
    parity_error_after: int | None,
    brown_out_after: int | None,
) -> None:
    bench = bench_with(cards)
    faults = bench.chip.faults
    faults.pull_after, faults.brown_out_after = pull_after, brown_out_after
    faults.crc_error_after, faults.parity_error_after = crc_error_after, parity_error_after
    try:
        card = bench.reader.poll()
    except CardError:
        return
    assert card is None or card.uid in {one.uid for one in cards}


@settings(max_examples=60, deadline=None)
@given(cards=FIELDS, answer=st.integers(0, 30))
def test_a_garbled_answer_in_an_inventory_is_an_error_or_harmless(cards: list[SimCard], answer: int) -> None:
    bench = bench_with(cards)
    bench.chip.faults.crc_error_after = answer
    try:
        found = bench.reader.inventory()
    except (CardUnreadable, SeveralCards):
        return
    assert {card.uid for card in found} <= {card.uid for card in cards}
