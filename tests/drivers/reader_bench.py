"""A reader on a simulated wire, for the tests of everything about cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drivers.clock import VirtualClock
from drivers.mfrc522.reader import Mfrc522Reader
from drivers.sim.cards import SimCard, card_from_uid
from drivers.sim.mfrc522 import SimMFRC522
from drivers.sim.spi import SimSPIBus

CLASSIC, NTAG, TRIPLE = "DEADBEEF", "04A3C6CAE26180", "0102030405060708090A"
NTAG_SAME_BEGINNING = "04A3C6112233AA"


@dataclass
class ReaderBench:
    clock: VirtualClock
    chip: SimMFRC522
    bus: SimSPIBus
    reader: Mfrc522Reader

    @classmethod
    def make(cls, chip: SimMFRC522 | None = None, clock: VirtualClock | None = None) -> ReaderBench:
        clock = clock or VirtualClock()
        chip = chip or SimMFRC522(clock)
        bus = SimSPIBus(chip, clock)
        return cls(clock, chip, bus, Mfrc522Reader(bus, clock))

    def lay(self, *cards: SimCard | str) -> Sequence[SimCard]:
        self.chip.cards = [card_from_uid(card) if isinstance(card, str) else card for card in cards]
        return self.chip.cards

    def uid(self) -> str | None:
        card = self.reader.poll()
        return None if card is None else card.uid.hex().upper()

    def transfers_of_a_poll(self) -> int:
        before = self.bus.transfers
        self.reader.poll()
        return self.bus.transfers - before
