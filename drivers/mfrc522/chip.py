"""The MFRC522 itself: registers over SPI, start-up, self-test and the exchange of one frame with whatever is in the field.

Datasheet sections are those of NXP MFRC522, rev. 3.9. Silicon's start-up and self-test times are not given there; the deadlines
here are generous.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from drivers.bus import SPIBus
from drivers.clock import Clock
from drivers.errors import BusError, DeviceMissing, SelfTestFailed
from drivers.mfrc522.registers import (
    FIFO_SIZE,
    SELF_TEST_ON,
    BitFraming,
    Coll,
    ComIrq,
    Command,
    CommandBits,
    Error,
    FIFOLevel,
    Register,
    Status2,
    TMode,
    TxASK,
    TxControl,
)
from drivers.mfrc522.versions import SILENT, VERSIONS, ChipVersion

BIT_S = 128 / 13.56e6
"""One bit at 106 kbit/s."""
ANSWER_TIMEOUT_S = 1e-3
"""Cards answer after exactly 86 or 91 µs (ISO/IEC 14443-3, 6.2.1.1), and may refuse HLTA within 1 ms (6.4.3)."""
FIELD_SETTLES_S = 5e-3
"""Time that a card needs in a field before the first command, and without one to forget its state (ISO/IEC 14443-3, 5)."""
FRAME_DEADLINE_S = 20e-3
START_DEADLINE_S = 150e-3
SELF_TEST_DEADLINE_S = 200e-3
WAIT_STEP_S = 0.5e-3

_PRESCALER = 169
"""13.56 MHz / (2 · 169 + 1) = 40 kHz: the timer ticks every 25 µs (8.5)."""
_TICKS = round(ANSWER_TIMEOUT_S / 25e-6)

SETTINGS: dict[Register, int] = {
    Register.TModeReg: TMode.TAuto | _PRESCALER >> 8,
    Register.TPrescalerReg: _PRESCALER & 0xFF,
    Register.TReloadRegH: _TICKS >> 8,
    Register.TReloadRegL: _TICKS & 0xFF,
    Register.TxASKReg: TxASK.Force100ASK,
    Register.ModeReg: 0x3D,  # CRC preset 6363h (table 55)
    Register.TxControlReg: TxControl.InvTx2RFOn | TxControl.Tx1RFEn | TxControl.Tx2RFEn,
}
"""What start-up writes. Most differ from the values after a reset, so that a look at them shows a brown-out."""


class ChipLost(BusError):
    """The chip stopped answering in the middle of something; starting it afresh may help."""


@dataclass(frozen=True)
class Answer:
    """What the field sent back. Unreadable answers count too: somebody is there."""

    data: bytes = field(repr=False)
    """Bytes of the FIFO; the first begins with as many zeros as ``align`` said."""
    bits: int
    """Valid bits in ``data``, those zeros included."""
    garbled: bool
    """Parity, protocol or FIFO error."""
    collided: bool
    collision: int | None
    """Bits of this answer before the first collision, as CollReg counts them; ``None`` where it does not say."""


class Chip:
    """The chip on its bus. Methods raise `ChipLost` when it goes silent, `DeviceMissing` when nothing drives the wire."""

    def __init__(self, bus: SPIBus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock

    # -- registers, section 8.1.2

    def read(self, *registers: Register) -> bytes:
        """Read registers in one transfer."""
        return self._bus.transfer(bytes([*(0x80 | register << 1 for register in registers), 0x00]))[1:]

    def write(self, register: Register, *values: int) -> None:
        """Write one register, or several bytes to it, in one transfer."""
        self._bus.transfer(bytes([register << 1, *values]))

    # -- life

    def start(self) -> None:
        """Reset and configure the chip and switch the field on (8.8, 9.3)."""
        self._reset()
        for register, value in SETTINGS.items():
            self.write(register, value)
        self.write(Register.CollReg, 0)  # bits after a collision are cleared
        self._clock.sleep(FIELD_SETTLES_S)
        if not self.is_configured():
            raise BusError("The card reader does not keep its settings. Check its supply (3.3 V) and shorten its wires.")

    def is_configured(self) -> bool:
        """Whether the chip has its settings, and no cipher on that makes it deaf; one transfer. False after a brown-out."""
        *values, status, version = self.read(*SETTINGS, Register.Status2Reg, Register.VersionReg)
        _refuse_silence(version)
        return values == list(SETTINGS.values()) and not status & Status2.MFCrypto1On

    def version(self) -> ChipVersion:
        """Raises `SelfTestFailed` for a chip that is not known."""
        (version,) = self.read(Register.VersionReg)
        _refuse_silence(version)
        if version not in VERSIONS:
            raise SelfTestFailed(
                f"The card reader's chip has the unknown version {version:#04x}: it is no MFRC522, and no clone that is known. "
                "Use another reader board."
            )
        return VERSIONS[version]

    def self_test(self) -> ChipVersion:
        """Run the digital self-test (16.1.1); `start` is needed afterwards."""
        version = self.version()
        self._reset()
        self.write(Register.FIFOLevelReg, FIFOLevel.FlushBuffer)
        self.write(Register.FIFODataReg, *bytes(25))
        self.write(Register.CommandReg, Command.Mem)
        self.write(Register.AutoTestReg, SELF_TEST_ON)
        self.write(Register.FIFODataReg, 0x00)
        self.write(Register.CommandReg, Command.CalcCRC)
        # CRCIRq is not raised by every chip here; the level of the FIFO is what counts.
        give_up_s = self._clock.monotonic() + SELF_TEST_DEADLINE_S
        while self.read(Register.FIFOLevelReg)[0] < FIFO_SIZE:
            if self._clock.monotonic() >= give_up_s:
                raise SelfTestFailed("The card reader did not finish its self-test. Check its supply, or replace the board.")
            self._clock.sleep(WAIT_STEP_S)
        self.write(Register.CommandReg, Command.Idle)
        answer = self.read(*[Register.FIFODataReg] * FIFO_SIZE)
        self.write(Register.AutoTestReg, 0x00)
        if answer != version.self_test:
            raise SelfTestFailed(
                f"The card reader ({version.name}) failed its self-test. Check its supply, or replace the board."
            )
        return version

    def cycle_field(self) -> None:
        """Switch the field off and on, so that every card in it starts afresh."""
        on = SETTINGS[Register.TxControlReg]
        self.write(Register.TxControlReg, on & ~(TxControl.Tx1RFEn | TxControl.Tx2RFEn))
        self._clock.sleep(FIELD_SETTLES_S)
        self.write(Register.TxControlReg, on)
        self._clock.sleep(FIELD_SETTLES_S)

    def field_off(self) -> None:
        self.write(Register.TxControlReg, TxControl.InvTx2RFOn)

    def _reset(self) -> None:
        self.write(Register.CommandReg, Command.SoftReset)
        give_up_s = self._clock.monotonic() + START_DEADLINE_S
        self._clock.sleep(WAIT_STEP_S)
        while self.read(Register.CommandReg)[0] & CommandBits.PowerDown:
            _refuse_silence(*self.read(Register.VersionReg))
            if self._clock.monotonic() >= give_up_s:
                raise ChipLost("The card reader did not start. Check its supply (3.3 V) and wires.")
            self._clock.sleep(WAIT_STEP_S)

    # -- frames

    def exchange(self, data: bytes, expect_bits: int, *, last_bits: int = 0, align: int = 0) -> Answer | None:
        """Send ``data`` and return what comes back, or ``None`` when nothing does within 1 ms.

        Of the last byte ``last_bits`` bits are sent (0 = all). The first received bit is stored at place ``align`` of its byte.
        ``expect_bits`` is the length of a good answer; it only says when to look for the first time.
        """
        framing = align << 4 | last_bits
        self.write(Register.CommandReg, Command.Idle)
        self.write(Register.BitFramingReg, framing)  # without StartSend, or Transceive would begin at once
        self.write(Register.ComIrqReg, 0x7F)
        self.write(Register.FIFOLevelReg, FIFOLevel.FlushBuffer)
        self.write(Register.FIFODataReg, *data)
        self.write(Register.CommandReg, Command.Transceive)
        self.write(Register.BitFramingReg, BitFraming.StartSend | framing)
        sent_s = 9 * len(data) * BIT_S
        return self._await(sent_s, expect_bits, align)

    def _await(self, sent_s: float, expect_bits: int, align: int) -> Answer | None:
        begun_s = self._clock.monotonic()
        looks_s = [sent_s + 10 * BIT_S + 9 / 8 * expect_bits * BIT_S, sent_s + ANSWER_TIMEOUT_S + 4 * BIT_S]
        while True:
            pause_s = looks_s.pop(0) + begun_s - self._clock.monotonic() if looks_s else WAIT_STEP_S
            self._clock.sleep(max(pause_s, 0.0))
            irq, error, level, control, coll = self.read(
                Register.ComIrqReg, Register.ErrorReg, Register.FIFOLevelReg, Register.ControlReg, Register.CollReg
            )
            if irq & ComIrq.Set1 or level > FIFO_SIZE:  # neither can be read from a chip that is there
                raise ChipLost("The card reader fell silent in the middle of a frame. Check its wires.")
            if irq & ComIrq.RxIRq:
                return self._fetch(error, level, control, coll, align)
            if irq & ComIrq.TimerIRq:
                return None
            if self._clock.monotonic() >= begun_s + FRAME_DEADLINE_S:
                if irq & ComIrq.ErrIRq:  # something spoke, but the chip never found its end
                    return Answer(b"", 0, True, False, None)
                raise ChipLost("The card reader did not finish a frame. Check its supply and wires.")

    def _fetch(self, error: int, level: int, control: int, coll: int, align: int) -> Answer:
        data = self.read(*[Register.FIFODataReg] * level) if level else b""
        last = control & 0x07
        collided = bool(error & Error.CollErr)
        position = None if coll & Coll.CollPosNotValid else (coll & 0x1F or 32) - 1 - align
        return Answer(
            data,
            8 * level - (8 - last if last else 0),
            bool(error & (Error.ParityErr | Error.ProtocolErr | Error.BufferOvfl)),
            collided,
            position if collided else None,
        )


def _refuse_silence(version: int) -> None:
    if version in SILENT:
        raise DeviceMissing("Nothing answers where the card reader should be. Check its plug and that SPI is enabled.")
