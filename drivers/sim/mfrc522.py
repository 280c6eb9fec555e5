"""A simulated MFRC522 at register level (NXP MFRC522 data sheet, rev. 3.9).

Simulated: registers, FIFO, interrupt requests, timer, CRC coprocessor, self-test, bit framing, collisions, the RF field and
Crypto1 as a flag. What the data sheet reserves, and what is not simulated, is refused with `UndocumentedAccess`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from drivers.clock import Clock
from drivers.mfrc522.crc import crc_a
from drivers.mfrc522.registers import (
    FIFO_SIZE,
    READ_ONLY,
    RESET_VALUES,
    SELF_TEST_ON,
    BitFraming,
    Coll,
    ComIrq,
    Command,
    CommandBits,
    Control,
    DivIrq,
    Error,
    FIFOLevel,
    Register,
    Status1,
    Status2,
    TMode,
    TxControl,
)
from drivers.mfrc522.versions import VERSIONS
from drivers.sim.bits import Bits, from_bits, to_bits
from drivers.sim.card_faults import ReaderFaults
from drivers.sim.cards import MifareClassic, SimCard
from drivers.sim.errors import UndocumentedAccess
from drivers.sim.mfrc522_timer import Mfrc522Timer
from drivers.sim.rf_field import ANSWER_DELAY_S, BIT_S, Reception, RFField, air_time_s

WAKE_UP_S = 1024 / 27.12e6
"""From a reset to readiness (8.8.2)."""
SELF_TEST_S = 1e-3
"""Assumed; the data sheet does not say how long the self-test takes."""
AUTHENTICATION_S = 2e-3
INTERNAL_BUFFER_SIZE = 25

NOT_SIMULATED = {Register.TxModeReg: 0x00, Register.RxModeReg: 0x00}
"""Registers of which only one value is simulated: CRC in hardware and faster bit rates are not."""
COLL_POSITIONS = 32


class SimMFRC522:
    """The chip, as seen from its SPI pins. It is powered when made; its oscillator is the clock."""

    def __init__(
        self,
        clock: Clock,
        *,
        version: int = 0x92,
        self_test: bytes | None = None,
        counts_known_bits: bool = False,
    ) -> None:
        """``self_test`` replaces the 64 bytes that this version would answer, for a broken or unknown chip; it may be assigned.

        ``counts_known_bits`` chooses what CollPos counts from when the reader has sent a part of the UID itself, which the data
        sheet leaves open: the first bit of the received byte (false), or the first bit of the cascade level (true).
        """
        self._clock = clock
        self._version = version
        known = VERSIONS.get(version)
        self.self_test = self_test or (known.self_test if known else bytes(FIFO_SIZE))
        self._counts_known_bits = counts_known_bits
        self.faults = ReaderFaults()
        self.field = RFField()
        self.power_on()

    @property
    def cards(self) -> tuple[SimCard, ...]:
        """What lies in the field; may be assigned from another thread."""
        return self.field.cards

    @cards.setter
    def cards(self, cards: Sequence[SimCard]) -> None:
        self.field.cards = tuple(cards)

    def power_on(self) -> None:
        """Return to the state after power-on (section 8.8)."""
        self._registers = dict.fromkeys(Register, 0) | RESET_VALUES | {Register.VersionReg: self._version}
        self._fifo = bytearray()
        self._internal_buffer = bytes(range(INTERNAL_BUFFER_SIZE))  # undefined after power-on
        self._events: list[tuple[float, Callable[[], None]]] = []
        self._timer = Mfrc522Timer(self._clock)
        self._ready_at = self._clock.monotonic() + WAKE_UP_S
        self.field.on = False

    # -- the wire, section 8.1.2

    def exchange(self, data: bytes) -> bytes:
        """One transfer: an address byte, then data to write, or further addresses to read."""
        pulled, dipped = self.faults.before_transfer()
        if pulled:
            self.cards = ()
        if dipped:
            self.power_on()
        if self.faults.miso_stuck is not None:
            return bytes([self.faults.miso_stuck]) * len(data)
        if not data:
            raise UndocumentedAccess("a transfer without an address byte")
        self._advance()
        if data[0] & 0x80:
            return b"\x00" + bytes(self._read(_register(address)) for address in data[:-1])
        register = _register(data[0])
        for value in data[1:]:
            self._write(register, value)
        return bytes(len(data))

    def _advance(self) -> None:
        """Let everything happen that was due by now, in its order."""
        now = self._clock.monotonic()
        while True:
            timer = math.inf if self._timer.end_s is None else self._timer.end_s
            event = min(self._events, key=lambda event: event[0], default=None)
            if event is not None and event[0] <= min(now, timer):
                self._events.remove(event)
                event[1]()
            elif timer <= now:
                self._timer.stop()
                self._request(ComIrq.TimerIRq)
            else:
                return

    def _at(self, time_s: float, action: Callable[[], None]) -> None:
        self._events.append((time_s, action))

    def _request(self, irq: ComIrq) -> None:
        if not self.faults.hung:
            self._registers[Register.ComIrqReg] |= irq

    # -- reading

    def _read(self, register: Register) -> int:
        match register:
            case Register.FIFODataReg:
                return self._fifo.pop(0) if self._fifo else 0
            case Register.FIFOLevelReg:
                return len(self._fifo)
            case Register.CommandReg:
                waking = self._clock.monotonic() < self._ready_at
                return self._registers[register] | (CommandBits.PowerDown if waking else 0)
            case Register.Status1Reg:
                return self._status1()
            case Register.TCounterValRegH:
                return self._timer.count >> 8
            case Register.TCounterValRegL:
                return self._timer.count & 0xFF
            case _:
                return self._registers[register]

    def _status1(self) -> int:
        level, water = len(self._fifo), self._registers[Register.WaterLevelReg]
        status = Status1.CRCReady
        if level <= water:
            status |= Status1.LoAlert
        if FIFO_SIZE - level <= water:
            status |= Status1.HiAlert
        if self._timer.end_s is not None:
            status |= Status1.TRunning
        if self._registers[Register.ComIrqReg] & self._registers[Register.ComIEnReg] & 0x7F:
            status |= Status1.IRq
        return status

    # -- writing

    def _write(self, register: Register, value: int) -> None:
        if register in READ_ONLY:
            raise UndocumentedAccess(f"{register.name} is read-only")
        if NOT_SIMULATED.get(register, value) != value:
            raise UndocumentedAccess(f"{register.name} = {value:#04x} is not simulated")
        match register:
            case Register.ComIrqReg | Register.DivIrqReg:
                old = self._registers[register]
                self._registers[register] = (old | value & 0x7F) if value & ComIrq.Set1 else (old & ~value)
            case Register.FIFODataReg:
                self._push(value)
            case Register.FIFOLevelReg:
                if value & FIFOLevel.FlushBuffer:
                    self._fifo.clear()
                    self._registers[Register.ErrorReg] &= ~Error.BufferOvfl
            case Register.CommandReg:
                self._command(value)
            case Register.ControlReg:
                self._control(value)
            case Register.BitFramingReg:
                self._registers[register] = value & 0xF7
                self._maybe_send()
            case Register.CollReg:
                self._registers[register] = self._registers[register] & 0x3F | value & Coll.ValuesAfterColl
            case Register.Status2Reg:  # MFCrypto1On can be cleared by software, but not set (table 36)
                self._registers[register] = value & 0xC0 | self._registers[register] & value & Status2.MFCrypto1On
            case Register.TxControlReg:
                self._registers[register] = value
                self.field.on = bool(value & (TxControl.Tx1RFEn | TxControl.Tx2RFEn))
            case _:
                self._registers[register] = value

    def _push(self, value: int) -> None:
        if len(self._fifo) < FIFO_SIZE:
            self._fifo.append(value)
        else:
            self._fail(Error.BufferOvfl)

    def _fail(self, error: Error) -> None:
        self._registers[Register.ErrorReg] |= error
        self._request(ComIrq.ErrIRq)

    # -- commands, section 10.3

    def _command(self, value: int) -> None:
        try:
            command = Command(value & 0x0F)
        except ValueError:
            raise UndocumentedAccess(f"command {value & 0x0F:#06b} is reserved") from None
        self._registers[Register.CommandReg] = value & 0x3F
        if command is Command.NoCmdChange:
            raise UndocumentedAccess("NoCmdChange is not simulated")
        self._events.clear()
        match command:
            case Command.SoftReset:
                self.power_on()
            case Command.Mem:
                self._internal_buffer = bytes(self._fifo[:INTERNAL_BUFFER_SIZE])
                del self._fifo[:INTERNAL_BUFFER_SIZE]
                self._finish()
            case Command.CalcCRC:
                self._calculate_crc()
            case Command.Transmit:
                self._send(listen=False)
            case Command.Transceive:
                self._maybe_send()
            case Command.MFAuthent:
                self._authenticate()
            case Command.GenerateRandomID | Command.Receive:
                raise UndocumentedAccess(f"{command.name} is not simulated")

    def _finish(self) -> None:
        """End a command that ends by itself."""
        self._registers[Register.CommandReg] = self._registers[Register.CommandReg] & 0x30 | Command.Idle
        self._request(ComIrq.IdleIRq)

    def _calculate_crc(self) -> None:
        if self._registers[Register.AutoTestReg] & 0x0F == SELF_TEST_ON:
            sound = self._internal_buffer == bytes(INTERNAL_BUFFER_SIZE) and self._fifo == b"\x00"
            answer = self.self_test if sound else bytes(byte ^ 0xFF for byte in self.self_test)
            self._at(self._clock.monotonic() + SELF_TEST_S, lambda: self._load(answer))
            return
        preset = (0x0000, 0x6363, 0xA671, 0xFFFF)[self._registers[Register.ModeReg] & 0x03]
        low, high = crc_a(bytes(self._fifo), preset)
        self._fifo.clear()
        self._registers[Register.CRCResultRegL], self._registers[Register.CRCResultRegH] = low, high
        self._registers[Register.DivIrqReg] |= DivIrq.CRCIRq

    def _load(self, data: bytes) -> None:
        self._fifo[:] = data[:FIFO_SIZE]

    def _start_timer(self, at_s: float) -> None:
        prescaler = (self._registers[Register.TModeReg] & 0x0F) << 8 | self._registers[Register.TPrescalerReg]
        reload = self._registers[Register.TReloadRegH] << 8 | self._registers[Register.TReloadRegL]
        self._timer.start(at_s, prescaler, reload)

    def _control(self, value: int) -> None:
        if value & Control.TStartNow:
            self._start_timer(self._clock.monotonic())
        if value & Control.TStopNow:
            self._timer.stop()

    # -- talking to cards

    def _maybe_send(self) -> None:
        transceiving = self._registers[Register.CommandReg] & 0x0F == Command.Transceive
        if transceiving and self._registers[Register.BitFramingReg] & BitFraming.StartSend:
            self._send(listen=True)

    def _send(self, *, listen: bool) -> None:
        last_bits = self._registers[Register.BitFramingReg] & 0x07
        bits = to_bits(bytes(self._fifo))
        frame = bits[: len(bits) - 8 + last_bits] if last_bits and bits else bits
        self._fifo.clear()
        self._registers[Register.ErrorReg] = 0
        self._registers[Register.CollReg] |= Coll.CollPosNotValid
        sent_s = self._clock.monotonic() + air_time_s(len(frame))
        self._at(sent_s, lambda: self._sent(frame, sent_s, listen))

    def _sent(self, frame: Bits, sent_s: float, listen: bool) -> None:
        self._request(ComIrq.TxIRq)
        encrypted = self._registers[Register.Status2Reg] & Status2.MFCrypto1On
        reception = None if encrypted else self.field.send(frame)
        if not listen:
            self._finish()
            return
        if self._registers[Register.TModeReg] & TMode.TAuto:
            self._start_timer(sent_s)
        if reception is None:
            return
        begin_s = sent_s + ANSWER_DELAY_S
        # Section 9.3.3.10: the timer stops with the fifth bit, which is the start bit and four bits of data.
        self._at(begin_s + 5 * BIT_S, self._timer.stop)
        self._at(begin_s + air_time_s(len(reception.bits)), lambda: self._received(reception, len(frame)))

    def _received(self, reception: Reception, sent_bits: int) -> None:
        bits = reception.bits
        if any(card not in self.field.cards for card in reception.speakers):
            bits = bits[: len(bits) // 2]  # the card left in mid-sentence
        flipped, reported = self.faults.in_answer()
        if flipped:
            bits = (*bits[:-2], *(1 - bit for bit in bits[-2:]))
        if reported:
            self._fail(Error.ParityErr)
        align = self._registers[Register.BitFramingReg] >> 4 & 0x07
        if reception.collided_at is not None:
            self._collide(reception.collided_at, align, sent_bits)
            if not self._registers[Register.CollReg] & Coll.ValuesAfterColl:
                kept = reception.collided_at + 1
                bits = bits[:kept] + (0,) * (len(bits) - kept)
        self._load(from_bits((0,) * align + bits))
        self._registers[Register.ControlReg] = self._registers[Register.ControlReg] & ~0x07 | (align + len(bits)) % 8
        self._request(ComIrq.RxIRq)

    def _collide(self, index: int, align: int, sent_bits: int) -> None:
        self._fail(Error.CollErr)
        before = sent_bits - 16 if self._counts_known_bits and sent_bits > 16 else align
        position = before + index + 1
        if position <= COLL_POSITIONS:
            kept = self._registers[Register.CollReg] & Coll.ValuesAfterColl
            self._registers[Register.CollReg] = kept | position % COLL_POSITIONS

    def _authenticate(self) -> None:
        data = bytes(self._fifo)
        self._fifo.clear()
        for card in self.field.cards if self.field.on else ():
            if isinstance(card, MifareClassic) and len(data) == 12 and card.authenticate(data[2:8], data[8:]):
                self._registers[Register.Status2Reg] |= Status2.MFCrypto1On
                self._at(self._clock.monotonic() + AUTHENTICATION_S, self._finish)
                return
        self._start_timer(self._clock.monotonic())


def _register(address_byte: int) -> Register:
    """Decode an address byte (8.1.2.3)."""
    if address_byte & 0x01:
        raise UndocumentedAccess(f"address byte {address_byte:#04x}: the lowest bit must be 0")
    try:
        return Register(address_byte >> 1 & 0x3F)
    except ValueError:
        raise UndocumentedAccess(f"register {address_byte >> 1 & 0x3F:#04x} is reserved") from None
