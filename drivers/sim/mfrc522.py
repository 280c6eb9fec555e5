"""A simulated MFRC522 at register level (NXP MFRC522 data sheet, rev. 3.9).

Simulated: registers, FIFO, interrupt requests, timer, CRC coprocessor, self-test, bit framing, collisions, the RF field and
Crypto1 as a flag. What the data sheet reserves, and what is not simulated, is refused with `UndocumentedAccess`.
"""

from __future__ import annotations

from collections.abc import Sequence

from drivers.clock import Clock
from drivers.mfrc522.crc import crc_a
from drivers.mfrc522.registers import (
    FIFO_SIZE,
    READ_ONLY,
    SELF_TEST_ON,
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
    TxControl,
)
from drivers.mfrc522.versions import VERSIONS
from drivers.sim.card_faults import ReaderFaults
from drivers.sim.cards import SimCard
from drivers.sim.errors import UndocumentedAccess
from drivers.sim.mfrc522_radio import Mfrc522Radio
from drivers.sim.mfrc522_state import INTERNAL_BUFFER_SIZE, Mfrc522State
from drivers.sim.rf_field import RFField

SELF_TEST_S = 1e-3
"""Assumed; the data sheet does not say how long the self-test takes."""

NOT_SIMULATED = {Register.TxModeReg: 0x00, Register.RxModeReg: 0x00}
"""Registers of which only one value is simulated: CRC in hardware and faster bit rates are not."""


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
        known = VERSIONS.get(version)
        self.self_test = self_test or (known.self_test if known else bytes(FIFO_SIZE))
        self.faults = ReaderFaults()
        self.field = RFField()
        self._state = Mfrc522State(clock, version, self.faults)
        self._radio = Mfrc522Radio(self._state, self.field, self.faults, counts_known_bits=counts_known_bits)

    @property
    def cards(self) -> tuple[SimCard, ...]:
        """What lies in the field; may be assigned from another thread."""
        return self.field.cards

    @cards.setter
    def cards(self, cards: Sequence[SimCard]) -> None:
        self.field.cards = tuple(cards)

    def power_on(self) -> None:
        """Return to the state after power-on (section 8.8)."""
        self._state.power_on()
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
        self._state.advance()
        if data[0] & 0x80:
            return b"\x00" + bytes(self._read(_register(address)) for address in data[:-1])
        register = _register(data[0])
        for value in data[1:]:
            self._write(register, value)
        return bytes(len(data))

    # -- reading

    def _read(self, register: Register) -> int:
        match register:
            case Register.FIFODataReg:
                return self._state.fifo.pop(0) if self._state.fifo else 0
            case Register.FIFOLevelReg:
                return len(self._state.fifo)
            case Register.CommandReg:
                waking = self.faults.asleep or self._state.now_s < self._state.ready_at_s
                return self._state.registers[register] | (CommandBits.PowerDown if waking else 0)
            case Register.Status1Reg:
                return self._status1()
            case Register.TCounterValRegH:
                return self._state.timer.count >> 8
            case Register.TCounterValRegL:
                return self._state.timer.count & 0xFF
            case _:
                return self._state.registers[register]

    def _status1(self) -> int:
        level, water = len(self._state.fifo), self._state.registers[Register.WaterLevelReg]
        status = Status1.CRCReady
        if level <= water:
            status |= Status1.LoAlert
        if FIFO_SIZE - level <= water:
            status |= Status1.HiAlert
        if self._state.timer.end_s is not None:
            status |= Status1.TRunning
        if self._state.registers[Register.ComIrqReg] & self._state.registers[Register.ComIEnReg] & 0x7F:
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
                old = self._state.registers[register]
                self._state.registers[register] = (old | value & 0x7F) if value & ComIrq.Set1 else (old & ~value)
            case Register.FIFODataReg:
                self._state.push(value)
            case Register.FIFOLevelReg:
                if value & FIFOLevel.FlushBuffer:
                    self._state.fifo.clear()
                    self._state.registers[Register.ErrorReg] &= ~Error.BufferOvfl
            case Register.CommandReg:
                self._command(value)
            case Register.ControlReg:
                self._control(value)
            case Register.BitFramingReg:
                self._state.registers[register] = value & 0xF7
                self._radio.send_if_started()
            case Register.CollReg:
                self._state.registers[register] = self._state.registers[register] & 0x3F | value & Coll.ValuesAfterColl
            case Register.Status2Reg:  # MFCrypto1On can be cleared by software, but not set (table 36)
                self._state.registers[register] = value & 0xC0 | self._state.registers[register] & value & Status2.MFCrypto1On
            case Register.TxControlReg:
                self._state.registers[register] = value
                self.field.on = bool(value & (TxControl.Tx1RFEn | TxControl.Tx2RFEn))
            case _:
                self._state.registers[register] = value

    # -- commands, section 10.3

    def _command(self, value: int) -> None:
        try:
            command = Command(value & 0x0F)
        except ValueError:
            raise UndocumentedAccess(f"command {value & 0x0F:#06b} is reserved") from None
        self._state.registers[Register.CommandReg] = value & 0x3F
        if command is Command.NoCmdChange:
            raise UndocumentedAccess("NoCmdChange is not simulated")
        self._state.cancel_events()
        match command:
            case Command.SoftReset:
                self.power_on()
            case Command.Mem:
                self._state.internal_buffer = bytes(self._state.fifo[:INTERNAL_BUFFER_SIZE])
                del self._state.fifo[:INTERNAL_BUFFER_SIZE]
                self._state.finish_command()
            case Command.CalcCRC:
                self._calculate_crc()
            case Command.Transmit:
                self._radio.send(listen=False)
            case Command.Transceive:
                self._radio.send_if_started()
            case Command.MFAuthent:
                self._radio.authenticate()
            case Command.GenerateRandomID | Command.Receive:
                raise UndocumentedAccess(f"{command.name} is not simulated")

    def _calculate_crc(self) -> None:
        if self._state.registers[Register.AutoTestReg] & 0x0F == SELF_TEST_ON:
            sound = self._state.internal_buffer == bytes(INTERNAL_BUFFER_SIZE) and self._state.fifo == b"\x00"
            answer = self.self_test if sound else bytes(byte ^ 0xFF for byte in self.self_test)
            self._state.at(self._state.now_s + SELF_TEST_S, lambda: self._state.load(answer))
            return
        preset = (0x0000, 0x6363, 0xA671, 0xFFFF)[self._state.registers[Register.ModeReg] & 0x03]
        low, high = crc_a(bytes(self._state.fifo), preset)
        self._state.fifo.clear()
        self._state.registers[Register.CRCResultRegL], self._state.registers[Register.CRCResultRegH] = low, high
        self._state.registers[Register.DivIrqReg] |= DivIrq.CRCIRq

    def _control(self, value: int) -> None:
        if value & Control.TStartNow:
            self._state.start_timer(self._state.now_s)
        if value & Control.TStopNow:
            self._state.timer.stop()


def _register(address_byte: int) -> Register:
    """Decode an address byte (8.1.2.3)."""
    if address_byte & 0x01:
        raise UndocumentedAccess(f"address byte {address_byte:#04x}: the lowest bit must be 0")
    try:
        return Register(address_byte >> 1 & 0x3F)
    except ValueError:
        raise UndocumentedAccess(f"register {address_byte >> 1 & 0x3F:#04x} is reserved") from None
