"""Adafruit's driver as a second opinion, on the same simulated wire."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.adapters.adafruit import AdafruitCamera
from drivers.adapters.warning import KnownDefects
from drivers.clock import VirtualClock
from drivers.errors import DeadlineExceeded, DeviceClosed, DeviceMissing, DriverError, NotAcknowledged
from drivers.mlx90640 import registers
from drivers.mlx90640.calibration import Calibration
from drivers.mlx90640.temperature import Thermometer
from drivers.protocols import ThermalFrame
from drivers.sim.body import Torso, WarmSpot
from drivers.sim.eeprom import make_eeprom
from drivers.sim.world import World

pytest.importorskip("adafruit_mlx90640")
pytestmark = pytest.mark.filterwarnings("ignore::drivers.adapters.warning.KnownDefects")

AGREEMENT_K = 0.001


def ours(frame: ThermalFrame, eeprom: NDArray[np.uint16], emissivity: float) -> NDArray[np.float64]:
    """Our temperatures for the words that Adafruit's driver read."""
    thermometer = Thermometer(Calibration.from_eeprom(eeprom))
    celsius = np.empty(768)
    for subpage, words in enumerate(frame.raw):
        ram, control = words[:832].view(np.int16), int(words[832])
        found = thermometer.surroundings(ram, control)
        pixels = thermometer.constants(control, subpage).pixels
        celsius[pixels] = thermometer.object_c(ram, control, subpage, found, emissivity, found.ambient_c - 8)
    return registers.to_scene(celsius)


@pytest.fixture(params=["plain", "gradient", "other pattern", "outlier"])
def eeprom(request: pytest.FixtureRequest) -> NDArray[np.uint16]:
    return {
        "plain": make_eeprom(11),
        "gradient": make_eeprom(12, tgc=0.5),
        "other pattern": make_eeprom(13, chess=False, tgc=-0.25),
        "outlier": make_eeprom(14, outliers=(300,)),
    }[request.param]


@pytest.mark.parametrize(("room_c", "supply_v"), [(18.0, 3.15), (25.0, 3.3)])
def test_agrees_with_ours(eeprom: NDArray[np.uint16], room_c: float, supply_v: float) -> None:
    clock = VirtualClock()
    world = World(clock, eeprom=eeprom)
    world.body, world.ambient_c, world.supply_v = Torso(spots=(WarmSpot(0.1, 0.1, 4.0),)), room_c, supply_v
    camera = AdafruitCamera(world.i2c, clock, emissivity=0.98)
    for _ in range(3):
        frame = camera.capture(2.0)
        difference = np.abs(frame.celsius - ours(frame, camera.eeprom, 0.98))[~frame.bad]
        assert difference.max() <= AGREEMENT_K
        assert frame.ambient_c == pytest.approx(room_c + 8, abs=0.02)
        assert frame.supply_v == pytest.approx(supply_v, abs=0.001)


def test_warns_of_the_known_defects() -> None:
    clock = VirtualClock()
    with pytest.warns(KnownDefects, match="does not check the EEPROM"):
        AdafruitCamera(World(clock).i2c, clock)


def test_two_sensors_do_not_share_their_calibration_here() -> None:
    clock = VirtualClock()
    worlds = [World(clock, eeprom=make_eeprom(seed, outliers=(seed,))) for seed in (1, 2)]
    cameras = [AdafruitCamera(world.i2c, clock, emissivity=1.0) for world in worlds]
    for camera in cameras:
        frame = camera.capture(2.0)
        assert np.abs(frame.celsius - ours(frame, camera.eeprom, 1.0))[~frame.bad].max() <= AGREEMENT_K
        assert frame.bad.sum() == 1


def test_silence_ends_at_the_deadline() -> None:
    clock = VirtualClock()
    world = World(clock)
    camera = AdafruitCamera(world.i2c, clock)
    world.faults.sensor_silent = True
    with pytest.raises(DeadlineExceeded):
        camera.capture(1.0)


def test_a_sensor_that_stays_silent_is_noticed_by_polling() -> None:
    clock = VirtualClock()
    world = World(clock)
    camera = AdafruitCamera(world.i2c, clock)
    world.faults.sensor_silent = True

    def poll_for_five_seconds() -> None:
        while clock.monotonic() < 5.0:
            assert camera.poll() is None
            clock.sleep(0.05)

    with pytest.raises(DeadlineExceeded, match="Re-open it"):
        poll_for_five_seconds()


def test_no_sensor() -> None:
    clock = VirtualClock()
    world = World(clock)
    world.faults.i2c_nack = True
    with pytest.raises(DeviceMissing):
        AdafruitCamera(world.i2c, clock)


def test_bus_error_and_reopening() -> None:
    clock = VirtualClock()
    world = World(clock)
    camera = AdafruitCamera(world.i2c, clock)
    world.faults.i2c_nack = True
    with pytest.raises(NotAcknowledged):
        camera.capture(1.0)
    world.faults.clear()
    camera.reopen()
    assert camera.capture(1.0).celsius.mean() == pytest.approx(22.0, abs=0.2)


def test_garbage_becomes_a_typed_error() -> None:
    clock = VirtualClock()
    world = World(clock)
    world.faults.eeprom_garbage = True
    with pytest.raises(DriverError):
        AdafruitCamera(world.i2c, clock).capture(2.0)


def test_closed() -> None:
    clock = VirtualClock()
    camera = AdafruitCamera(World(clock).i2c, clock)
    camera.close()
    camera.close()
    with pytest.raises(DeviceClosed):
        camera.poll()
