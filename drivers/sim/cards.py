"""Simulated contactless cards: ISO/IEC 14443-3 type A, from power-up to selection, with UIDs of 4, 7 and 10 bytes."""

from __future__ import annotations

import random
from enum import Enum, StrEnum

from drivers.mfrc522.crc import crc_a
from drivers.sim.bits import Bits, from_bits, to_bits

REQA, WUPA = 0x26, 0x52
SELECT_LEVELS = (0x93, 0x95, 0x97)
ANTICOLLISION_FROM, SELECT_NVB = 0x20, 0x70
CASCADE_TAG = 0x88
SAK_CASCADE = 0x04
HLTA = b"\x50\x00"
FACTORY_KEY = b"\xff" * 6


class CardState(Enum):
    """ISO/IEC 14443-3, figure 7. The starred states are these with `SimCard.halted_before` set."""

    IDLE = "idle"
    READY = "ready"
    ACTIVE = "active"
    HALT = "halt"


class SimCard:
    """A card that answers as the standard says. It forgets its state whenever it leaves the field."""

    def __init__(self, uid: bytes, *, atqa: bytes, sak: int) -> None:
        """``uid`` has 4, 7 or 10 bytes; ``sak`` is what the last cascade level answers. Raises `ValueError`."""
        if len(uid) not in (4, 7, 10):
            raise ValueError(f"a UID has 4, 7 or 10 bytes, not {len(uid)}")
        self.uid = uid
        self.atqa = atqa
        self.sak = sak
        self.state = CardState.IDLE
        self.halted_before = False
        self.level = 0

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, {len(self.uid)}-byte UID, {self.state.value}>"

    def power_off(self) -> None:
        """Leave the field, or see it go out."""
        self.state = CardState.IDLE
        self.halted_before = False
        self.level = 0

    def receive(self, frame: Bits) -> Bits | None:
        """React to a frame from the reader and return the answer, ``None`` being silence."""
        if len(frame) == 7:
            return self._short(from_bits(frame)[0])
        if self.state is CardState.READY:
            return self._ready(frame)
        if self.state is CardState.ACTIVE:
            if from_bits(frame) == HLTA + crc_a(HLTA):
                self.state = CardState.HALT
            else:
                self._fall_back()
        return None

    def cascade_part(self, level: int) -> bytes:
        """The four bytes that this level announces, and their check byte BCC (6.5.4)."""
        last = level == self.levels - 1
        part = self.uid[3 * level :] if last else bytes([CASCADE_TAG]) + self.uid[3 * level : 3 * level + 3]
        return part + bytes([part[0] ^ part[1] ^ part[2] ^ part[3]])

    @property
    def levels(self) -> int:
        return (len(self.uid) - 1) // 3

    def select_answer(self, complete: bool) -> bytes:
        """SAK and its CRC."""
        sak = bytes([self.sak if complete else SAK_CASCADE])
        return sak + crc_a(sak)

    def _short(self, command: int) -> Bits | None:
        wakes = command == WUPA if self.state is CardState.HALT else command in (REQA, WUPA) and self.state is CardState.IDLE
        if wakes:
            self.halted_before = self.state is CardState.HALT
            self.state, self.level = CardState.READY, 0
            return to_bits(self.atqa)
        if self.state in (CardState.READY, CardState.ACTIVE):
            self._fall_back()
        return None

    def _ready(self, frame: Bits) -> Bits | None:
        data = from_bits(frame)
        if len(frame) >= 16 and data[0] == SELECT_LEVELS[self.level]:
            if data[1] == SELECT_NVB:
                return self._select(data)
            announced = 8 * (data[1] >> 4) + (data[1] & 0x0F)
            mine = to_bits(self.cascade_part(self.level))
            known = frame[16:]
            if data[1] >= ANTICOLLISION_FROM and announced == len(frame) and mine[: len(known)] == known:
                return mine[len(known) :]
        self._fall_back()
        return None

    def _select(self, data: bytes) -> Bits | None:
        if len(data) != 9 or crc_a(data[:7]) != data[7:] or data[2:7] != self.cascade_part(self.level):
            self._fall_back()
            return None
        self.level += 1
        complete = self.level == self.levels
        if complete:
            self.state = CardState.ACTIVE
        return to_bits(self.select_answer(complete))

    def _fall_back(self) -> None:
        self.state = CardState.HALT if self.halted_before else CardState.IDLE


class MifareClassic(SimCard):
    """MIFARE Classic 1K with its factory keys. Of its cipher there is only whether it is on."""

    def __init__(self, uid: bytes) -> None:
        super().__init__(uid, atqa=b"\x04\x00" if len(uid) == 4 else b"\x44\x00", sak=0x08)
        self.authenticated = False

    def power_off(self) -> None:
        super().power_off()
        self.authenticated = False

    def receive(self, frame: Bits) -> Bits | None:
        if self.authenticated:  # it expects encrypted frames now; a plain one ends the session
            self.authenticated = False
            self._fall_back()
            return None
        return super().receive(frame)

    def authenticate(self, key: bytes, uid_part: bytes) -> bool:
        """Three-pass authentication; ``uid_part`` is the UID's last four bytes, as MFAuthent wants them."""
        self.authenticated = self.state is CardState.ACTIVE and key == FACTORY_KEY and uid_part == self.uid[-4:]
        if not self.authenticated:
            self._fall_back()
        return self.authenticated


class Ntag(SimCard):
    """NTAG21x or MIFARE Ultralight: until selection they cannot be told apart."""

    def __init__(self, uid: bytes) -> None:
        super().__init__(uid, atqa=b"\x44\x00", sak=0x00)


class GenericCard(SimCard):
    """A card of the ISO/IEC 14443-4 kind, such as a DESFire, with a UID of any size."""

    def __init__(self, uid: bytes, *, sak: int = 0x20) -> None:
        size_bits = {4: 0x00, 7: 0x40, 10: 0x80}.get(len(uid), 0x00)
        super().__init__(uid, atqa=bytes([0x04 | size_bits, 0x03]), sak=sak)


class RandomUidCard(SimCard):
    """A phone or a passport: 0x08 and three random bytes, new in each field (ISO/IEC 14443-3, table 7)."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        super().__init__(self._fresh(), atqa=b"\x04\x00", sak=0x20)

    def _fresh(self) -> bytes:
        return b"\x08" + self._random.randbytes(3)

    def power_off(self) -> None:
        super().power_off()
        self.uid = self._fresh()


class Lie(StrEnum):
    """Ways in which a counterfeit or damaged card breaks the standard."""

    CHECK_BYTE = "wrong BCC"
    SELECT_CRC = "wrong CRC after the SAK"
    ENDLESS_CASCADE = "never says that its UID is complete"
    NO_CASCADE_TAG = "says that its UID goes on, but without a cascade tag"
    SHORT_SELECT = "sends a SAK without a CRC"


class LyingCard(SimCard):
    """A card that lies in one given way; a reader must not believe it."""

    def __init__(self, uid: bytes, lie: Lie) -> None:
        super().__init__(uid, atqa=b"\x44\x00", sak=0x00)
        self.lie = lie

    @property
    def levels(self) -> int:
        return 4 if self.lie is Lie.ENDLESS_CASCADE else super().levels

    def cascade_part(self, level: int) -> bytes:
        if self.lie is Lie.ENDLESS_CASCADE:
            part = bytes([CASCADE_TAG]) + self.uid[:3]
            return part + bytes([part[0] ^ part[1] ^ part[2] ^ part[3]])
        part = super().cascade_part(level)
        return part[:4] + bytes([part[4] ^ 0xFF]) if self.lie is Lie.CHECK_BYTE else part

    def select_answer(self, complete: bool) -> bytes:
        answer = super().select_answer(complete)
        match self.lie:
            case Lie.SELECT_CRC:
                return answer[:2] + bytes([answer[2] ^ 0x03])
            case Lie.NO_CASCADE_TAG:
                sak = bytes([SAK_CASCADE])
                return sak + crc_a(sak)
            case Lie.SHORT_SELECT:
                return answer[:1]
            case _:
                return answer

    def _select(self, data: bytes) -> Bits | None:
        answer = super()._select(data)
        self.level = min(self.level, len(SELECT_LEVELS) - 1)
        return answer


def card_from_uid(uid: str) -> SimCard:
    """Make the usual card for a UID in hexadecimal: 4 bytes a MIFARE Classic, 7 an NTAG, 10 an ISO/IEC 14443-4 card.

    Spaces and colons between bytes are allowed. Raises `ValueError` for anything else; the message does not repeat the UID.
    """
    try:
        value = bytes.fromhex(uid.replace(":", " "))
    except ValueError:
        raise ValueError("a card's UID is written as 8, 14 or 20 hexadecimal digits") from None
    if len(value) == 4:
        return MifareClassic(value)
    if len(value) == 7:
        return Ntag(value)
    if len(value) == 10:
        return GenericCard(value)
    raise ValueError(f"a card's UID has 4, 7 or 10 bytes (8, 14 or 20 hexadecimal digits), not {len(value)} bytes")
