"""A simulated I2C bus: it takes the time that a real one would, and refuses what no data sheet describes."""

from __future__ import annotations

from typing import Final, Protocol

from drivers.clock import Clock
from drivers.errors import BusStuck, NotAcknowledged
from drivers.sim.faults import Faults

BITS_PER_BYTE: Final = 9
STUCK_TIMEOUT_S: Final = 1.0
"""After this time Linux's bus driver gives up (i2c-bcm2835: one second)."""


class I2CChip(Protocol):
    """A simulated device. Times are on the clock of its bus."""

    def write(self, data: bytes) -> None: ...

    def write_read(self, data: bytes, count: int, takes_s: float) -> bytes:
        """Answer a combined transfer that begins now and ends ``takes_s`` later."""


class SimI2CBus:
    """An I2C master with simulated chips. Closing it has no effect: the kiosk's wires stay where they are."""

    def __init__(self, clock: Clock, hz: int = 400_000, faults: Faults | None = None) -> None:
        self.hz = hz
        self.transfers = 0
        self._clock = clock
        self._faults = faults if faults is not None else Faults()
        self._chips: dict[int, I2CChip] = {}

    def attach(self, address: int, chip: I2CChip) -> None:
        self._chips[address] = chip

    def write(self, address: int, data: bytes) -> None:
        chip = self._select(address)
        self._spend(1 + len(data))
        if data:  # without data it is a probe for the address
            chip.write(data)

    def write_read(self, address: int, data: bytes, count: int) -> bytes:
        chip = self._select(address)
        size = 2 + len(data) + count
        answer = chip.write_read(data, count, size * BITS_PER_BYTE / self.hz)
        self._spend(size)
        return answer

    def close(self) -> None:
        """Do nothing."""

    def _select(self, address: int) -> I2CChip:
        self.transfers += 1
        if self._faults.i2c_stuck:
            self._clock.sleep(STUCK_TIMEOUT_S)
            raise BusStuck("The I2C bus is stuck: SDA is held low. Switch the kiosk off and on, then check the sensor's wires.")
        chip = self._chips.get(address)
        if chip is None or self._faults.i2c_nack:
            self._spend(1)
            raise NotAcknowledged(f"Nothing acknowledged I2C address {address:#04x}. Check that the sensor is plugged in.")
        return chip

    def _spend(self, size: int) -> None:
        self._clock.sleep(size * BITS_PER_BYTE / self.hz)
