"""Whatever the sensor does, the camera delivers a true frame or a typed error, and works again after `reopen`."""

from __future__ import annotations

import numpy as np
import pytest

from drivers.clock import VirtualClock
from drivers.errors import (
    BadCalibration,
    BadFrame,
    BusError,
    BusStuck,
    BusTooSlow,
    DeadlineExceeded,
    DeviceClosed,
    DeviceMissing,
    DriverError,
    FrozenFrame,
    NotAcknowledged,
)
from drivers.mlx90640 import registers
from drivers.mlx90640.camera import Mlx90640Camera
from drivers.sim.eeprom import make_eeprom
from drivers.sim.i2c import SimI2CBus
from drivers.sim.mlx90640 import SimMLX90640
from drivers.sim.world import World
from tests.drivers.mlx90640.bench import RESTART, NumberedSensor, frames, open_world

MEANWHILE = [
    ("i2c_nack", NotAcknowledged, "acknowledged"),
    ("i2c_stuck", BusStuck, "stuck"),
    ("sensor_silent", DeadlineExceeded, "measured nothing"),
    ("sensor_frozen", FrozenFrame, "without noise"),
    ("sensor_stale_subpage", FrozenFrame, "subpage 1"),
    ("sensor_half_frame", BadFrame, "half of the picture"),
    ("sensor_invalid_words", BadFrame, "0x7FFF"),
]


@pytest.mark.parametrize(("fault", "error", "says"), MEANWHILE)
def test_fault_while_measuring(fault: str, error: type[DriverError], says: str) -> None:
    world, camera, clock = open_world()
    list(frames(camera, clock, 3))
    world.faults.set(fault, True)
    with pytest.raises(error, match=says):
        list(frames(camera, clock, 100))
    # It stays unusable, says why, and touches the wire no more ...
    transfers = world.i2c.transfers
    with pytest.raises(DeviceClosed, match=says):
        camera.poll()
    with pytest.raises(DeviceClosed, match=says):
        camera.capture(1.0)
    assert world.i2c.transfers == transfers
    # ... until it is opened again, with nothing left behind.
    world.faults.clear()
    camera.reopen()
    got = list(frames(camera, clock, 5))
    assert np.abs(np.mean([frame.celsius for frame in got], axis=0) - 22.0).max() < 1.5


@pytest.mark.parametrize(("fault", "error", "says"), MEANWHILE)
def test_fault_during_a_capture(fault: str, error: type[DriverError], says: str) -> None:
    world, camera, clock = open_world()
    world.faults.set(fault, True)
    began_s = clock.monotonic()
    with pytest.raises(error, match=says):
        camera.capture(5.0)
    assert clock.monotonic() - began_s < 5.1


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        ("i2c_nack", DeviceMissing, "0x33"),
        ("i2c_stuck", BusStuck, "stuck"),
        ("eeprom_flip", BadCalibration, "differently each time"),
        ("eeprom_garbage", BadCalibration, "EEPROM"),
    ],
)
def test_fault_while_opening(fault: str, error: type[DriverError], says: str) -> None:
    world, camera, clock = open_world()
    world.faults.set(fault, True)
    with pytest.raises(error, match=says):
        Mlx90640Camera(world.i2c, clock)
    with pytest.raises(error, match=says):
        camera.reopen()
    with pytest.raises(DeviceClosed, match=says):
        camera.poll()
    world.faults.clear()
    camera.reopen()
    assert camera.capture(1.0).celsius.mean() == pytest.approx(22.0, abs=0.2)


def test_a_capture_without_data_ends_at_its_own_deadline() -> None:
    world, camera, clock = open_world()
    world.faults.sensor_silent = True
    began_s = clock.monotonic()
    with pytest.raises(DeadlineExceeded, match=r"within 0\.3 s"):
        camera.capture(0.3)
    assert clock.monotonic() - began_s == pytest.approx(0.3, abs=0.05)


def test_waiting_for_data_leaves_the_bus_alone_most_of_the_time() -> None:
    world, camera, _ = open_world()
    world.faults.sensor_silent = True
    transfers = world.i2c.transfers
    with pytest.raises(DeadlineExceeded):
        camera.capture(0.5)
    assert world.i2c.transfers - transfers <= 0.5 * 8 * 25 + 3


@pytest.mark.parametrize("word", registers.USED_AUXILIARY)
def test_no_measurement_in_what_every_pixel_depends_on_is_refused(word: int) -> None:
    clock = VirtualClock()
    sensor = NumberedSensor(clock)
    camera = Mlx90640Camera(sensor.bus, clock)
    sensor.auxiliary[word - registers.PIXELS] = registers.NOT_MEASURED
    with pytest.raises(BadFrame, match="0x7FFF"):
        list(frames(camera, clock, 1))


def test_a_subpage_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _, camera, clock = open_world()
    status_of = SimMLX90640._status
    monkeypatch.setattr(SimMLX90640, "_status", lambda chip, now: status_of(chip, now) | 0x0002)
    with pytest.raises(BadFrame, match=r"announces subpage [23]"):
        list(frames(camera, clock, 1))


def test_impossible_supply_is_refused() -> None:
    world, camera, clock = open_world()
    world.supply_v = 2.7
    with pytest.raises(BadFrame, match=r"2\.70 V"):
        list(frames(camera, clock, 1))


def test_impossible_die_temperature_is_refused() -> None:
    world, camera, clock = open_world()
    world.ambient_c = 95.0
    with pytest.raises(BadFrame, match="103"):
        list(frames(camera, clock, 1))


def test_a_sensor_that_lost_its_supply_is_noticed() -> None:
    world, camera, clock = open_world()
    list(frames(camera, clock, 2))
    world.sensor.power_cycle()
    with pytest.raises(BadFrame, match="forgot its settings"):
        list(frames(camera, clock, 100))
    camera.reopen()
    assert len(list(frames(camera, clock, 2))) == 2


def test_a_bus_too_slow_for_the_rate_is_named() -> None:
    clock = VirtualClock()
    with pytest.raises(BusTooSlow, match="i2c_arm_baudrate"):
        Mlx90640Camera(World(clock, i2c_hz=100_000).i2c, clock).capture(5.0)
    # At 4 Hz it is fast enough.
    assert Mlx90640Camera(World(clock, i2c_hz=100_000).i2c, clock, refresh_hz=4.0).capture(5.0) is not None


def test_a_bus_too_fast_for_the_eeprom_is_named() -> None:
    clock = VirtualClock()
    with pytest.raises(BadCalibration, match="1000 kHz"):
        Mlx90640Camera(World(clock, i2c_hz=1_000_000).i2c, clock)


def test_a_measurement_that_overtakes_the_reading_is_dropped() -> None:
    clock = VirtualClock()
    sensor = NumberedSensor(clock)
    camera = Mlx90640Camera(sensor.bus, clock)
    # Always late: each reading begins 20 ms before the next measurement is finished, and takes 38 ms.
    clock.sleep(0.1)
    for _ in range(40):
        assert camera.poll() is None
        clock.sleep(0.125 - (clock.monotonic() - 0.075555 + 0.02) % 0.125)


def test_slow_polling_is_no_error() -> None:
    world, camera, clock = open_world()
    for _ in range(50):
        camera.poll()
        clock.sleep(3.0)
    assert len(list(frames(camera, clock, 2))) == 2
    assert world.i2c.transfers > 0


def test_other_address_or_other_chip_is_a_missing_device() -> None:
    world, _, clock = open_world()
    with pytest.raises(DeviceMissing, match="0x34"):
        Mlx90640Camera(world.i2c, clock, address=0x34)


class _Dumb:
    """A device that acknowledges everything and remembers nothing but the calibration of a sensor."""

    def write(self, data: bytes) -> None: ...

    def write_read(self, data: bytes, count: int, takes_s: float) -> bytes:
        if data == registers.EEPROM.to_bytes(2, "big"):
            return make_eeprom().astype(">u2").tobytes()
        return bytes(count)


def test_a_device_that_keeps_no_settings_is_no_sensor() -> None:
    clock = VirtualClock()
    bus = SimI2CBus(clock)
    bus.attach(0x33, _Dumb())
    with pytest.raises(DeviceMissing, match="does not keep its settings"):
        Mlx90640Camera(bus, clock)


def test_a_bus_error_leaves_no_half_of_a_frame_behind() -> None:
    clock = VirtualClock()
    sensor = NumberedSensor(clock)
    camera = Mlx90640Camera(sensor.bus, clock, refresh_hz=2.0)
    clock.sleep(1.05)
    assert camera.poll() is None  # subpage 1 waits for its partner, and the first one after opening again would be in time
    sensor.faults.i2c_nack = True
    with pytest.raises(BusError):
        camera.poll()
    sensor.faults.i2c_nack = False
    camera.reopen()
    while (frame := camera.poll()) is None:
        clock.sleep(0.01)
    assert sensor.numbers(frame) == (RESTART + 1, RESTART + 2)


def test_a_machine_that_is_late_now_and_then_loses_frames_alone() -> None:
    clock = _HiccupClock()
    sensor = NumberedSensor(clock)
    camera = Mlx90640Camera(sensor.bus, clock)
    got = 0
    for _ in range(2000):
        if (frame := camera.poll()) is not None:
            zero, one = sensor.numbers(frame)
            assert abs(zero - one) == 1
            got += 1
        clock.sleep(0.005)
    assert got > 50


class _HiccupClock(VirtualClock):
    """Now and then a sleep takes much longer than it was asked to."""

    def __init__(self) -> None:
        super().__init__()
        self._random = np.random.default_rng(5)

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if self._random.random() < 0.02:
            super().sleep(self._random.uniform(0.01, 0.4))
