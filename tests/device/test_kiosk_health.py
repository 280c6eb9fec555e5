"""A running kiosk's view of itself: when it looks, what it leaves for `firstlight check`, and the lock that says it runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from device.health import Row, Status
from device.kiosk import health as kiosk_health
from device.kiosk.health import (
    EVERY_S,
    FIRST_S,
    FRESH_S,
    HealthWatch,
    KioskRunning,
    hold_kiosk_lock,
    kiosk_is_running,
    read_report,
)
from device.process.time import VirtualTimekeeper
from device.screen.scripted import AGREEABLE
from device.store.errors import StoreError
from device.visit.table import State
from models import drift
from models.drift import Reference
from tests.device.visit.booth import ANA, Booth, configured
from tests.device.visit.conftest import MakeBooth
from tests.models.making import chest

PARTS = ["card reader", "thermal sensor", "breast model", "store", "cloud", "disk", "clock"]


class Watched:
    """A booth that looks at itself in each turn, as the process does."""

    def __init__(self, booth: Booth) -> None:
        self.booth = booth
        self.published: list[list[Row]] = []
        self.watch = HealthWatch(booth.kiosk, booth.config, booth.data_dir, booth.time, self._publish)

    def _publish(self, rows: Sequence[Row]) -> None:
        self.published.append(list(rows))

    def run(self, seconds: float) -> None:
        end_s = self.booth.time.monotonic() + seconds
        while self.booth.time.monotonic() < end_s:
            self.booth.step()
            self.watch.turn()

    @property
    def rows(self) -> dict[str, Row]:
        return {row.part: row for row in self.published[-1]}


@pytest.fixture
def watched(make_booth: MakeBooth) -> Watched:
    return Watched(make_booth())


def test_it_looks_soon_after_the_start_and_then_every_ten_seconds(watched: Watched) -> None:
    watched.run(FIRST_S - 0.5)
    assert watched.published == []
    watched.run(1.0)
    assert len(watched.published) == 1
    watched.run(3 * EVERY_S)
    assert len(watched.published) == 4
    assert list(watched.rows) == PARTS
    assert {part: row.status for part, row in watched.rows.items()} == dict.fromkeys(PARTS, Status.OK)


def test_it_looks_while_a_patient_prepares_and_not_while_a_picture_is_taken(watched: Watched) -> None:
    booth = watched.booth
    booth.screen.answers = {}
    watched.run(3.0)
    booth.tap(ANA)
    watched.run(1.0)
    assert booth.state is State.CONSENT
    looked = len(watched.published)
    watched.run(FRESH_S)
    assert len(watched.published) >= looked + 2, "a visit of many minutes does not look like a kiosk that has stopped"
    booth.leave()
    booth.screen.answers = dict(AGREEABLE)
    booth.tap(ANA)
    booth.until_state(State.CAPTURE)
    looked = len(watched.published)
    while booth.kiosk.visit.state is State.CAPTURE:
        watched.watch.turn()
        booth.step()
    assert len(watched.published) == looked


@pytest.mark.parametrize(
    ("fault", "part"),
    [("i2c_nack", "thermal sensor"), ("sensor_frozen", "thermal sensor"), ("reader_gone", "card reader")],
)
def test_a_part_that_breaks_is_found_and_a_part_that_heals_too(watched: Watched, fault: str, part: str) -> None:
    watched.booth.world.faults.set(fault, True)
    watched.run(2 * EVERY_S)
    assert watched.rows[part].status is Status.FAULT
    assert watched.rows[part].remedy
    watched.booth.world.faults.clear()
    watched.run(60.0)
    assert watched.rows[part].status is Status.OK


def test_a_model_that_is_not_there_is_said(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(watched.booth.kiosk), "has_model", False)
    watched.run(3.0)
    assert watched.rows["breast model"].status is Status.FAULT


def test_what_the_model_saw_is_compared_with_its_card(make_booth: MakeBooth) -> None:
    reference = Reference("0" * 64, drift.reference_of([chest(seed) for seed in range(10)], [0.1, 0.5]), 128)
    watched = Watched(make_booth(reference=reference))
    watched.booth.visit()
    watched.run(EVERY_S + 1.0)
    row = watched.rows["model drift"]
    assert row.status is Status.OK
    assert row.summary == "week 2026-W47 so far: 1 of the 20 patients that are needed to say anything"
    (read,) = [each for each in read_report(watched.booth.data_dir, watched.booth.time) or [] if each.part == "model drift"]
    assert read.figures["outcomes"] == {"below_threshold": 1}


def test_records_and_alarms_are_counted(watched: Watched) -> None:
    watched.booth.visit()
    watched.booth.archive.raise_alarm("site_key_lost", "put the old key back")
    watched.run(EVERY_S + 1.0)
    assert "2 records not in the cloud yet" in watched.rows["store"].summary
    assert watched.rows["store"].status is Status.WARNING
    assert "put the old key back" in watched.rows["store"].summary


def test_a_store_that_cannot_be_read_is_a_line_and_not_the_end(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable() -> None:
        raise StoreError("the disk does not answer; replace the SD card")

    watched.run(3.0)
    monkeypatch.setattr(watched.booth.archive, "counts", unreadable)
    watched.run(EVERY_S)
    assert watched.rows["store"].status is Status.FAULT
    assert "replace the SD card" in watched.rows["store"].remedy


def test_the_photo_camera_has_a_line_where_there_is_one(make_booth: MakeBooth) -> None:
    watched = Watched(make_booth(config=configured(photo={"url": "sim:"})))
    watched.run(3.0)
    assert "not used yet" in watched.rows["photo camera"].summary
    watched.booth.visit()
    watched.run(EVERY_S + 1.0)
    assert "1280×960 pixels, not aligned" in watched.rows["photo camera"].summary
    watched.booth.world.photo.cable_loose = True
    watched.booth.visit()
    watched.run(EVERY_S + 1.0)
    assert watched.rows["photo camera"].status is Status.WARNING
    assert "ribbon cable" in watched.rows["photo camera"].remedy


# -- the report


def test_the_report_is_what_was_published(watched: Watched) -> None:
    watched.run(3.0)
    assert read_report(watched.booth.data_dir, watched.booth.time) == watched.published[-1]


def test_an_old_report_and_one_of_another_boot_say_nothing(watched: Watched) -> None:
    watched.run(3.0)
    data_dir, time = watched.booth.data_dir, watched.booth.time
    time.sleep(FRESH_S - 3.0)
    assert read_report(data_dir, time) is not None
    time.sleep(4.0)
    assert read_report(data_dir, time) is None
    assert read_report(data_dir, VirtualTimekeeper(boot="another")) is None


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"boot_id": 1}', '{"boot_id": "b", "monotonic_s": "x", "parts": 3}'])
def test_a_report_that_is_none_says_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "store").mkdir()
    time = VirtualTimekeeper()
    assert read_report(tmp_path, time) is None
    (tmp_path / "store" / "health.json").write_text(content)
    assert read_report(tmp_path, time) is None


def test_a_part_with_an_unknown_status_says_nothing(watched: Watched) -> None:
    watched.run(3.0)
    path = watched.booth.data_dir / "store" / "health.json"
    report = json.loads(path.read_text())
    report["parts"][0]["status"] = "splendid"
    path.write_text(json.dumps(report))
    assert read_report(watched.booth.data_dir, watched.booth.time) is None


def test_a_disk_that_cannot_be_written_to_keeps_the_page_up_to_date(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(kiosk_health, "_write", read_only)
    watched.run(3.0)
    assert len(watched.published) == 1


# -- the lock


HOLD = """
import sys
from pathlib import Path
from device.kiosk.health import hold_kiosk_lock

hold_kiosk_lock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_one_kiosk_on_one_data_directory(tmp_path: Path) -> None:
    assert not kiosk_is_running(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        assert kiosk_is_running(tmp_path)
        with pytest.raises(KioskRunning, match="another kiosk runs with the data directory"):
            hold_kiosk_lock(tmp_path)
        other.kill()
    assert not kiosk_is_running(tmp_path), "a kiosk that was killed leaves no lock behind"


def test_a_folder_that_cannot_be_used_is_a_fault_of_the_store(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    data_dir.write_text("this is a file")
    with pytest.raises(StoreError):
        hold_kiosk_lock(data_dir)
    assert not kiosk_is_running(data_dir)
