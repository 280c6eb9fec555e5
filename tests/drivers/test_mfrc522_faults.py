"""What our MFRC522 driver does when cards are pulled, frames are garbled, or the reader itself fails."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from drivers.clock import VirtualClock
from drivers.errors import BusError, CardError, CardUnreadable, DeviceMissing, SelfTestFailed, SeveralCards
from drivers.mfrc522 import picc
from drivers.mfrc522.chip import Chip
from drivers.mfrc522.reader import Mfrc522Reader
from drivers.mfrc522.registers import Command, Register, Status2
from drivers.mfrc522.versions import VERSIONS
from drivers.sim.mfrc522 import SimMFRC522
from drivers.sim.spi import SimSPIBus
from tests.drivers.reader_bench import CLASSIC, NTAG, TRIPLE, ReaderBench


@pytest.fixture
def bench() -> ReaderBench:
    return ReaderBench.make()


# -- cards


@pytest.mark.parametrize("uid", [CLASSIC, NTAG, TRIPLE])
def test_a_card_pulled_at_any_transfer_gives_nothing_its_own_uid_or_a_typed_error(uid: str) -> None:
    bench = ReaderBench.make()
    bench.lay(uid)
    whole = bench.transfers_of_a_poll()
    outcomes: list[str] = []
    for index in range(whole + 1):
        bench.lay(uid)
        bench.chip.faults.pull_after = index
        try:
            outcomes.append(bench.uid() or "nothing")
        except CardUnreadable:
            outcomes.append("unreadable")
        bench.chip.faults.pull_after = None
        bench.lay()
        assert bench.uid() is None, f"pulled at transfer {index}"
    assert set(outcomes) == {"nothing", "unreadable", uid}
    assert outcomes == sorted(outcomes, key=["nothing", "unreadable", uid].index), "the later it is pulled, the more was read"


def test_one_of_two_cards_pulled_at_any_transfer_never_gives_a_third_uid() -> None:
    bench = ReaderBench.make()
    bench.lay(CLASSIC, NTAG)
    before = bench.bus.transfers
    with pytest.raises(SeveralCards):
        bench.reader.poll()
    for index in range(bench.bus.transfers - before):
        bench.lay(CLASSIC, NTAG)
        bench.chip.faults.pull_after = index
        with suppress(CardError):
            assert bench.uid() in (None, CLASSIC, NTAG)
        bench.chip.faults.pull_after = None


def test_one_garbled_answer_is_read_again(bench: ReaderBench) -> None:
    bench.lay(NTAG)
    for index in range(6):
        bench.chip.faults.crc_error_after = index
        assert bench.uid() == NTAG
        bench.chip.faults.parity_error_after = index
        assert bench.uid() == NTAG


@pytest.mark.parametrize("answer", [1, 2, 3, 4])
def test_an_answer_that_the_chip_calls_garbled_is_not_believed_though_its_checks_are_right(
    bench: ReaderBench, answer: int
) -> None:
    bench.lay(NTAG)
    whole = bench.transfers_of_a_poll()
    bench.chip.faults.parity_error_after = answer
    assert bench.transfers_of_a_poll() > whole, "it has to be read again"


def test_an_answer_without_an_end_is_a_card_that_cannot_be_read_and_no_broken_reader(bench: ReaderBench) -> None:
    bench.lay(NTAG)
    bench.chip.faults.endless_answer = True
    with pytest.raises(CardUnreadable, match="garbled"):
        bench.reader.poll()
    bench.chip.faults.endless_answer = False
    assert bench.uid() == NTAG


def test_answers_that_stay_garbled_are_unreadable_and_never_another_uid(bench: ReaderBench) -> None:
    bench.lay(NTAG)
    bench.chip.faults.crc_error = True
    with pytest.raises(CardUnreadable, match="check"):
        bench.reader.poll()
    bench.chip.faults.crc_error = False
    assert bench.uid() == NTAG


def test_a_garbled_answer_of_one_card_does_not_become_two_cards(bench: ReaderBench) -> None:
    bench.lay(CLASSIC)
    for index in range(4):
        bench.chip.faults.parity_error_after = index
        assert bench.uid() == CLASSIC


# -- the reader


@pytest.mark.parametrize("level", [0x00, 0xFF])
def test_a_missing_reader_is_not_an_empty_field(bench: ReaderBench, level: int) -> None:
    assert bench.uid() is None
    bench.chip.faults.miso_stuck = level
    for _ in range(2):
        with pytest.raises(DeviceMissing, match="card reader"):
            bench.reader.poll()
    with pytest.raises(DeviceMissing):
        bench.reader.self_test()
    bench.chip.faults.miso_stuck = None
    bench.lay(CLASSIC)
    assert bench.uid() == CLASSIC


@pytest.mark.parametrize("level", [0x00, 0xFF])
def test_a_reader_that_was_never_there_cannot_be_opened(level: int) -> None:
    clock = VirtualClock()
    chip = SimMFRC522(clock)
    chip.faults.miso_stuck = level
    with pytest.raises(DeviceMissing, match="SPI"):
        Mfrc522Reader(SimSPIBus(chip, clock), clock)


@pytest.mark.parametrize("level", [0x00, 0xFF])
@pytest.mark.parametrize("uids", [(), (NTAG,), (CLASSIC, NTAG)])
def test_a_plug_pulled_at_any_transfer_is_noticed_and_never_gives_a_wrong_uid(uids: tuple[str, ...], level: int) -> None:
    bench = ReaderBench.make()
    bench.lay(*uids)
    bench.chip.faults.gone_level = level
    for index in range(150):
        bench.chip.faults.gone_after = index
        with suppress(SeveralCards, DeviceMissing):  # and never CardUnreadable: nobody should move a card that lies well
            assert bench.uid() in (None, *uids)
        bench.chip.faults.gone_after = 0
        with pytest.raises(DeviceMissing):
            bench.reader.poll()
        bench.chip.faults.miso_stuck = None


def brown_out(chip: SimMFRC522) -> None:
    chip.faults.brown_out = True


def lose_field(chip: SimMFRC522) -> None:
    chip.exchange(bytes([Register.TxControlReg << 1, 0x80]))


def lose_timer(chip: SimMFRC522) -> None:
    chip.exchange(bytes([Register.TModeReg << 1, 0x00]))


@pytest.mark.parametrize("fault", [brown_out, lose_field, lose_timer])
def test_a_reader_that_lost_its_settings_is_started_afresh_within_one_poll(
    bench: ReaderBench, fault: Callable[[SimMFRC522], None]
) -> None:
    bench.lay(NTAG)
    assert bench.uid() == NTAG
    for _ in range(3):
        fault(bench.chip)
        assert bench.uid() == NTAG


def test_a_brown_out_at_any_transfer_gives_the_card_or_a_typed_error_and_heals() -> None:
    bench = ReaderBench.make()
    bench.lay(NTAG)
    whole = bench.transfers_of_a_poll()
    for index in range(whole):
        bench.chip.faults.brown_out_after = index
        with suppress(CardUnreadable, BusError):
            assert bench.uid() in (None, NTAG)
        assert has_dipped(bench.chip)
        assert bench.uid() == NTAG


def has_dipped(chip: SimMFRC522) -> bool:
    return chip.faults.brown_out_after is None


def test_a_chip_that_hangs_is_started_afresh_and_then_an_error_with_a_deadline(bench: ReaderBench) -> None:
    bench.chip.faults.hung = True
    before_s, transfers = bench.clock.monotonic(), bench.bus.transfers
    with pytest.raises(BusError, match="did not finish a frame"):
        bench.reader.poll()
    assert bench.clock.monotonic() - before_s < 0.2
    assert bench.bus.transfers - transfers < 150, "it should look now and then, and not all the time"
    bench.chip.faults.hung = False
    bench.lay(CLASSIC)
    assert bench.uid() == CLASSIC


def test_a_chip_left_in_a_cipher_session_sees_cards_again(bench: ReaderBench) -> None:
    bench.lay(CLASSIC)
    authenticate(bench)
    assert bench.uid() == CLASSIC


def authenticate(bench: ReaderBench) -> None:
    """Leave Crypto1 on, as a program does that dies after authentication."""
    chip = Chip(bench.bus, bench.clock)
    assert picc.wake(chip, picc.Wake.WUPA)
    picc.select(chip, resolve=False)
    chip.write(Register.FIFODataReg, 0x60, 11, *b"\xff" * 6, *bytes.fromhex(CLASSIC))
    chip.write(Register.CommandReg, Command.MFAuthent)
    bench.clock.sleep(5e-3)
    assert chip.read(Register.Status2Reg)[0] & Status2.MFCrypto1On


# -- the self-test


@pytest.mark.parametrize("version", VERSIONS)
def test_every_known_version_passes_its_own_test(version: int) -> None:
    clock = VirtualClock()
    reader = Mfrc522Reader(SimSPIBus(SimMFRC522(clock, version=version), clock), clock)
    assert reader.self_test() == VERSIONS[version].name


def test_the_reader_works_after_a_self_test(bench: ReaderBench) -> None:
    bench.lay(NTAG)
    assert bench.reader.self_test() == "MFRC522 version 2.0"
    assert bench.uid() == NTAG


@pytest.mark.parametrize(
    ("version", "answer", "message"),
    [
        pytest.param(0x12, None, "unknown version 0x12", id="unknown counterfeit"),
        pytest.param(0x92, bytes(64), "failed its self-test", id="zeros"),
        pytest.param(0x92, VERSIONS[0x91].self_test, "failed its self-test", id="answer of another version"),
        pytest.param(0x91, VERSIONS[0x91].self_test[:-1] + b"\x78", "failed its self-test", id="one bit"),
        pytest.param(0x92, VERSIONS[0x92].self_test[:63], "did not finish", id="cut short"),
    ],
)
def test_a_chip_that_fails_its_test_is_refused(version: int, answer: bytes | None, message: str) -> None:
    clock = VirtualClock()
    chip = SimMFRC522(clock, version=version, self_test=answer)
    with pytest.raises(SelfTestFailed, match=message):
        Mfrc522Reader(SimSPIBus(chip, clock), clock)
    assert clock.monotonic() < 1.0


def test_a_broken_chip_in_an_open_reader_is_found_by_its_test(bench: ReaderBench) -> None:
    bench.chip.self_test = bytes(64)
    with pytest.raises(SelfTestFailed):
        bench.reader.self_test()


def test_a_chip_that_does_not_wake_up_is_an_error_with_a_deadline(bench: ReaderBench) -> None:
    bench.chip.faults.asleep = True
    before_s = bench.clock.monotonic()
    with pytest.raises(BusError, match="did not start"):
        bench.reader.self_test()
    assert bench.clock.monotonic() - before_s < 0.3
    bench.chip.faults.asleep = False
    bench.lay(CLASSIC)
    assert bench.uid() == CLASSIC


def test_a_chip_that_forgets_what_is_written_is_refused() -> None:
    clock = VirtualClock()

    class Forgetful(SimMFRC522):
        def _write(self, register: Register, value: int) -> None:
            if register is not Register.TPrescalerReg:
                super()._write(register, value)

    with pytest.raises(BusError, match="does not keep its settings"):
        Mfrc522Reader(SimSPIBus(Forgetful(clock), clock), clock)
