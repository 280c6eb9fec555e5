"""What `firstlight check` says about the way to the cloud."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cloud_sync.condition import Report, read_report, write_report
from device.health import Status
from device.process.config import Config, write_clinic
from device.process.moment import Moment
from tools.cli.check_link import clinic_rows, link_row

NOW = Moment("boot", 1000.0, datetime(2026, 11, 26, tzinfo=UTC), True)
WELL = Report("boot", 970.0, "2026-11-26T00:00:00.000Z", "firebase", False, "2026-11-26T00:00:00.000Z", 700.0, 90.0, 0.4, None)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    (tmp_path / "store").mkdir()
    return tmp_path


def test_all_is_well(data_dir: Path) -> None:
    write_report(data_dir, WELL)
    row = link_row(data_dir, "firebase", NOW)
    assert (row.status, row.remedy) == (Status.OK, "")
    assert row.summary == "firebase; reported 30 s ago; last record confirmed 5 min ago; identity 1.5 min old"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fault": "this kiosk was revoked"}, "this kiosk was revoked"),
        ({"gateway": True, "remote": "firebase gateway"}, "rules do not hold"),
        ({"clock_ahead_s": -7200.0}, "7200 s behind"),
        ({"monotonic_s": 10.0}, "reported 16 min ago"),
    ],
)
def test_what_a_person_must_look_at(data_dir: Path, change: dict[str, object], said: str) -> None:
    write_report(data_dir, replace(WELL, **change))  # type: ignore[arg-type]
    row = link_row(data_dir, "firebase", NOW)
    assert row.status is Status.WARNING
    assert said in row.summary
    assert row.remedy


def test_a_gateway_warns_before_anything_was_sent(data_dir: Path) -> None:
    row = link_row(data_dir, "firebase-gateway:/etc/key.json", NOW)
    assert row.status is Status.WARNING
    assert "/etc/key.json" not in row.summary


def test_a_report_of_another_boot_and_no_report(data_dir: Path) -> None:
    assert link_row(data_dir, "local", NOW).summary == "local; the sync process has not reported yet"
    write_report(data_dir, replace(WELL, boot_id="earlier"))
    assert "before the last start" in link_row(data_dir, "firebase", NOW).summary
    (data_dir / "store" / "sync.json").write_text("{")
    assert read_report(data_dir) is None


def test_settings_of_the_clinic_have_a_row_once_there_are_some(data_dir: Path) -> None:
    assert clinic_rows(Config(), data_dir) == []
    write_clinic({"kiosk": {"language": "es"}}, Config(), data_dir)
    (row,) = clinic_rows(Config(), data_dir)
    assert (row.part, row.status) == ("clinic settings", Status.OK)
    (data_dir / "store" / "clinic.toml").write_text('[sync]\nremote = "local:/elsewhere"\n')
    (row,) = clinic_rows(Config(), data_dir)
    assert row.status is Status.WARNING
    assert "cannot be set from afar" in row.summary
