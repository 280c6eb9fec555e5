"""From a URL to a device."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivers.adapters.adafruit import AdafruitCamera
from drivers.adapters.mfrc522_package import Mfrc522PackageReader
from drivers.adapters.warning import KnownDefects
from drivers.clock import VirtualClock
from drivers.errors import BadDeviceURL, BadFlatField, BusMissing, DeviceMissing
from drivers.indicator import NoIndicator
from drivers.mfrc522.reader import Mfrc522Reader
from drivers.mlx90640.camera import Mlx90640Camera
from drivers.mlx90640.optics import NARROW
from drivers.open import open_card_reader, open_indicator, open_photo_camera, open_thermal_camera
from drivers.protocols import Signal
from drivers.sim.body import Thermogram
from drivers.sim.i2c import SimI2CBus
from drivers.sim.world import World


def test_simulated_kiosk() -> None:
    clock = VirtualClock()
    world = World(clock)
    camera = open_thermal_camera("sim:", clock, world=world, refresh_hz=4.0, emissivity=0.97, optics=NARROW)
    assert isinstance(camera, Mlx90640Camera)
    assert (camera.refresh_hz, camera.emissivity, camera.optics) == (4.0, 0.97, NARROW)
    world.body = Thermogram(np.full((24, 32), 33.0), emissivity=0.97)
    assert camera.capture(2.0).celsius.mean() == pytest.approx(33.0, abs=0.1)

    reader = open_card_reader("sim:", clock, world=world)
    assert isinstance(reader, Mfrc522Reader)
    assert reader.poll() is None
    world.tap("04A3C6CAE26180")
    card = reader.poll()
    assert card is not None
    assert card.uid == bytes.fromhex("04A3C6CAE26180")
    world.pull()
    assert reader.poll() is None

    lamp = open_indicator("sim:", clock, world=world)
    lamp.show(Signal.SEEN)
    assert world.lamp.signal is Signal.SEEN

    photo = open_photo_camera("sim:", clock, world=world)
    assert photo.capture(2.0).rgb.shape[2] == 3
    photo.close()


def test_simulated_devices_can_be_closed_and_opened_again() -> None:
    clock = VirtualClock()
    world = World(clock)
    for _ in range(2):
        camera, reader = open_thermal_camera("sim:", clock, world=world), open_card_reader("sim:", clock, world=world)
        assert camera.capture(2.0).celsius.shape == (24, 32)
        assert reader.poll() is None
        camera.close()
        reader.close()


def test_a_simulated_device_needs_no_world() -> None:
    assert open_thermal_camera("sim:", VirtualClock()).capture(2.0).ambient_c == pytest.approx(30.0, abs=0.1)


def test_adapters_warn_of_the_packages_they_use() -> None:
    clock = VirtualClock()
    world = World(clock)
    with pytest.warns(KnownDefects, match="0x7FFF"):
        assert isinstance(open_thermal_camera("sim:?driver=adafruit", clock, world=world), AdafruitCamera)
    with pytest.warns(KnownDefects):
        assert isinstance(open_card_reader("sim:?driver=mfrc522", clock, world=world), Mfrc522PackageReader)


def test_flat_field_from_a_file(tmp_path: Path) -> None:
    offset = np.full((24, 32), 1.5, dtype=np.float32)
    np.save(tmp_path / "plate.npy", offset)
    np.savez(tmp_path / "plate.npz", offset_k=offset)
    for name in ("plate.npy", "plate.npz"):
        camera = open_thermal_camera("sim:", VirtualClock(), flat_field=tmp_path / name)
        assert camera.capture(2.0).celsius.mean() == pytest.approx(20.5, abs=0.1)


def test_flat_field_file_that_is_none(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", other=np.zeros((24, 32)))
    (tmp_path / "text.npy").write_text("not an array")
    (tmp_path / "cut.npz").write_bytes((tmp_path / "other.npz").read_bytes()[:100])
    np.save(tmp_path / "shape.npy", np.zeros((3, 3)))
    for name, says in [
        ("missing.npy", "no flat-field correction at"),
        ("other.npz", "offset_k"),
        ("text.npy", "no flat-field correction"),
        ("cut.npz", "no flat-field correction"),
        ("shape.npy", "not float64"),
    ]:
        with pytest.raises(BadFlatField, match=says):
            open_thermal_camera("sim:", VirtualClock(), flat_field=tmp_path / name)


def test_no_indicator() -> None:
    assert isinstance(open_indicator("none:", VirtualClock()), NoIndicator)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("spi:0.0", "no thermal camera of the kind spi:"),
        ("i2c:one", "I2C bus"),
        ("i2c:1?driver=melexis", "own or adafruit"),
        ("i2c:1?rotate=90", "0 or 180"),
        ("i2c:1?speed=4", "driver, rotate"),
        ("sim:there", "nothing follows sim:"),
        ("sim:?rotate=180", "driver"),
        ("nothing", "no device URL"),
    ],
)
def test_thermal_camera_that_does_not_exist(url: str, says: str) -> None:
    with pytest.raises(BadDeviceURL, match=says):
        open_thermal_camera(url, VirtualClock())


@pytest.mark.parametrize("url", ["i2c:1@0x33", "spi:0", "spi:a.b", "spi:0.0?driver=x", "spi:0.0?hz=1", "sim:x"])
def test_card_reader_that_does_not_exist(url: str) -> None:
    with pytest.raises(BadDeviceURL):
        open_card_reader(url, VirtualClock())


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("led:", "use gpio:, sim: or none:"),
        ("gpio:17", "nothing follows gpio:"),
        ("gpio:?red=x", "'x' is no pin"),
        ("gpio:?red=none", "'none' is no pin"),
        ("gpio:?yellow=3", "red, green, blue, buzzer"),
        ("gpio:?red=17&green=17", "names one twice"),
        ("gpio:?red=99", "2 to 27"),
        ("sim:?a=1", "knows none"),
        ("none:17", "nothing follows none:"),
        ("none:?red=17", "knows none"),
    ],
)
def test_indicator_that_does_not_exist(url: str, says: str) -> None:
    with pytest.raises(BadDeviceURL, match=says):
        open_indicator(url, VirtualClock())


@pytest.mark.parametrize("url", ["usb:0", "picamera:0", "picamera:?a=1"])
def test_photo_camera_that_does_not_exist(url: str) -> None:
    with pytest.raises(BadDeviceURL):
        open_photo_camera(url, VirtualClock())


class ClosingBus(SimI2CBus):
    """Remembers that it was closed, as a real bus must be."""

    closed = False

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("url", "settings", "error"),
    [
        ("i2c:1", {}, DeviceMissing),
        ("i2c:1", {"refresh_hz": 3.0}, ValueError),
        ("i2c:1", {"emissivity": 0.0}, ValueError),
        ("i2c:1", {"flat_field": np.zeros((2, 2))}, BadFlatField),
        ("i2c:1?driver=adafruit&rotate=180", {}, BadDeviceURL),
        ("i2c:1?driver=adafruit", {}, DeviceMissing),
    ],
)
@pytest.mark.filterwarnings("ignore::drivers.adapters.warning.KnownDefects")
def test_a_camera_that_cannot_be_opened_leaves_no_bus_open(
    monkeypatch: pytest.MonkeyPatch, url: str, settings: dict[str, Any], error: type[Exception]
) -> None:
    buses: list[ClosingBus] = []

    def connect(number: int) -> ClosingBus:
        buses.append(ClosingBus(VirtualClock()))
        return buses[-1]

    monkeypatch.setattr("drivers.linux_i2c.LinuxI2CBus", connect)
    with pytest.raises(error):
        open_thermal_camera(url, VirtualClock(), **settings)
    assert [bus.closed for bus in buses] == [True]


def test_bus_that_does_not_exist() -> None:
    with pytest.raises(BusMissing, match="/dev/i2c-250"):
        open_thermal_camera("i2c:250@0x33", VirtualClock())


def test_the_simulated_kiosk_loads_nothing_heavy() -> None:
    program = """
import sys
from drivers.clock import VirtualClock
from drivers.open import open_card_reader, open_indicator, open_thermal_camera
from drivers.sim.world import World
clock = VirtualClock()
world = World(clock)
open_thermal_camera("sim:", clock, world=world).capture(2)
open_card_reader("sim:", clock, world=world).poll()
open_indicator("sim:", clock, world=world)
print(sorted({"cv2", "scipy", "pandas", "smbus2", "spidev", "gpiozero", "adafruit_mlx90640", "picamera2"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
