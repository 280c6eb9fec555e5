"""Simulated cards follow the state diagram of ISO/IEC 14443-3, figure 7."""

from __future__ import annotations

import pytest

from drivers.mfrc522.crc import crc_a
from drivers.sim.bits import Bits, from_bits, to_bits
from drivers.sim.cards import (
    HLTA,
    REQA,
    WUPA,
    CardState,
    GenericCard,
    MifareClassic,
    Ntag,
    RandomUidCard,
    SimCard,
    card_from_uid,
)

UID = bytes.fromhex("04A3C6CAE26180")


def short(command: int) -> Bits:
    return to_bits(bytes([command]))[:7]


def crc(data: bytes) -> Bits:
    return to_bits(data + crc_a(data))


def woken(card: SimCard) -> SimCard:
    assert card.receive(short(REQA)) is not None
    return card


def selected(card: SimCard) -> SimCard:
    woken(card)
    for level in range(card.levels):
        assert card.receive(crc(bytes([0x93 + 2 * level, 0x70]) + card.cascade_part(level))) is not None
    return card


@pytest.mark.parametrize(
    ("uid", "kind"), [("DEADBEEF", MifareClassic), ("04:A3:C6:CA:E2:61:80", Ntag), ("01 " * 10, GenericCard)]
)
def test_the_length_of_a_uid_chooses_the_usual_card(uid: str, kind: type[SimCard]) -> None:
    card = card_from_uid(uid)
    assert type(card) is kind
    assert card.uid == bytes.fromhex(uid.replace(":", ""))


@pytest.mark.parametrize("uid", ["", "DEADBE", "DEADBEEF01", "not hexadecimal", "DEADBEE", "é"])
def test_what_is_no_uid_is_refused_without_repeating_it(uid: str) -> None:
    with pytest.raises(ValueError, match="8, 14 or 20") as caught:
        card_from_uid(uid)
    assert uid == "" or uid not in str(caught.value)


def test_a_card_needs_a_uid_of_a_size_that_exists() -> None:
    with pytest.raises(ValueError, match="not 5"):
        MifareClassic(bytes(5))


def test_selection_goes_through_every_cascade_level() -> None:
    card = woken(Ntag(UID))
    assert card.cascade_part(0) == bytes([0x88, 0x04, 0xA3, 0xC6, 0x88 ^ 0x04 ^ 0xA3 ^ 0xC6])
    answer = card.receive(crc(b"\x93\x70" + card.cascade_part(0)))
    assert answer is not None
    assert from_bits(answer) == b"\x04" + crc_a(b"\x04")
    answer = card.receive(crc(b"\x95\x70" + card.cascade_part(1)))
    assert answer is not None
    assert from_bits(answer) == b"\x00" + crc_a(b"\x00")
    assert card.state is CardState.ACTIVE


@pytest.mark.parametrize("known", [0, 1, 7, 8, 13, 32, 39])
def test_anticollision_answers_the_rest_to_those_who_know_the_beginning(known: int) -> None:
    card = woken(Ntag(UID))
    part = to_bits(card.cascade_part(0))
    frame = to_bits(bytes([0x93, (2 + known // 8) << 4 | known % 8])) + part[:known]
    assert card.receive(frame) == part[known:]
    if known:
        wrong = (*frame[:-1], 1 - frame[-1])
        assert card.receive(wrong) is None
        assert card.state is CardState.IDLE


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(to_bits(b"\x95\x20"), id="wrong cascade level"),
        pytest.param(to_bits(b"\x93\x21"), id="announces a bit that is missing"),
        pytest.param(to_bits(b"\x93\x70" + b"\x88\x04\xa3\xc6\xe9" + b"\x00\x00"), id="wrong CRC"),
        pytest.param(to_bits(b"\x93"), id="too short"),
        pytest.param(short(REQA), id="REQA when ready"),
    ],
)
def test_a_wrong_frame_sends_a_ready_card_back(frame: Bits) -> None:
    card = woken(Ntag(UID))
    assert card.receive(frame) is None
    assert card.state is CardState.IDLE


def test_a_halted_card_hears_wupa_alone_and_falls_back_to_halt() -> None:
    card = selected(Ntag(UID))
    assert card.receive(crc(HLTA)) is None
    assert card.state is CardState.HALT
    assert card.receive(short(REQA)) is None
    assert card.receive(short(WUPA)) is not None
    assert card.receive(to_bits(b"\x00\x00\x00")) is None
    assert card.state is CardState.HALT
    card.power_off()
    assert card.receive(short(REQA)) is not None


def test_an_active_card_takes_a_request_for_an_error() -> None:
    card = selected(Ntag(UID))
    assert card.receive(short(WUPA)) is None
    assert card.receive(short(WUPA)) is not None


def test_a_random_uid_changes_with_each_field() -> None:
    card = RandomUidCard()
    seen = {card.uid}
    for _ in range(5):
        card.power_off()
        seen.add(card.uid)
    assert len(seen) == 6
    assert {uid[0] for uid in seen} == {0x08}


def test_a_classic_card_in_a_cipher_session_is_deaf_to_plain_frames() -> None:
    card = selected(MifareClassic(UID))
    assert isinstance(card, MifareClassic)
    assert not card.authenticate(b"\x00" * 6, UID[-4:])
    selected(card)
    assert card.authenticate(b"\xff" * 6, UID[-4:])
    assert card.receive(crc(HLTA)) is None
    assert card.state is CardState.IDLE
