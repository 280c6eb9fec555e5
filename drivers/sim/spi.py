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
        self._overslept_s = 0.0
        self.transfers = 0
        """Since the bus was made."""

    def transfer(self, data: bytes) -> bytes:
        self.transfers += 1
        self._spend(CALL_S + 8 * len(data) / self._hz)
        return self._chip.exchange(data)

    def _spend(self, cost_s: float) -> None:
        """Let a transfer's time pass. A system's clock oversleeps by more than that; the next transfers are let off as much."""
        owed_s = cost_s - self._overslept_s
        if owed_s <= 0:
            self._overslept_s -= cost_s
            return
        begun_s = self._clock.monotonic()
        self._clock.sleep(owed_s)
        self._overslept_s = max(0.0, self._clock.monotonic() - begun_s - owed_s)

    def close(self) -> None:
        """Do nothing: the simulated wires stay where they are, and another driver may take them."""
