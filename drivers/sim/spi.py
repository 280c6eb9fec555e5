"""A simulated SPI bus with one chip behind its chip select."""

from __future__ import annotations

from typing import Protocol

from drivers.clock import Clock

CALL_S = 20e-6
"""What a transfer costs beside its bits: system call and chip select. Assumed; not measured on a Pi."""


class SPIChip(Protocol):
    def exchange(self, data: bytes) -> bytes:
        """Take the bytes of one transfer and return as many."""


class SimSPIBus:
    """Passes transfers to a chip and charges the time that they take to the clock."""

    def __init__(self, chip: SPIChip, clock: Clock, hz: int = 1_000_000) -> None:
        self._chip = chip
        self._clock = clock
        self._hz = hz
        self.transfers = 0
        """Since the bus was made."""

    def transfer(self, data: bytes) -> bytes:
        self.transfers += 1
        self._clock.sleep(CALL_S + 8 * len(data) / self._hz)
        return self._chip.exchange(data)

    def close(self) -> None:
        """Do nothing: the simulated wires stay where they are, and another driver may take them."""
