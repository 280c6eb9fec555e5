"""What each part's line says, from healthy to broken."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from device import health
from device.health import Row, Status
from device.process.moment import Moment
from device.process.time import VirtualTimekeeper
from device.store.alarms import Alarm
from device.store.counts import Counts
from device.store.errors import StoreFull
from drivers.errors import DeadlineExceeded, NotAcknowledged
from drivers.mlx90640.optics import NARROW, WIDE
from drivers.open import open_card_reader, open_thermal_camera
from drivers.protocols import Optics, ThermalFrame
from drivers.sim.body import Torso
from drivers.sim.world import World
from models.bundle import Bundle, default_bundle
from models.choice import Chosen, Origin
from models.errors import BundleCorrupt, ModelError
from models.trust import Trust
from tests.device.visit.scenes import frame, noisy, torso

NOTHING = Counts(saved=0, urgent=0, synced=0, dead=0, purged=0, unsynced_bytes=0)


@pytest.fixture
def time() -> VirtualTimekeeper:
    return VirtualTimekeeper()


def world_of(time: VirtualTimekeeper, optics: Optics = WIDE) -> World:
    world = World(time, optics=optics)
    world.body = Torso()
    return world


def frames(sigma_k: float, count: int = 12) -> list[ThermalFrame]:
    rng = np.random.default_rng(1)
    return [frame(noisy(torso(), sigma_k, rng), number / 4) for number in range(count)]


# -- the whole


def test_the_worst_part_decides() -> None:
    rows = [Row("a", Status.OK, ""), Row("b", Status.WARNING, ""), Row("c", Status.OK, "")]
    assert health.worst(rows) is Status.WARNING
    assert health.worst([*rows, Row("d", Status.FAULT, "")]) is Status.FAULT
    assert health.worst([]) is Status.OK


def test_a_row_is_ready_for_json() -> None:
    row = Row("disk", Status.WARNING, "nearly full", "free some space", {"bytes": 12})
    assert json.loads(json.dumps(row.as_dict())) == {
        "part": "disk", "status": "warning", "summary": "nearly full", "remedy": "free some space", "figures": {"bytes": 12},
    }  # fmt: skip


@pytest.mark.parametrize(
    "error", [NotAcknowledged("unplugged; plug it in"), StoreFull("full"), ModelError("no card"), OSError("I/O")]
)
def test_what_a_part_raises_becomes_its_row(error: Exception) -> None:
    def examine() -> Row:
        raise error

    row = health.attempt("part", examine)
    assert (row.part, row.status) == ("part", Status.FAULT)
    assert str(error) in row.remedy


def test_a_fault_of_the_program_is_not_hidden() -> None:
    def examine() -> Row:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        health.attempt("part", examine)


# -- reader and sensor, on simulated wires


def test_a_reader_that_passes_its_test(time: VirtualTimekeeper) -> None:
    row = health.reader_row(open_card_reader("sim:", time, world=world_of(time)))
    assert row.status is Status.OK
    assert "self-test passed" in row.summary


@pytest.mark.parametrize("optics", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_sensor_is_compared_with_its_data_sheet(time: VirtualTimekeeper, optics: Optics) -> None:
    camera = open_thermal_camera("sim:", time, world=world_of(time, optics), optics=optics)
    row = health.sensor_row(camera, time)
    assert row.status is Status.OK
    assert row.figures["noise_k"] == pytest.approx(optics.netd_1hz_k * 8**0.5, rel=0.15)
    assert row.figures["sensor_ambient_c"] == pytest.approx(30.0, abs=0.1)
    assert row.figures["supply_v"] == pytest.approx(3.3, abs=0.02)
    assert row.figures["bus_hz"] == pytest.approx(400_000, rel=0.1)


def test_a_sensor_that_falls_silent_is_not_waited_for(time: VirtualTimekeeper) -> None:
    world = world_of(time)
    camera = open_thermal_camera("sim:", time, world=world)
    world.faults.sensor_silent = True
    began_s = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        health.sensor_row(camera, time)
    assert time.monotonic() - began_s < 10.0


def test_a_noisy_sensor_is_a_warning_with_a_remedy(time: VirtualTimekeeper) -> None:
    camera = open_thermal_camera("sim:", time, world=world_of(time))
    row = health.sensor_row_of(frames(1.2), camera)
    assert row.status is Status.WARNING
    assert "3.3 V" in row.remedy
    assert health.sensor_row_of(frames(0.4), camera).status is Status.OK


def test_the_noise_is_that_of_one_frame_whatever_moves() -> None:
    assert health.frame_noise(frames(0.5)) == pytest.approx(0.5, rel=0.05)
    moving = [frame(noisy(torso(x=0.01 * number), 0.5, np.random.default_rng(number)), number / 4) for number in range(12)]
    differences = np.diff([each.celsius for each in moving], axis=0)
    assert health.frame_noise(moving) < 0.6 < 0.7 < np.std(differences) / 2**0.5, "the outline that moves counts little"
    with pytest.raises(ValueError, match="two frames"):
        health.frame_noise(frames(0.5, 1))


# -- models, photographs


def chosen(**changes: Any) -> Chosen[None]:
    bundle = Bundle.open(default_bundle("breast"))
    return replace(Chosen(None, bundle, Origin.SHIPPED, Trust(shipped=True), ()), **changes)


def test_the_bundle_in_use_is_named_with_who_answers_for_it() -> None:
    row = health.model_row(chosen())
    assert row.status is Status.OK
    assert re.fullmatch(r"breast \S+, shipped with this version", row.summary)
    signed = health.model_row(chosen(origin=Origin.ACTIVE, trust=Trust(key="0123456789abcdef")))
    assert signed.status is Status.OK
    assert signed.summary.endswith("active, signed with key 0123456789abcdef")


def test_a_bundle_that_nobody_has_signed_is_a_warning() -> None:
    row = health.model_row(chosen(origin=Origin.ACTIVE, trust=Trust()))
    assert (row.status, "signed by nobody" in row.summary) == (Status.WARNING, True)
    assert "firstlight models rollback" in row.remedy


def test_a_bundle_used_instead_of_another_is_a_warning_that_says_why() -> None:
    row = health.model_row(chosen(passed_over=(BundleCorrupt("model.tflite differs from its hash"),)))
    assert row.status is Status.WARNING
    assert "instead of another" in row.summary
    assert "differs from its hash" in row.remedy


def test_photographs_are_described_and_their_fault_is_a_warning_alone() -> None:
    assert "640×480 pixels, aligned" in health.photo_row(640, 480, aligned=True).summary
    assert "not aligned" in health.photo_row(640, 480, aligned=False).summary
    row = health.photo_fault_row(DeadlineExceeded("The photo camera delivered no picture. Check its ribbon cable."))
    assert row.status is Status.WARNING
    assert "ribbon cable" in row.remedy


# -- disk, clock, store, cloud


@pytest.mark.parametrize(("share", "status"), [(0.1, Status.OK), (0.7, Status.WARNING), (2.0, Status.FAULT)])
def test_the_disk_is_compared_with_the_reserve(tmp_path: Path, share: float, status: Status) -> None:
    free = os.statvfs(tmp_path)
    row = health.disk_row(tmp_path, int(share * free.f_bavail * free.f_frsize))
    assert row.status is status
    assert bool(row.remedy) is (status is not Status.OK)


@pytest.mark.parametrize("synchronised", [True, False])
def test_a_clock_that_was_never_set_is_a_warning(time: VirtualTimekeeper, synchronised: bool) -> None:
    moment: Moment = replace(time.now(), synchronised=synchronised)
    row = health.clock_row(moment)
    assert row.status is (Status.OK if synchronised else Status.WARNING)
    assert "2026-11-20" in row.summary


def test_the_last_alarm_is_shown(time: VirtualTimekeeper) -> None:
    assert health.store_row(NOTHING, []).status is Status.OK
    first = Alarm("salvaged", "the store was damaged", 1, time.now())
    time.sleep(60)
    second = Alarm("site_key_lost", "put the old key back", 2, time.now())
    row = health.store_row(replace(NOTHING, saved=2, dead=1, synced=5, unsynced_bytes=3_000_000), [second, first])
    assert row.status is Status.WARNING
    assert "3 records not in the cloud yet (3.0 MB), 5 synced; alarm: put the old key back" in row.summary


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda counts: counts, Status.OK),
        (lambda counts: replace(counts, saved=9), Status.OK),
        (lambda counts: replace(counts, saved=9, urgent=1), Status.WARNING),
        (lambda counts: replace(counts, dead=1), Status.FAULT),
    ],
)
def test_the_way_to_the_cloud_is_judged_by_what_waits(change: Callable[[Counts], Counts], status: Status) -> None:
    row = health.cloud_row(change(NOTHING), "local")
    assert row.status is status
    assert row.summary.startswith("local: 0 confirmed")
    assert bool(row.remedy) is (status is not Status.OK)
