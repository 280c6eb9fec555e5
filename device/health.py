"""Every part of the kiosk, looked at: what works, what does not, and what to do about it.

Used by ``firstlight check`` with hardware of its own, and by a running kiosk for its technician's page.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from device.process.moment import Moment
from device.store.alarms import Alarm
from device.store.counts import Counts
from device.store.errors import StoreError
from device.store.tallies import Tally
from device.visit.drift_report import drift_report
from drivers.clock import Clock, Deadline
from drivers.errors import DriverError
from drivers.protocols import CardReader, ThermalCamera, ThermalFrame
from models.choice import Chosen, Origin
from models.drift import Reference
from models.errors import ModelError

SENSOR_FRAMES = 12
"""Frames to estimate the noise from: 3 s at 8 Hz, known to about 2 % over 768 pixels."""
_MAD_TO_SIGMA = 1.4826
"""For a normal distribution (Rousseeuw and Croux, J. Am. Stat. Assoc. 88:1273, 1993)."""
_NOISY = 2.0
"""So many times the data sheet's noise is a fault of the sensor or its supply, or something moves in front of it."""


PHOTO_CAMERA, MODEL_DRIFT = "photo camera", "model drift"
MODEL_PARTS = {"breast": "breast model", "chest-gate": "chest gate"}
FAULTS = (DriverError, StoreError, ModelError, OSError)
"""What a part may raise; each message says what to do."""


class Status(StrEnum):
    """How a part is; it decides the tick, and the exit code of ``check``."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True)
class Row:
    """One part of the kiosk."""

    part: str
    status: Status
    summary: str
    remedy: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "status": str(self.status)}


def worst(rows: list[Row]) -> Status:
    """Return the status of the whole."""
    return max((row.status for row in rows), key=list(Status).index, default=Status.OK)


def attempt(part: str, examine: Callable[[], Row]) -> Row:
    """Return what ``examine`` finds; an error of the rooms becomes a row, since its message already says what to do."""
    try:
        return examine()
    except FAULTS as error:
        return fault_row(part, error)


def fault_row(part: str, error: Exception) -> Row:
    """Return the row of a part that raised ``error``."""
    return Row(part, Status.FAULT, "does not work", str(error))


def reader_row(reader: CardReader) -> Row:
    """Run the reader's own test."""
    version = reader.self_test()
    return Row("card reader", Status.OK, f"{version}, self-test passed")


def sensor_row(camera: ThermalCamera, clock: Clock) -> Row:
    """Take some frames and compare their noise with the data sheet's."""
    frames = _frames(camera, clock)
    return sensor_row_of(frames, camera)


def sensor_row_of(frames: list[ThermalFrame], camera: ThermalCamera) -> Row:
    """Judge recent frames: noise, Ta, Vdd, bad pixels, and the bus where the driver knows its speed."""
    noise_k = frame_noise(frames)
    expected_k = camera.optics.netd_1hz_k * camera.refresh_hz**0.5
    last = frames[-1]
    bus_hz = getattr(camera, "bus_hz", float("inf"))
    bad = int(last.bad.sum())
    figures = {
        "noise_k": round(noise_k, 3), "expected_noise_k": round(expected_k, 3), "sensor_ambient_c": round(last.ambient_c, 2),
        "supply_v": round(last.supply_v, 3), "bad_pixels": bad, "bus_hz": round(bus_hz) if np.isfinite(bus_hz) else None,
    }  # fmt: skip
    bus = f", bus {bus_hz / 1000:.0f} kHz" if np.isfinite(bus_hz) else ""
    summary = (
        f"noise {noise_k:.2f} K a frame (data sheet {expected_k:.2f} K), Ta {last.ambient_c:.1f} °C, "
        f"Vdd {last.supply_v:.2f} V, {bad} bad pixels{bus}"
    )
    if noise_k > _NOISY * expected_k:
        remedy = "keep the view clear and still during the check; if it stays, check the 3.3 V supply, then replace the sensor"
        return Row("thermal sensor", Status.WARNING, summary, remedy, figures)
    return Row("thermal sensor", Status.OK, summary, figures=figures)


def frame_noise(frames: list[ThermalFrame]) -> float:
    """Return the noise of one frame in K, by the median of neighbouring frames' differences: a moving edge counts little."""
    if len(frames) < 2:
        raise ValueError("noise needs two frames at least")
    differences = np.abs(np.diff(np.stack([frame.celsius for frame in frames]), axis=0))
    return float(_MAD_TO_SIGMA * np.median(differences) / np.sqrt(2))


def photo_row(width: int, height: int, *, aligned: bool) -> Row:
    """Describe a photograph that was taken."""
    where = "aligned to the thermal picture" if aligned else "not aligned: [photo] homography is empty"
    figures = {"width": width, "height": height, "aligned": aligned}
    return Row(PHOTO_CAMERA, Status.OK, f"{width}×{height} pixels, {where}", figures=figures)


def photo_fault_row(error: Exception) -> Row:
    """Return the row of a photo camera that raised ``error``; visits go on without it."""
    remedy = f"{error} Then restart the kiosk; it works without photographs meanwhile"
    return Row(PHOTO_CAMERA, Status.WARNING, "takes no photographs", remedy)


def model_row(chosen: Chosen[Any]) -> Row:
    """Say which bundle is in use, whether it is the one that should be, and who answers for it."""
    card = chosen.bundle.card
    part = MODEL_PARTS.get(card.name, card.name)
    origin = "" if chosen.origin is Origin.SHIPPED else f"{chosen.origin}, "
    summary = f"{card.name} {card.version}, {origin}{chosen.trust}"
    figures = {"bundle_sha256": chosen.bundle.sha256, "origin": chosen.origin.value, "key": chosen.trust.key}
    if chosen.passed_over:
        return Row(part, Status.WARNING, f"{summary}, instead of another", str(chosen.passed_over[0]), figures)
    if chosen.trust.unsigned:
        remedy = "nobody answers for this bundle: activate a signed one, or go back with `firstlight models rollback`"
        return Row(part, Status.WARNING, summary, remedy, figures)
    return Row(part, Status.OK, summary, figures=figures)


def drift_row(reference: Reference, tallies: Iterable[Tally], now: Moment) -> Row:
    """Compare what the model saw lately with what it was trained on."""
    report = drift_report(reference, tallies, now)
    status = Status.WARNING if report.drifted else Status.OK
    return Row(MODEL_DRIFT, status, report.summary, report.remedy, report.figures)


def disk_row(data_dir: Path, reserve_bytes: int) -> Row:
    """Compare the free space with what is kept in reserve."""
    free = shutil.disk_usage(data_dir).free
    summary = f"{free / 1e9:.1f} GB free, {reserve_bytes / 1e9:.1f} GB in reserve"
    figures = {"free_bytes": free, "reserve_bytes": reserve_bytes}
    if free < reserve_bytes:
        remedy = "no patient is accepted: connect the network so that records can leave, or free space on the card"
        return Row("disk", Status.FAULT, summary, remedy, figures)
    if free < 2 * reserve_bytes:
        return Row("disk", Status.WARNING, summary, "connect the network so that records can leave", figures)
    return Row("disk", Status.OK, summary, figures=figures)


def clock_row(moment: Moment) -> Row:
    """Say whether the wall clock may be believed."""
    wall = f"{moment.wall:%Y-%m-%d %H:%M} UTC"
    figures = {"synchronised": moment.synchronised, "wall": moment.wall.isoformat()}
    if moment.synchronised:
        return Row("clock", Status.OK, f"{wall}, synchronised", figures=figures)
    remedy = "records are marked as unsynchronised until it is right: give it a network, or `timedatectl set-time`"
    return Row("clock", Status.WARNING, f"{wall}, not synchronised since the start", remedy, figures)


def store_row(counts: Counts, alarms: list[Alarm]) -> Row:
    """Judge the store by its alarms."""
    waiting = f"{counts.saved + counts.dead} records not in the cloud yet ({counts.unsynced_bytes / 1e6:.1f} MB)"
    summary = f"{waiting}, {counts.synced} synced"
    figures = asdict(counts)
    if alarms:
        last = max(alarms, key=lambda alarm: alarm.last.wall)
        return Row(
            "store",
            Status.WARNING,
            f"{summary}; alarm: {last.detail}",
            "look into it, then `firstlight check --clear-alarms`",
            figures,
        )
    return Row("store", Status.OK, summary, figures=figures)


def cloud_row(counts: Counts, remote: str) -> Row:
    """Judge the way to the cloud by what has been confirmed and what waits."""
    summary = f"{remote}: {counts.synced + counts.purged} confirmed, {counts.saved} waiting, {counts.dead} given up"
    if counts.dead:
        return Row(
            "cloud",
            Status.FAULT,
            summary,
            "`firstlight records list` names them and why; remove the cause, then `firstlight sync --once --again`",
        )
    if counts.urgent:
        return Row(
            "cloud",
            Status.WARNING,
            f"{summary}; {counts.urgent} are urgent",
            "is the sync process running, and the network there?",
        )
    return Row("cloud", Status.OK, summary)


def _frames(camera: ThermalCamera, clock: Clock) -> list[ThermalFrame]:
    """Take consecutive frames; a frame takes two subpages."""
    frames: list[ThermalFrame] = []
    deadline = Deadline(clock, 4 * SENSOR_FRAMES / camera.refresh_hz + 2, f"the sensor did not deliver {SENSOR_FRAMES} frames")
    while len(frames) < SENSOR_FRAMES:
        frame = camera.poll()
        if frame is not None:
            frames.append(frame)
        deadline.check()
        clock.sleep(1 / camera.refresh_hz / 25)
    return frames
