"""The card reader: polls an MFRC522 for the one card that lies on it."""

from __future__ import annotations

from drivers.bus import SPIBus
from drivers.clock import Clock
from drivers.errors import CardUnreadable, DeviceClosed, DriverError, SeveralCards, UnusableCard
from drivers.mfrc522 import picc
from drivers.mfrc522.chip import Chip, ChipLost
from drivers.protocols import Card, CardTechnology
from drivers.waiting import wait_for_card

RANDOM_UID = 0x08
"""First byte of a four-byte UID that is new at each tap: phones, passports (ISO/IEC 14443-3, table 7)."""
ATTEMPTS = 2
"""How often a card is read before its answer counts as unreadable: one disturbed frame is no reason to trouble a patient."""
MAX_CARDS = 16

_CLASSIC, _ISO14443_4 = 0x08, 0x20


class Mfrc522Reader:
    """`CardReader` on an MFRC522. The chip is tested when the reader is made."""

    def __init__(self, bus: SPIBus, clock: Clock) -> None:
        """Raises `DeviceMissing`, `SelfTestFailed` or `BusError`; the bus is closed then."""
        self._bus = bus
        self._clock = clock
        self._chip = Chip(bus, clock)
        self._open = True
        try:
            self._version = self.self_test()
        except DriverError:
            self._open = False
            bus.close()
            raise

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._version}{'' if self._open else ', closed'}>"

    def poll(self) -> Card | None:
        """See `CardReader.poll`. A chip that lost its settings or fell silent is started afresh on the way, once."""
        self._check_open()
        if not self._chip.is_configured():
            self._chip.start()
        try:
            return self._look()
        except ChipLost:
            self._chip.start()
            return self._look()

    def wait(self, timeout_s: float) -> Card:
        return wait_for_card(self.poll, self._clock, timeout_s)

    def inventory(self) -> tuple[Card, ...]:
        """Return every card in the field, those without a lasting identity too; takes some 10 ms per card.

        Cards with the same UID answer as one. Raises `SeveralCards` for cards that cannot be told apart (what one announces is
        the beginning of what another does), `CardUnreadable`, `DeviceMissing` or `BusError`.
        """
        self._check_open()
        if not self._chip.is_configured():
            self._chip.start()
        return tuple(_card(selected) for selected in self._everyone())

    def self_test(self) -> str:
        self._check_open()
        version = self._chip.self_test()
        self._chip.start()
        return version.name

    def close(self) -> None:
        """Switch the field off and close the bus; a reader that is gone does not prevent it."""
        if self._open:
            self._open = False
            try:
                self._chip.field_off()
            finally:
                self._bus.close()

    def _check_open(self) -> None:
        if not self._open:
            raise DeviceClosed("The card reader has been closed; open it again.")

    def _look(self) -> Card | None:
        trouble: CardUnreadable | None = None
        for _ in range(ATTEMPTS):
            if not picc.wake(self._chip, picc.Wake.WUPA):
                break
            try:
                return self._only_card()
            except CardUnreadable as error:
                trouble = error
        if trouble is not None:
            raise trouble
        return None

    def _only_card(self) -> Card:
        """Read the card that was woken; others are looked for by their collision, or by calling those that are not asleep."""
        try:
            selected = picc.select(self._chip, resolve=False)
            picc.halt(self._chip)
            alone = not picc.request(self._chip, picc.Wake.REQA)
        except picc.Collided:
            alone = False
        if not alone:
            everyone = self._everyone()
            if len(everyone) > 1:
                raise SeveralCards(f"{len(everyone)} cards lie on the reader. {picc.HOLD_STILL}")
            if not everyone:
                raise CardUnreadable(f"The card left while it was being read. {picc.HOLD_STILL}")
            selected = everyone[0]
        return _lasting(selected)

    def _everyone(self) -> list[picc.Selected]:
        """Select and halt one card after the other. Begins and ends with a fresh field, so that none stays halted unseen."""
        self._chip.cycle_field()
        found: list[picc.Selected] = []
        for _ in range(MAX_CARDS):  # a card that does not go to sleep would answer for ever
            if not picc.wake(self._chip, picc.Wake.REQA):
                break
            selected = picc.select(self._chip, resolve=True)
            picc.halt(self._chip)
            if selected not in found:
                found.append(selected)
        self._chip.cycle_field()
        return found


def _lasting(selected: picc.Selected) -> Card:
    if len(selected.uid) == 4 and selected.uid[0] == RANDOM_UID:
        raise UnusableCard(
            "This card or phone shows another number at each tap, so it cannot stand for a person. Use another card."
        )
    if selected.truncated:
        raise UnusableCard("The card gave a part of its number only (it begins with 0x88). Use another card.")
    return _card(selected)


def _card(selected: picc.Selected) -> Card:
    return Card(technology_of(selected.sak), selected.uid)


def technology_of(sak: int) -> CardTechnology:
    """NXP AN10833, section 3.2: bit 4 stands for MIFARE Classic, bit 6 for ISO/IEC 14443-4, none for Ultralight and NTAG."""
    if sak & _CLASSIC:
        return CardTechnology.MIFARE_CLASSIC
    if sak & _ISO14443_4:
        return CardTechnology.ISO14443_4
    return CardTechnology.MIFARE_ULTRALIGHT if sak == 0 else CardTechnology.OTHER
