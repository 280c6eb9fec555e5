"""The part of a simulated MFRC522 that talks to cards: frames, bit framing, collisions and Crypto1 as a flag."""

from __future__ import annotations

from drivers.mfrc522.registers import BitFraming, Coll, ComIrq, Command, Error, Register, Status2, TMode
from drivers.sim.bits import Bits, from_bits, to_bits
from drivers.sim.card_faults import ReaderFaults
from drivers.sim.cards import MifareClassic
from drivers.sim.mfrc522_state import Mfrc522State
from drivers.sim.rf_field import ANSWER_DELAY_S, BIT_S, Reception, RFField, air_time_s

AUTHENTICATION_S = 2e-3
COLL_POSITIONS = 32


class Mfrc522Radio:
    """Transmitter and receiver between one chip's FIFO and the field."""

    def __init__(self, state: Mfrc522State, field: RFField, faults: ReaderFaults, *, counts_known_bits: bool) -> None:
        self._state = state
        self._field = field
        self._faults = faults
        self._counts_known_bits = counts_known_bits

    def send_if_started(self) -> None:
        """Send what the FIFO holds once both Transceive and StartSend are set (10.3.1.8)."""
        transceiving = self._state.registers[Register.CommandReg] & 0x0F == Command.Transceive
        if transceiving and self._state.registers[Register.BitFramingReg] & BitFraming.StartSend:
            self.send(listen=True)

    def send(self, *, listen: bool) -> None:
        """Send what the FIFO holds, and with ``listen`` receive what comes back."""
        last_bits = self._state.registers[Register.BitFramingReg] & 0x07
        bits = to_bits(self._state.take())
        frame = bits[: len(bits) - 8 + last_bits] if last_bits and bits else bits
        self._state.registers[Register.ErrorReg] = 0
        self._state.registers[Register.CollReg] |= Coll.CollPosNotValid
        sent_s = self._state.now_s + air_time_s(len(frame))
        self._state.at(sent_s, lambda: self._sent(frame, sent_s, listen))

    def _sent(self, frame: Bits, sent_s: float, listen: bool) -> None:
        self._state.request(ComIrq.TxIRq)
        encrypted = self._state.registers[Register.Status2Reg] & Status2.MFCrypto1On
        reception = None if encrypted else self._field.send(frame)
        if not listen:
            self._state.finish_command()
            return
        if self._state.registers[Register.TModeReg] & TMode.TAuto:
            self._state.start_timer(sent_s)
        if reception is None:
            return
        begin_s = sent_s + ANSWER_DELAY_S
        # Section 9.3.3.10: the timer stops with the fifth bit, which is the start bit and four bits of data.
        self._state.at(begin_s + 5 * BIT_S, self._state.timer.stop)
        self._state.at(begin_s + air_time_s(len(reception.bits)), lambda: self._received(reception, len(frame)))

    def _received(self, reception: Reception, sent_bits: int) -> None:
        bits = reception.bits
        if any(card not in self._field.cards for card in reception.speakers):
            bits = bits[: len(bits) // 2]  # the card left in mid-sentence
        flipped, reported = self._faults.in_answer()
        if flipped:
            bits = (*bits[:-2], *(1 - bit for bit in bits[-2:]))
        if reported:
            self._state.fail(Error.ParityErr)
        align = self._state.registers[Register.BitFramingReg] >> 4 & 0x07
        if reception.collided_at is not None:
            self._collide(reception.collided_at, align, sent_bits)
            if not self._state.registers[Register.CollReg] & Coll.ValuesAfterColl:
                kept = reception.collided_at + 1
                bits = bits[:kept] + (0,) * (len(bits) - kept)
        if self._faults.endless_answer:
            self._state.fail(Error.ProtocolErr)
            return
        self._state.load(from_bits((0,) * align + bits))
        self._state.registers[Register.ControlReg] = (
            self._state.registers[Register.ControlReg] & ~0x07 | (align + len(bits)) % 8
        )
        self._state.request(ComIrq.RxIRq)

    def _collide(self, index: int, align: int, sent_bits: int) -> None:
        self._state.fail(Error.CollErr)
        before = sent_bits - 16 if self._counts_known_bits and sent_bits > 16 else align
        position = before + index + 1
        if position <= COLL_POSITIONS:
            kept = self._state.registers[Register.CollReg] & Coll.ValuesAfterColl
            self._state.registers[Register.CollReg] = kept | position % COLL_POSITIONS

    def authenticate(self) -> None:
        """Run MFAuthent (10.3.1.9) with the block, key and UID in the FIFO."""
        data = self._state.take()
        for card in self._field.cards if self._field.on else ():
            if isinstance(card, MifareClassic) and len(data) == 12 and card.authenticate(data[2:8], data[8:]):
                self._state.registers[Register.Status2Reg] |= Status2.MFCrypto1On
                self._state.at(self._state.now_s + AUTHENTICATION_S, self._state.finish_command)
                return
        self._state.start_timer(self._state.now_s)
