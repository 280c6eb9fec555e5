"""From a device URL to an open device. Each driver is imported only when it is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from drivers.clock import Clock
from drivers.errors import BadDeviceURL
from drivers.mlx90640.optics import WIDE
from drivers.mlx90640.registers import DEFAULT_ADDRESS
from drivers.protocols import CardReader, Indicator, Optics, PhotoCamera, ThermalCamera
from drivers.url import DeviceURL

if TYPE_CHECKING:
    from drivers.bus import I2CBus, SPIBus
    from drivers.sim.world import World


def open_thermal_camera(
    url: str,
    clock: Clock,
    *,
    world: World | None = None,
    refresh_hz: float = 8.0,
    emissivity: float = 0.98,
    reflected_c: float | None = None,
    optics: Optics = WIDE,
    flat_field: NDArray[np.float32] | Path | None = None,
) -> ThermalCamera:
    """Open ``i2c:BUS[@ADDRESS]``, ``sim:`` or ``replay:FILE``.

    Options: ``driver=adafruit`` (i2c, sim), ``rotate=180`` (i2c: mounted upside down), ``once=yes`` (replay: silent after the
    last frame instead of beginning again). ``sim:`` takes the sensor of ``world``, or of a new one. Raises `BadDeviceURL` and
    what the driver raises.
    """
    parsed = DeviceURL.parse(url)
    offset_k = _flat_field(flat_field)
    bus, rotated, driver = _thermal_bus(parsed, clock, world)
    address = DEFAULT_ADDRESS if parsed.address is None else parsed.address
    try:
        if driver == "adafruit":
            from drivers.adapters.adafruit import AdafruitCamera

            if offset_k is not None or rotated:
                raise BadDeviceURL(f"{parsed}: Adafruit's driver takes neither a flat-field correction nor a rotation.")
            return AdafruitCamera(
                bus,
                clock,
                address=address,
                refresh_hz=refresh_hz,
                emissivity=emissivity,
                reflected_c=reflected_c,
                optics=optics,
            )
        from drivers.mlx90640.camera import Mlx90640Camera

        return Mlx90640Camera(
            bus,
            clock,
            address=address,
            refresh_hz=refresh_hz,
            emissivity=emissivity,
            reflected_c=reflected_c,
            optics=optics,
            flat_field=offset_k,
            rotated=rotated,
        )
    except BaseException:
        bus.close()
        raise


def _flat_field(given: NDArray[np.float32] | Path | None) -> NDArray[np.float32] | None:
    if not isinstance(given, Path):
        return given
    from drivers.mlx90640.flat_field import load_flat_field

    return load_flat_field(given)


def _thermal_bus(url: DeviceURL, clock: Clock, world: World | None) -> tuple[I2CBus, bool, str]:
    """Return the bus, whether the sensor is mounted upside down, and which driver was asked for."""
    driver = _choice(url, "driver", "own", "adafruit")
    match url.scheme:
        case "i2c":
            from drivers.linux_i2c import LinuxI2CBus

            url.require_options("driver", "rotate")
            rotated = _choice(url, "rotate", "0", "180") == "180"
            return LinuxI2CBus(url.number("I2C bus")), rotated, driver
        case "sim":
            url.require_options("driver")
            return _world(url, clock, world).i2c, False, driver
        case "replay":
            from drivers.replay import Recording, replay_bus

            url.require_options("once")
            once = _choice(url, "once", "no", "yes") == "yes"
            return replay_bus(Recording.load(Path(url.place)), clock, once=once), False, driver
        case _:
            raise _unknown(url, "thermal camera", "i2c:1@0x33, sim: or replay:FILE")


def open_card_reader(url: str, clock: Clock, *, world: World | None = None) -> CardReader:
    """Open ``spi:BUS.CHIP_SELECT`` or ``sim:``; option ``driver=mfrc522`` for the package of that name.

    Raises `BadDeviceURL` and what the driver raises.
    """
    parsed = DeviceURL.parse(url)
    parsed.require_options("driver")
    driver = _choice(parsed, "driver", "own", "mfrc522")
    bus: SPIBus
    match parsed.scheme:
        case "spi":
            from drivers.linux_spi import LinuxSPIBus

            controller, _, chip_select = parsed.place.partition(".")
            bus = LinuxSPIBus(parsed.number("SPI bus", controller), parsed.number("chip select", chip_select))
        case "sim":
            bus = _world(parsed, clock, world).connect_reader()
        case _:
            raise _unknown(parsed, "card reader", "spi:0.0 or sim:")
    if driver == "mfrc522":
        from drivers.adapters.mfrc522_package import Mfrc522PackageReader

        return Mfrc522PackageReader(bus, clock)
    from drivers.mfrc522.reader import Mfrc522Reader

    return Mfrc522Reader(bus, clock)


def open_indicator(url: str, clock: Clock, *, world: World | None = None) -> Indicator:
    """Open ``gpio:`` (options ``red``, ``green``, ``blue``, ``buzzer``: pins, or ``buzzer=none``), ``sim:`` or ``none:``.

    Raises `BadDeviceURL` and what the driver raises.
    """
    parsed = DeviceURL.parse(url)
    match parsed.scheme:
        case "gpio":
            from drivers.indicator import GpioIndicator, Pins

            parsed.require_no_place()
            parsed.require_options("red", "green", "blue", "buzzer")
            silent = parsed.options.get("buzzer") == "none"
            pins = {name: value for name, value in parsed.options.items() if not (silent and name == "buzzer")}
            chosen = {name: parsed.number("pin", value) for name, value in pins.items()}
            return GpioIndicator(replace(Pins(buzzer=None) if silent else Pins(), **chosen))
        case "sim":
            parsed.require_options()
            return _world(parsed, clock, world).lamp
        case "none":
            from drivers.indicator import NoIndicator

            parsed.require_no_place()
            parsed.require_options()
            return NoIndicator()
        case _:
            raise _unknown(parsed, "indicator", "gpio:, sim: or none:")


def open_photo_camera(
    url: str, clock: Clock, *, world: World | None = None, homography: NDArray[np.float64] | Path | None = None
) -> PhotoCamera:
    """Open ``picamera:`` or ``sim:``. ``homography`` is a matrix [3, 3] or its file.

    Raises `BadDeviceURL` and what the driver raises.
    """
    parsed = DeviceURL.parse(url)
    parsed.require_options()
    match parsed.scheme:
        case "picamera":
            parsed.require_no_place()
            hardware = None  # what picamera2 finds
        case "sim":
            hardware = _world(parsed, clock, world).photo
        case _:
            raise _unknown(parsed, "photo camera", "picamera: or sim:")
    from drivers.photo import Picamera2Camera, load_homography

    matrix = load_homography(homography) if isinstance(homography, Path) else homography
    return Picamera2Camera(clock, homography=matrix, hardware=hardware)


def _world(url: DeviceURL, clock: Clock, world: World | None) -> World:
    url.require_no_place()
    if world is not None:
        return world
    from drivers.sim.world import World

    return World(clock)


def _choice(url: DeviceURL, option: str, default: str, *others: str) -> str:
    value = url.options.get(option, default)
    if value not in (default, *others):
        raise BadDeviceURL(f"{url}: {option} can be {default} or {' or '.join(others)}, not {value!r}.")
    return value


def _unknown(url: DeviceURL, kind: str, known: str) -> BadDeviceURL:
    return BadDeviceURL(f"{url}: there is no {kind} of the kind {url.scheme}:; use {known}.")
