"""From the configuration to a running kiosk."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from device.kiosk.late import LateCamera, LateReader
from device.kiosk.loop import Kiosk
from device.kiosk.models import ModelSearch, finish_search
from device.kiosk.site_key import same_site_key
from device.process.config import Config
from device.process.logs import Log
from device.process.moment import Timekeeper
from device.process.notify import Notifier
from device.screen.view import Screen
from device.store.database import Store
from device.store.keys import SITE_KEY, create_keys, key_path, load_site_key
from device.visit.archive import Archive
from device.visit.photo import Photographer
from drivers.clock import Clock
from drivers.errors import BadDeviceURL, DriverError
from drivers.indicator import NoIndicator
from drivers.mlx90640.optics import NARROW, WIDE
from drivers.open import open_card_reader, open_indicator, open_photo_camera, open_thermal_camera
from drivers.protocols import CardReader, Indicator, Optics, ThermalCamera
from models.drift import Reference

if TYPE_CHECKING:
    from drivers.sim.world import World

LOG = Log(__name__)
KEY_ALARM = "site_key_lost"
Device = TypeVar("Device")


@dataclass(frozen=True)
class Hardware:
    """The devices of one kiosk. One that does not answer yet is opened later."""

    camera: ThermalCamera
    reader: CardReader
    indicator: Indicator
    photographer: Photographer | None
    """``None`` where the configuration names no photo camera."""


def optics_of(config: Config) -> Optics:
    return WIDE if config.sensor.optics == "110x75" else NARROW


def open_camera(config: Config, clock: Clock, world: World | None = None) -> ThermalCamera:
    """Open the thermal camera as the configuration describes it; raises what the driver raises."""
    sensor = config.sensor
    return open_thermal_camera(
        sensor.url,
        clock,
        world=world,
        refresh_hz=sensor.refresh_hz,
        emissivity=sensor.emissivity,
        reflected_c=sensor.reflected_c,
        optics=optics_of(config),
        flat_field=sensor.flat_field,
    )


def open_hardware(config: Config, timekeeper: Timekeeper, world: World | None = None) -> Hardware:
    """Open what the configuration names. Raises `BadDeviceURL` for what can never be opened, nothing for what is missing."""

    camera = partial(open_camera, config, timekeeper, world)
    reader = partial(open_card_reader, config.reader.url, timekeeper, world=world)
    return Hardware(
        camera=_open(camera, "thermal sensor") or LateCamera(camera),
        reader=_open(reader, "card reader") or LateReader(reader),
        indicator=_open(lambda: open_indicator(config.indicator.url, timekeeper, world=world), "indicator") or NoIndicator(),
        photographer=_open_photographer(config, timekeeper, world) if config.photo.enabled else None,
    )


def _open_photographer(config: Config, timekeeper: Timekeeper, world: World | None) -> Photographer:
    """Open the photo camera, and load what writes its pictures before a patient waits for it."""
    try:
        import cv2  # noqa: F401

        camera = open_photo_camera(config.photo.url, timekeeper, world=world, homography=config.photo.homography)
    except BadDeviceURL:
        raise
    except Exception as error:  # picamera2 raises whatever it likes, and the kiosk works without it
        LOG.error("device cannot be opened", device="photo camera", fault=type(error).__name__, detail=str(error))
        return Photographer(None, timekeeper, error)
    return Photographer(camera, timekeeper)


def open_archive(config: Config, data_dir: Path, timekeeper: Timekeeper) -> Archive:
    """Return the archive over the store in ``data_dir``, which is opened on first use."""
    return Archive(lambda: Store.open(data_dir, timekeeper, reserve_bytes=config.store.reserve_bytes))


def build(
    config: Config,
    data_dir: Path,
    timekeeper: Timekeeper,
    screen: Screen,
    *,
    world: World | None = None,
    notifier: Notifier | None = None,
) -> Kiosk:
    """Put a kiosk together, making its keys on the first start. Raises `StoreError` for keys that cannot be used."""
    with ModelSearch(config, data_dir) as search:  # a trial, where one is due, runs while the hardware is opened
        return _build(config, data_dir, timekeeper, screen, search, world, notifier)


def _build(
    config: Config,
    data_dir: Path,
    timekeeper: Timekeeper,
    screen: Screen,
    search: ModelSearch,
    world: World | None,
    notifier: Notifier | None,
) -> Kiosk:
    create_keys(data_dir)
    site_key = load_site_key(data_dir)
    archive = open_archive(config, data_dir, timekeeper)
    _check_site_key(archive, data_dir, site_key)
    hardware = open_hardware(config, timekeeper, world)
    models = finish_search(search, archive)
    model = None if models is None else models.breast.model
    reference = None if models is None else Reference.of(models.breast.bundle.card, models.breast.bundle.sha256)
    return Kiosk(
        config, timekeeper, hardware.camera, hardware.reader, hardware.indicator, model, archive, screen, site_key=site_key,
        chosen=models or (), reference=reference, photographer=hardware.photographer, notifier=notifier,
    )  # fmt: skip


def _check_site_key(archive: Archive, data_dir: Path, site_key: bytes) -> None:
    archive.clear_alarm(KEY_ALARM)  # opens the store, and so makes its folder
    with suppress(OSError):  # the disk; the screen says so
        if not same_site_key(data_dir, site_key):
            archive.raise_alarm(
                KEY_ALARM,
                f"{key_path(data_dir, SITE_KEY)} is not the key that the known cards were registered under, so every card is "
                "new here; put the old key back from the backup and restart the kiosk",
            )


def _open(open_device: Callable[[], Device], what: str) -> Device | None:
    try:
        return open_device()
    except BadDeviceURL:
        raise
    except DriverError as error:
        LOG.error("device cannot be opened yet", device=what, fault=type(error).__name__, detail=str(error))
        return None
