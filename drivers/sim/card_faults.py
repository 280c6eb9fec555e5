"""Faults of the card reader, on demand. Each switch is one assignment, so that a page in another thread can throw it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class ReaderFaults:
    """All off until somebody sets one. The first five last, the others strike once.

    Those that end in ``_after`` count transfers or answers down: 0 is the very next.
    """

    miso_stuck: int | None = None
    """Reader gone: every byte reads as this, 0x00 (line held low) or 0xFF (line floating up)."""
    hung: bool = False
    """The chip answers on the wire, but no frame ever ends: no interrupt request is raised."""
    asleep: bool = False
    """The oscillator does not start: the chip says that it is still in power-down."""
    endless_answer: bool = False
    """Each answer of a card is so disturbed that the chip reports an error, but never its end."""
    crc_error: bool = False
    """Each answer of a card arrives with two bits of its last byte turned over; parity does not notice."""
    brown_out: bool = False
    """The supply dips before the next transfer: every register is as after a reset, the field is out. Switches itself off."""
    brown_out_after: int | None = None
    """Transfers until such a dip."""
    pull_after: int | None = None
    """Transfers until every card leaves the field."""
    crc_error_after: int | None = None
    """Answers of cards until one is garbled as by ``crc_error``."""
    parity_error_after: int | None = None
    """Answers of cards until one is garbled in a way that the chip reports."""
    gone_after: int | None = None
    """Transfers until the reader's plug is pulled (``miso_stuck`` becomes ``gone_level``)."""
    gone_level: int = 0x00
    """What MISO reads as from then on."""

    def before_transfer(self) -> tuple[bool, bool]:
        """Count a transfer; return whether the cards leave, and whether the supply dips."""
        self.gone_after, gone = _count_down(self.gone_after)
        if gone:
            self.miso_stuck = self.gone_level
        self.pull_after, pull = _count_down(self.pull_after)
        self.brown_out_after, dip_due = _count_down(self.brown_out_after)
        dip, self.brown_out = dip_due or self.brown_out, False
        return pull, dip

    def in_answer(self) -> tuple[bool, bool]:
        """Count a card's answer; return whether two of its bits are turned over, and whether the chip reports an error."""
        self.crc_error_after, flipped = _count_down(self.crc_error_after)
        self.parity_error_after, reported = _count_down(self.parity_error_after)
        return flipped or self.crc_error, reported


def _count_down(left: int | None) -> tuple[int | None, bool]:
    if left is None:
        return None, False
    return (None, True) if left <= 0 else (left - 1, False)
