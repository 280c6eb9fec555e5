"""A running kiosk's own health: looked at every few seconds, shown on the technician's page, and left for ``check``.

The kiosk holds the hardware, so ``firstlight check`` cannot open it too. It reads what the kiosk found instead.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from device import health
from device.health import Row, Status
from device.kiosk.loop import Kiosk
from device.process.config import Config
from device.process.logs import Log
from device.process.moment import Timekeeper
from device.store.errors import StoreError
from device.store.faults import disk_faults
from device.store.files import SHARED_FOLDER, make_folder

LOG = Log(__name__)
EVERY_S = 10.0
FIRST_S = 2.0
"""After the start; by then the sensor has shown some frames."""
FRESH_S = 3 * EVERY_S
"""What is older than this says nothing about now. The usual longest capture (20 s) fits between two reports."""
_REPORT, _LOCK = "health.json", "kiosk.lock"


class KioskRunning(RuntimeError):
    """Another kiosk process uses this data directory, and so the hardware."""


class HealthWatch:
    """Looks at the kiosk from inside its loop; takes some milliseconds every `EVERY_S`."""

    def __init__(
        self, kiosk: Kiosk, config: Config, data_dir: Path, timekeeper: Timekeeper, publish: Callable[[Sequence[Row]], None]
    ) -> None:
        self._kiosk = kiosk
        self._config = config
        self._data_dir = data_dir
        self._time = timekeeper
        self._publish = publish
        self._due_s = timekeeper.monotonic() + FIRST_S

    def turn(self) -> None:
        """Look if it is time to, and the kiosk has time."""
        if self._time.monotonic() < self._due_s or not self._kiosk.has_time:
            return
        self._due_s = self._time.monotonic() + EVERY_S
        rows = self.look()
        self._publish(rows)
        with suppress(OSError):  # a full or read-only disk is in the rows already
            _write(self._data_dir, rows, self._time)

    def look(self) -> list[Row]:
        """Return a row for each part."""
        kiosk, config = self._kiosk, self._config
        return [
            self._reader(),
            self._sensor(),
            *self._photo(),
            *_models(kiosk),
            *self._drift(),
            *_store(kiosk, config),
            health.attempt("disk", lambda: health.disk_row(self._data_dir, config.store.reserve_bytes)),
            health.clock_row(self._time.now()),
        ]

    def _reader(self) -> Row:
        fault = self._kiosk.reader.fault
        return health.fault_row("card reader", fault) if fault else Row("card reader", Status.OK, "answers")

    def _sensor(self) -> Row:
        sensor = self._kiosk.sensor
        frames = list(sensor.recent())
        if sensor.fault is not None:
            return health.fault_row("thermal sensor", sensor.fault)
        if len(frames) < 2:
            return Row("thermal sensor", Status.WARNING, "has just been opened", "wait a few seconds")
        return health.sensor_row_of(frames, sensor.camera)

    def _drift(self) -> list[Row]:
        """Nothing where no model is loaded."""
        reference, archive = self._kiosk.reference, self._kiosk.archive
        if reference is None:
            return []

        def compare() -> Row:
            return health.drift_row(reference, archive.tallies(reference.bundle_sha256), self._time.now())

        return [health.attempt(health.MODEL_DRIFT, compare)]

    def _photo(self) -> list[Row]:
        """Nothing where the kiosk takes no photographs."""
        photographer = self._kiosk.photographer
        if photographer is None:
            return []
        if photographer.fault is not None:
            return [health.photo_fault_row(photographer.fault)]
        last = photographer.last
        if last is None:
            return [Row(health.PHOTO_CAMERA, Status.OK, "open, not used yet")]
        return [health.photo_row(last.width, last.height, aligned=last.aligned)]


def hold_kiosk_lock(data_dir: Path) -> int:
    """Take the lock that says "a kiosk runs here" for as long as this process lives; return its descriptor.

    Raises `KioskRunning` where another kiosk has it, `StoreError` where the folder cannot be used.
    """
    folder = data_dir / "store"
    with disk_faults(folder):
        make_folder(folder, SHARED_FOLDER)
        descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise KioskRunning(f"another kiosk runs with the data directory {data_dir}: stop it, or choose another") from error
    return descriptor


def kiosk_is_running(data_dir: Path) -> bool:
    """Return whether a kiosk holds the hardware of this data directory now."""
    try:
        os.close(hold_kiosk_lock(data_dir))
    except KioskRunning:
        return True
    except StoreError:
        return False
    return False


def read_report(data_dir: Path, timekeeper: Timekeeper) -> list[Row] | None:
    """Return what the running kiosk found last; ``None`` where that is missing, unreadable or too old."""
    try:
        report: dict[str, Any] = json.loads((data_dir / "store" / _REPORT).read_text(encoding="utf-8"))
        now = timekeeper.now()
        fresh = report["boot_id"] == now.boot_id and now.monotonic_s - report["monotonic_s"] <= FRESH_S
        return [Row(**{**part, "status": Status(part["status"])}) for part in report["parts"]] if fresh else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(data_dir: Path, rows: Sequence[Row], timekeeper: Timekeeper) -> None:
    """Replace the report in one step. It is not worth an fsync: after a power cut it is too old anyway."""
    now = timekeeper.now()
    report = {"boot_id": now.boot_id, "monotonic_s": now.monotonic_s, "parts": [row.as_dict() for row in rows]}
    path = data_dir / "store" / _REPORT
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(report), encoding="utf-8")
    draft.replace(path)


def _models(kiosk: Kiosk) -> list[Row]:
    if not kiosk.has_model:
        remedy = "the alarm says why; pictures are saved without an assessment"
        return [Row("breast model", Status.FAULT, "not loaded", remedy)]
    return [health.model_row(chosen) for chosen in kiosk.chosen] or [Row("breast model", Status.OK, "loaded")]


def _store(kiosk: Kiosk, config: Config) -> list[Row]:
    try:
        counts, alarms = kiosk.archive.counts(), kiosk.archive.alarms()
    except StoreError as error:
        return [health.fault_row("store", error)]
    return [health.store_row(counts, alarms), health.cloud_row(counts, config.sync.remote)]
