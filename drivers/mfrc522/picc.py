"""Activation of a card (PICC) after ISO/IEC 14443-3, type A: wake, cascade, anticollision, select, halt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from drivers.errors import CardUnreadable, SeveralCards
from drivers.mfrc522.chip import Answer, Chip
from drivers.mfrc522.crc import crc_a

CASCADE_TAG = 0x88
"""First byte of a level's four when the UID goes on at the next one (6.5.4)."""
SAK_INCOMPLETE = 0x04
"""Bit of the SAK: the UID goes on (6.5.3.4)."""
PART_BITS = 40
"""Four bytes and their check byte."""

HOLD_STILL = "Hold one card flat on the reader and keep it still."


class Wake(IntEnum):
    """Short frames of seven bits (6.4.1)."""

    REQA = 0x26
    """Wakes cards that are idle."""
    WUPA = 0x52
    """Wakes halted cards too."""


class Level(IntEnum):
    """SELECT codes of the cascade levels (6.5.3.1)."""

    ONE = 0x93
    TWO = 0x95
    THREE = 0x97


@dataclass(frozen=True)
class Selected:
    """A card that confirmed its whole UID."""

    uid: bytes = field(repr=False)
    sak: int
    truncated: bool
    """The last part begins with a cascade tag although the card said that its UID ends there."""


class Collided(SeveralCards):
    """Cards spoke at once and differed."""


def wake(chip: Chip, command: Wake) -> bool:
    """Wake the cards in the field; return whether any answered.

    Asks twice, because a card that was left in the middle of something only falls back to idle the first time (figure 7).
    """
    return request(chip, command) or request(chip, command)


def request(chip: Chip, command: Wake) -> bool:
    """Send REQA or WUPA once. Several cards may answer differently, so only that something came back counts."""
    return chip.exchange(bytes([command]), 16, last_bits=7) is not None


def halt(chip: Chip) -> None:
    """Send the selected card to sleep, so that only WUPA wakes it (6.4.3). No answer means that it obeyed."""
    command = b"\x50\x00"
    chip.exchange(command + crc_a(command), 0)


def select(chip: Chip, *, resolve: bool) -> Selected:
    """Read the UID of a card that is awake, and select it.

    Several cards raise `Collided`, or with ``resolve`` are told apart bit by bit and one of them is selected. Raises
    `CardUnreadable` when a check fails or the card falls silent.
    """
    uid = b""
    for level in Level:
        part = _anticollision(chip, level) if resolve else _announced(chip, level)
        sak = _confirm(chip, level, part)
        if not sak & SAK_INCOMPLETE:
            return Selected(uid + part[:4], sak, truncated=part[0] == CASCADE_TAG)
        if part[0] != CASCADE_TAG:
            raise CardUnreadable(f"The card says that its UID goes on, but sent no cascade tag. {HOLD_STILL}")
        uid += part[1:4]
    raise CardUnreadable(f"The card's UID does not end after the third cascade level. {HOLD_STILL}")


def _announced(chip: Chip, level: Level) -> bytes:
    """Ask the only card for its part of this level: four bytes and BCC."""
    answer = _readable(chip.exchange(bytes([level, 0x20]), PART_BITS))
    if answer.collided:
        raise Collided(f"More than one card lies on the reader. {HOLD_STILL}")
    if answer.bits != PART_BITS:
        raise CardUnreadable(f"The card's answer was cut short. {HOLD_STILL}")
    return _checked(answer.data)


def _anticollision(chip: Chip, level: Level) -> bytes:
    """Narrow the cards down until one is left (6.5.3.3).

    Where CollPos counts from once a part of the UID has been sent is not said in the data sheet, so it is used for the first
    collision alone. After that one bit more is fixed each time: the first bit received. Whether it is that of all cards or
    collided itself, at least one card has it.
    """
    known: list[int] = []
    while True:
        answer = _readable(_ask(chip, level, known))
        align = len(known) % 8
        received = _bits(answer.data)[align : answer.bits]
        if not answer.collided:
            if len(known) + len(received) != PART_BITS:
                raise CardUnreadable(f"The card's answer was cut short. {HOLD_STILL}")
            return _checked(_bytes(known + received))
        certain = 1
        if not known and answer.collision is not None:
            certain += answer.collision
        if len(received) < certain or len(known) + certain >= PART_BITS:
            raise CardUnreadable(f"The cards could not be told apart. {HOLD_STILL}")
        known += received[:certain]


def _ask(chip: Chip, level: Level, known: Sequence[int]) -> Answer | None:
    full_bytes, bits = divmod(len(known), 8)
    frame = bytes([level, (2 + full_bytes) << 4 | bits]) + _bytes(known)
    return chip.exchange(frame, PART_BITS - len(known), last_bits=bits, align=bits)


def _confirm(chip: Chip, level: Level, part: bytes) -> int:
    """Select the card that has exactly this part and return its SAK."""
    command = bytes([level, 0x70]) + part
    answer = _readable(chip.exchange(command + crc_a(command), 24))
    if answer.collided:  # one UID is the beginning of another
        raise Collided(f"More than one card lies on the reader. {HOLD_STILL}")
    if answer.bits != 24 or crc_a(answer.data[:1]) != answer.data[1:]:
        raise CardUnreadable(f"A card's answer failed its check (CRC). {HOLD_STILL}")
    return answer.data[0]


def _readable(answer: Answer | None) -> Answer:
    if answer is None:
        raise CardUnreadable(f"The card left while it was being read. {HOLD_STILL}")
    if answer.garbled:
        raise CardUnreadable(f"The card's answer was garbled. {HOLD_STILL}")
    return answer


def _checked(part: bytes) -> bytes:
    if part[0] ^ part[1] ^ part[2] ^ part[3] != part[4]:
        raise CardUnreadable(f"A card's UID failed its check (BCC). {HOLD_STILL}")
    return part


def _bits(data: bytes) -> list[int]:
    return [byte >> place & 1 for byte in data for place in range(8)]


def _bytes(bits: Sequence[int]) -> bytes:
    return bytes(sum(bit << place for place, bit in enumerate(bits[start : start + 8])) for start in range(0, len(bits), 8))
