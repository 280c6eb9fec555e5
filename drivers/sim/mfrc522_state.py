"""What a simulated MFRC522 consists of inside: registers, FIFO, interrupt requests, and what is going to happen when."""

from __future__ import annotations

import math
from collections.abc import Callable

from drivers.clock import Clock
from drivers.mfrc522.registers import FIFO_SIZE, RESET_VALUES, ComIrq, Command, Error, Register
from drivers.sim.card_faults import ReaderFaults
from drivers.sim.mfrc522_timer import Mfrc522Timer

WAKE_UP_S = 1024 / 27.12e6
"""From a reset to readiness (8.8.2)."""
INTERNAL_BUFFER_SIZE = 25


class Mfrc522State:
    """One chip's memory, shared by the part that the driver talks to and the part that talks to cards."""

    def __init__(self, clock: Clock, version: int, faults: ReaderFaults) -> None:
        self._clock = clock
        self._version = version
        self._faults = faults
        self.power_on()

    def power_on(self) -> None:
        """Return to the state after power-on (section 8.8)."""
        self.registers = dict.fromkeys(Register, 0) | RESET_VALUES | {Register.VersionReg: self._version}
        self.fifo = bytearray()
        self.internal_buffer = bytes(range(INTERNAL_BUFFER_SIZE))  # undefined after power-on
        self.timer = Mfrc522Timer(self._clock)
        self.ready_at_s = self.now_s + WAKE_UP_S
        self._events: list[tuple[float, Callable[[], None]]] = []

    @property
    def now_s(self) -> float:
        return self._clock.monotonic()

    # -- what is going to happen

    def at(self, time_s: float, action: Callable[[], None]) -> None:
        self._events.append((time_s, action))

    def cancel_events(self) -> None:
        self._events.clear()

    def advance(self) -> None:
        """Let everything happen that was due by now, in its order."""
        now_s = self.now_s
        while True:
            timer_s = math.inf if self.timer.end_s is None else self.timer.end_s
            event = min(self._events, key=lambda event: event[0], default=None)
            if event is not None and event[0] <= min(now_s, timer_s):
                self._events.remove(event)
                event[1]()
            elif timer_s <= now_s:
                self.timer.stop()
                self.request(ComIrq.TimerIRq)
            else:
                return

    def start_timer(self, at_s: float) -> None:
        """Start the timer with the prescaler and the reload value of its registers (8.5)."""
        prescaler = (self.registers[Register.TModeReg] & 0x0F) << 8 | self.registers[Register.TPrescalerReg]
        reload = self.registers[Register.TReloadRegH] << 8 | self.registers[Register.TReloadRegL]
        self.timer.start(at_s, prescaler, reload)

    # -- what the driver is told

    def request(self, irq: ComIrq) -> None:
        if not self._faults.hung:
            self.registers[Register.ComIrqReg] |= irq

    def fail(self, error: Error) -> None:
        self.registers[Register.ErrorReg] |= error
        self.request(ComIrq.ErrIRq)

    def finish_command(self) -> None:
        """End a command that ends by itself."""
        self.registers[Register.CommandReg] = self.registers[Register.CommandReg] & 0x30 | Command.Idle
        self.request(ComIrq.IdleIRq)

    # -- FIFO

    def push(self, value: int) -> None:
        if len(self.fifo) < FIFO_SIZE:
            self.fifo.append(value)
        else:
            self.fail(Error.BufferOvfl)

    def load(self, data: bytes) -> None:
        """Replace what the FIFO holds."""
        self.fifo[:] = data[:FIFO_SIZE]

    def take(self) -> bytes:
        """Return what the FIFO holds and empty it."""
        data = bytes(self.fifo)
        self.fifo.clear()
        return data
