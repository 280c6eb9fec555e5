"""The simulated sensor itself: registers as documented, and nothing else."""

from __future__ import annotations

import pytest

from drivers.clock import VirtualClock
from drivers.errors import BusStuck, NotAcknowledged
from drivers.mlx90640 import registers
from drivers.sim.errors import UndocumentedAccess
from drivers.sim.i2c import STUCK_TIMEOUT_S
from tests.drivers.mlx90640.bench import NumberedSensor

ADDRESS = 0x33


class Master:
    """Words over the bus, as any driver would send them."""

    def __init__(self, hz: int = 400_000) -> None:
        self.clock = VirtualClock()
        self.sensor = NumberedSensor(self.clock, hz)
        self.bus = self.sensor.bus

    def read(self, register: int, count: int = 1) -> list[int]:
        data = self.bus.write_read(ADDRESS, register.to_bytes(2, "big"), 2 * count)
        return [int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2)]

    def write(self, register: int, word: int) -> None:
        self.bus.write(ADDRESS, register.to_bytes(2, "big") + word.to_bytes(2, "big"))

    def status(self) -> int:
        return self.read(registers.STATUS)[0]


@pytest.fixture
def master() -> Master:
    return Master()


def test_settings_after_power_up(master: Master) -> None:
    assert master.read(registers.CONTROL) == [0x1901]
    assert master.read(registers.I2C_CONFIGURATION) == [0]
    assert master.read(0x2400 + 12) == [0x1901]
    assert master.status() == 0


def test_subpages_alternate_and_new_data_stays_until_cleared(master: Master) -> None:
    seen = []
    for _ in range(4):
        master.clock.sleep(0.5)
        status = master.status()
        assert status & registers.NEW_DATA
        assert master.status() == status
        seen.append(status & registers.SUBPAGE_MASK)
        master.write(registers.STATUS, registers.OVERWRITE)
        assert not master.status() & registers.NEW_DATA
    assert seen == [0, 1, 0, 1]


def test_writing_a_one_does_not_clear_new_data(master: Master) -> None:
    master.clock.sleep(0.6)
    master.write(registers.STATUS, registers.NEW_DATA)
    assert master.status() & registers.NEW_DATA


@pytest.mark.parametrize(("code", "hz"), list(enumerate(registers.REFRESH_RATES_HZ)))
def test_refresh_rate(master: Master, code: int, hz: float) -> None:
    master.write(registers.CONTROL, 0x1801 | code << 7)
    assert registers.refresh_hz(master.read(registers.CONTROL)[0]) == hz
    master.clock.sleep(0.9 / hz - 0.001)
    assert not master.status() & registers.NEW_DATA
    master.clock.sleep(0.1 / hz + 0.001)
    assert master.status() & registers.NEW_DATA


def test_data_hold_keeps_the_ram_until_it_was_collected(master: Master) -> None:
    master.write(registers.CONTROL, 0x1901 | registers.DATA_HOLD)
    master.clock.sleep(0.6)
    held = master.read(registers.RAM, registers.RAM_WORDS)
    master.clock.sleep(5.0)
    assert master.read(registers.RAM, registers.RAM_WORDS) == held
    master.write(registers.STATUS, 0)
    master.clock.sleep(0.6)
    assert master.read(registers.RAM, registers.RAM_WORDS) != held


def test_subpage_repeat_measures_the_selected_one_only(master: Master) -> None:
    master.write(registers.CONTROL, 0x1901 | registers.SUBPAGE_REPEAT | 1 << 4)
    for _ in range(3):
        master.clock.sleep(0.5)
        assert master.status() & registers.SUBPAGE_MASK == 1


def test_nothing_is_measured_that_nobody_reads(master: Master) -> None:
    master.clock.sleep(3600.0)
    assert master.status() & registers.NEW_DATA
    assert not master.sensor.began_s
    master.read(registers.RAM, registers.RAM_WORDS)
    assert len(master.sensor.began_s) == 2


def test_a_measurement_finished_during_a_transfer_changes_the_words_to_come() -> None:
    master = Master(hz=100_000)  # the RAM takes 150 ms
    master.write(registers.CONTROL, 0x1A01)  # a subpage every 125 ms
    master.clock.sleep(0.125 * 2 + 0.05)
    words = master.read(registers.RAM, registers.RAM_WORDS)  # the third is finished half-way
    numbers = [master.sensor.number_at(pixel, words[pixel]) for pixel in registers.subpage_pixels(True, 0)]
    assert numbers == sorted(numbers)
    assert set(numbers) == {1, 3}
    assert 0.4 < numbers.count(1) / len(numbers) < 0.6
    assert {master.sensor.number_at(pixel, words[pixel]) for pixel in registers.subpage_pixels(True, 1)} == {2}


@pytest.mark.parametrize(
    ("register", "count"),
    [(0x0000, 1), (0x03FF, 2), (0x0400, 833), (0x2400, 833), (0x23FF, 1), (0x8000, 2), (0x8001, 1), (0x800D, 2), (0x9000, 1)],
)
def test_reading_elsewhere_is_refused(master: Master, register: int, count: int) -> None:
    with pytest.raises(UndocumentedAccess):
        master.read(register, count)


@pytest.mark.parametrize(
    ("register", "word"),
    [(0x0400, 1), (0x2410, 1), (0x240F, 0x34), (0x8000, 0x0100), (0x800D, 0x2901), (0x800D, 0x1903), (0x800F, 0x0008)],
)
def test_writing_elsewhere_is_refused(master: Master, register: int, word: int) -> None:
    with pytest.raises(UndocumentedAccess):
        master.write(register, word)


def test_transfers_of_other_sizes_are_refused(master: Master) -> None:
    for data in (b"\x80", b"\x80\x00\x00", b"\x80\x00\x00\x00\x00"):
        with pytest.raises(UndocumentedAccess):
            master.bus.write(ADDRESS, data)
    for data, count in ((b"\x80", 2), (b"\x80\x00", 1), (b"\x80\x00", 0)):
        with pytest.raises(UndocumentedAccess):
            master.bus.write_read(ADDRESS, data, count)


@pytest.mark.parametrize(("hz", "seconds"), [(100_000, 0.150), (400_000, 0.0375), (1_000_000, 0.015)])
def test_bus_takes_the_time_that_it_takes(hz: int, seconds: float) -> None:
    master = Master(hz)
    before_s = master.clock.monotonic()
    master.read(registers.RAM, registers.RAM_WORDS)
    assert master.clock.monotonic() - before_s == pytest.approx(seconds, rel=0.01)


def test_probe_without_data(master: Master) -> None:
    master.bus.write(ADDRESS, b"")
    with pytest.raises(NotAcknowledged):
        master.bus.write(0x34, b"")


def test_stuck_bus_takes_as_long_as_linux_waits(master: Master) -> None:
    master.sensor.faults.i2c_stuck = True
    before_s = master.clock.monotonic()
    with pytest.raises(BusStuck):
        master.status()
    assert master.clock.monotonic() - before_s == pytest.approx(STUCK_TIMEOUT_S)


def test_faults_are_switched_by_name() -> None:
    faults = NumberedSensor(VirtualClock()).faults
    assert faults.active() == ()
    faults.set("i2c_nack", True)
    faults.set("reader_gone", True)
    assert faults.active() == ("i2c_nack", "reader_gone")
    with pytest.raises(ValueError, match="sensor_silent"):
        faults.set("sensor_on_fire", True)
    faults.clear()
    assert faults.active() == ()
