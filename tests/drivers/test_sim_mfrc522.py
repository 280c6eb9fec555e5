"""The simulated reader: it refuses what the data sheet does not document, and behaves where a driver relies on it."""

from __future__ import annotations

import pytest

from drivers.clock import VirtualClock
from drivers.errors import DriverError
from drivers.mfrc522.crc import crc_a
from drivers.mfrc522.registers import READ_ONLY, RESET_VALUES, Command, Register
from drivers.mfrc522.versions import VERSIONS
from drivers.sim.errors import UndocumentedAccess
from drivers.sim.mfrc522 import SimMFRC522


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def chip(clock: VirtualClock) -> SimMFRC522:
    chip = SimMFRC522(clock)
    clock.sleep(1e-3)
    return chip


def read(chip: SimMFRC522, register: int) -> int:
    return chip.exchange(bytes([0x80 | register << 1, 0]))[1]


def write(chip: SimMFRC522, register: int, *values: int) -> None:
    chip.exchange(bytes([register << 1, *values]))


RESERVED = sorted(set(range(0x40)) - set(Register))


def test_the_reserved_registers_are_those_of_the_data_sheet() -> None:
    assert RESERVED == [0x00, 0x0F, 0x10, 0x1A, 0x1B, 0x1E, 0x20, 0x23, 0x25, 0x30, 0x3C, 0x3D, 0x3E, 0x3F]


@pytest.mark.parametrize("register", RESERVED)
def test_a_reserved_register_is_refused(chip: SimMFRC522, register: int) -> None:
    for access in (lambda: read(chip, register), lambda: write(chip, register, 0)):
        with pytest.raises(UndocumentedAccess, match="reserved"):
            access()


@pytest.mark.parametrize("register", sorted(READ_ONLY))
def test_a_read_only_register_cannot_be_written(chip: SimMFRC522, register: Register) -> None:
    with pytest.raises(UndocumentedAccess, match="read-only"):
        write(chip, register, 0)


@pytest.mark.parametrize("command", [0x05, 0x06, 0x09, 0x0A, 0x0B, 0x0D])
def test_a_reserved_command_is_refused(chip: SimMFRC522, command: int) -> None:
    with pytest.raises(UndocumentedAccess, match="reserved"):
        write(chip, Register.CommandReg, command)


@pytest.mark.parametrize("command", [Command.GenerateRandomID, Command.Receive, Command.NoCmdChange])
def test_what_is_not_simulated_is_refused_and_not_ignored(chip: SimMFRC522, command: Command) -> None:
    with pytest.raises(UndocumentedAccess, match="not simulated"):
        write(chip, Register.CommandReg, command)
    with pytest.raises(UndocumentedAccess, match="not simulated"):
        write(chip, Register.TxModeReg, 0x80)


def test_malformed_transfers_are_refused(chip: SimMFRC522) -> None:
    for data in (b"", b"\x03\x00"):
        with pytest.raises(UndocumentedAccess):
            chip.exchange(data)


def test_no_driver_can_mistake_a_refusal_for_a_fault_of_the_hardware() -> None:
    assert not issubclass(UndocumentedAccess, DriverError)


def test_registers_have_their_reset_values_after_power_on_and_soft_reset(chip: SimMFRC522, clock: VirtualClock) -> None:
    for register, value in RESET_VALUES.items():
        assert read(chip, register) == value, register.name
    write(chip, Register.TModeReg, 0x80)
    write(chip, Register.CommandReg, Command.SoftReset)
    assert read(chip, Register.CommandReg) & 0x10, "not ready at once"
    clock.sleep(1e-3)
    assert read(chip, Register.CommandReg) == 0x20
    assert read(chip, Register.TModeReg) == 0


def test_several_registers_are_read_in_one_transfer(chip: SimMFRC522) -> None:
    answer = chip.exchange(bytes([0x80 | Register.VersionReg << 1, 0x80 | Register.ModeReg << 1, 0]))
    assert answer == bytes([0, 0x92, 0x3F])


def test_interrupt_requests_are_set_and_cleared_by_their_highest_bit(chip: SimMFRC522) -> None:
    write(chip, Register.ComIrqReg, 0x7F)
    assert read(chip, Register.ComIrqReg) == 0
    write(chip, Register.ComIrqReg, 0x80 | 0x21)
    assert read(chip, Register.ComIrqReg) == 0x21
    write(chip, Register.ComIrqReg, 0x01)
    assert read(chip, Register.ComIrqReg) == 0x20


def test_the_fifo_holds_64_bytes_and_reports_more(chip: SimMFRC522) -> None:
    write(chip, Register.FIFODataReg, *range(64))
    assert read(chip, Register.FIFOLevelReg) == 64
    assert read(chip, Register.Status1Reg) & 0x03 == 0x02, "HiAlert"
    assert read(chip, Register.ErrorReg) == 0
    write(chip, Register.FIFODataReg, 64)
    assert read(chip, Register.ErrorReg) == 0x10
    assert [read(chip, Register.FIFODataReg) for _ in range(3)] == [0, 1, 2]
    write(chip, Register.FIFOLevelReg, 0x80)
    assert (read(chip, Register.FIFOLevelReg), read(chip, Register.ErrorReg)) == (0, 0)
    assert read(chip, Register.Status1Reg) & 0x03 == 0x01, "LoAlert"


def test_the_crc_coprocessor_agrees_with_the_standard(chip: SimMFRC522) -> None:
    write(chip, Register.ModeReg, 0x3D)
    write(chip, Register.FIFODataReg, 0x12, 0x34)
    write(chip, Register.CommandReg, Command.CalcCRC)
    assert read(chip, Register.DivIrqReg) & 0x04
    low, high = read(chip, Register.CRCResultRegL), read(chip, Register.CRCResultRegH)
    assert bytes([low, high]) == crc_a(b"\x12\x34") == b"\x26\xcf"  # ISO/IEC 14443-3, annex B, example 2
    assert crc_a(b"\x00\x00") == b"\xa0\x1e"  # example 1


def test_the_timer_takes_the_time_of_its_formula(chip: SimMFRC522, clock: VirtualClock) -> None:
    write(chip, Register.ComIrqReg, 0x7F)
    write(chip, Register.TPrescalerReg, 169)
    write(chip, Register.TReloadRegL, 40)
    write(chip, Register.ControlReg, 0x40)
    clock.sleep(1.02e-3)  # (2 · 169 + 1) · (40 + 1) / 13.56 MHz = 1.025 ms
    assert read(chip, Register.Status1Reg) & 0x08
    assert read(chip, Register.ComIrqReg) & 0x01 == 0
    clock.sleep(0.01e-3)
    assert read(chip, Register.ComIrqReg) & 0x01
    assert read(chip, Register.Status1Reg) & 0x08 == 0


def test_the_timer_can_be_stopped(chip: SimMFRC522, clock: VirtualClock) -> None:
    write(chip, Register.ComIrqReg, 0x7F)
    write(chip, Register.TReloadRegH, 0x10)
    write(chip, Register.ControlReg, 0x40)
    count = read(chip, Register.TCounterValRegH) << 8 | read(chip, Register.TCounterValRegL)
    assert 0x0FF0 <= count <= 0x1001
    write(chip, Register.ControlReg, 0x80)
    clock.sleep(1.0)
    assert read(chip, Register.ComIrqReg) & 0x01 == 0


def test_crypto1_cannot_be_switched_on_by_software(chip: SimMFRC522) -> None:
    write(chip, Register.Status2Reg, 0x08)
    assert read(chip, Register.Status2Reg) & 0x08 == 0


def self_test(chip: SimMFRC522, clock: VirtualClock, *, buffer: bytes = bytes(25), seed: int = 0x00) -> bytes:
    write(chip, Register.FIFOLevelReg, 0x80)
    write(chip, Register.FIFODataReg, *buffer)
    write(chip, Register.CommandReg, Command.Mem)
    write(chip, Register.AutoTestReg, 0x09)
    write(chip, Register.FIFODataReg, seed)
    write(chip, Register.CommandReg, Command.CalcCRC)
    clock.sleep(10e-3)
    return bytes(read(chip, Register.FIFODataReg) for _ in range(64))


def test_the_self_test_answers_as_the_data_sheet_prints_it(chip: SimMFRC522, clock: VirtualClock) -> None:
    answer = self_test(chip, clock)
    assert answer == VERSIONS[0x92].self_test
    assert (answer[:8].hex(), answer[-8:].hex()) == ("00eb66ba57bf2395", "dc15ba3e7d953b2f")


@pytest.mark.parametrize(("buffer", "seed"), [(bytes(24) + b"\x01", 0x00), (bytes(25), 0x01), (bytes(24), 0x00)])
def test_a_self_test_that_was_not_prepared_fails(chip: SimMFRC522, clock: VirtualClock, buffer: bytes, seed: int) -> None:
    assert self_test(chip, clock, buffer=buffer, seed=seed) != VERSIONS[0x92].self_test
