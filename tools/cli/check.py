"""``firstlight check``: every part of the kiosk, and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.cli.options import as_json, config_file, configuration, data_dir, simulated

if TYPE_CHECKING:
    from device.health import Row
    from device.kiosk.models import Models
    from device.process.config import Config
    from device.store.database import Store
    from models.breast import BreastModel
    from models.choice import Chosen
    from models.errors import ModelError

TICKS = {"ok": "✓", "warning": "!", "fault": "✗"}
PHOTO_S = 5.0
EXIT = {"ok": 0, "warning": 0, "fault": 3}


@click.command()
@click.option("--clear-alarms", is_flag=True, help="Forget the store's alarms first, once somebody has looked into them.")
@simulated
@data_dir
@config_file
@as_json
def command(clear_alarms: bool, sim: bool, data_dir: Path, config_path: Path | None, as_json: bool) -> None:
    """Look at every part: reader, sensor, models, store, clock, disk, cloud.

    Exits with 3 when a part is at fault. While a kiosk runs on the same data directory, its own findings are printed;
    otherwise the hardware is opened and tested.
    """
    from device.health import worst

    config = configuration(config_path, sim=sim)
    if clear_alarms:
        _clear_alarms(data_dir)
    rows = [*_rows(config, data_dir), *_link(config, data_dir)]
    overall = str(worst(rows))
    if as_json:
        click.echo(json.dumps({"status": overall, "parts": [row.as_dict() for row in rows]}, indent=2))
    else:
        for row in rows:
            click.echo(f"{TICKS[str(row.status)]} {row.part:<15} {row.summary}")
            if row.remedy:
                click.echo(f"  {'':<15} → {row.remedy}")
    raise click.exceptions.Exit(EXIT[overall])


def _clear_alarms(data_dir: Path) -> None:
    from device.process.time import SystemTimekeeper
    from device.store.catalogue import list_alarms
    from device.store.database import Store

    found = list_alarms(data_dir)
    with Store.open(data_dir, SystemTimekeeper()) as store:
        for alarm in found:
            store.clear_alarm(alarm.kind)
            click.echo(f"cleared: {alarm.detail}", err=True)


def _rows(config: Config, data_dir: Path) -> list[Row]:
    from device import health
    from device.kiosk.health import kiosk_is_running, read_report
    from device.process.time import SystemTimekeeper
    from device.store.database import Store

    clock = SystemTimekeeper()
    if kiosk_is_running(data_dir):
        rows = read_report(data_dir, clock)
        return rows if rows is not None else [_unknown(data_dir)]
    rows = [health.attempt(part, examine) for part, examine in _hardware(config).items()]
    models = _models(config, data_dir)
    if isinstance(models, Exception):
        rows.append(health.fault_row("breast model", models))
    else:
        rows.extend(health.model_row(chosen) for chosen in (models.breast, models.gate))
    try:
        with Store.open(data_dir, clock, reserve_bytes=config.store.reserve_bytes) as store:
            counts, alarms = store.counts(), store.alarms()
            if not isinstance(models, Exception):
                rows.append(health.attempt(health.MODEL_DRIFT, partial(_drift, models.breast, store)))
        rows.append(health.store_row(counts, alarms))
        rows.append(health.cloud_row(counts, config.sync.remote))
        rows.append(health.attempt("disk", lambda: health.disk_row(data_dir, config.store.reserve_bytes)))
    except health.FAULTS as error:
        rows.append(health.fault_row("store", error))
    rows.append(health.clock_row(clock.now()))
    return rows


def _link(config: Config, data_dir: Path) -> list[Row]:
    from device.process.time import SystemTimekeeper
    from tools.cli.check_link import clinic_rows, link_row

    return [link_row(data_dir, config.sync.remote, SystemTimekeeper().now()), *clinic_rows(config, data_dir)]


def _models(config: Config, data_dir: Path) -> Models | ModelError:
    """Return what a kiosk would use, tried out if need be, or why it would have none."""
    from device.kiosk.models import ModelSearch
    from models.errors import ModelError

    try:
        with ModelSearch(config, data_dir) as search:
            return search.result()
    except ModelError as error:
        return error


def _drift(chosen: Chosen[BreastModel], store: Store) -> Row:
    from device import health
    from device.process.time import SystemTimekeeper
    from models.drift import Reference

    bundle = chosen.bundle
    reference = Reference.of(bundle.card, bundle.sha256)
    return health.drift_row(reference, store.tallies(bundle.sha256), SystemTimekeeper().now())


def _unknown(data_dir: Path) -> Row:
    from device.health import Row, Status

    remedy = "ask again in some seconds; if it stays, look at its log and restart it"
    return Row("kiosk", Status.WARNING, f"runs on {data_dir}, but has not reported for a while", remedy)


def _hardware(config: Config) -> dict[str, Callable[[], Row]]:
    from contextlib import closing

    from device import health
    from device.kiosk.assembly import open_camera, optics_of
    from drivers.clock import SystemClock
    from drivers.errors import DriverError
    from drivers.open import open_card_reader, open_photo_camera
    from drivers.sim.body import Torso
    from drivers.sim.world import World

    clock = SystemClock()

    def world() -> World | None:
        if not config.sensor.url.startswith("sim"):
            return None
        made = World(clock, optics=optics_of(config))
        made.body = Torso()
        return made

    def reader() -> Row:
        with closing(open_card_reader(config.reader.url, clock, world=world())) as opened:
            return health.reader_row(opened)

    def sensor() -> Row:
        with closing(open_camera(config, clock, world())) as opened:
            return health.sensor_row(opened, clock)

    def photo() -> Row:
        try:
            with closing(open_photo_camera(config.photo.url, clock, homography=config.photo.homography)) as opened:
                taken = opened.capture(PHOTO_S)
        except DriverError as error:
            return health.photo_fault_row(error)
        return health.photo_row(taken.rgb.shape[1], taken.rgb.shape[0], aligned=taken.aligned)

    parts = {"card reader": reader, "thermal sensor": sensor}
    return {**parts, health.PHOTO_CAMERA: photo} if config.photo.enabled else parts
