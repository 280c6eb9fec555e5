"""The rows of ``firstlight check`` about the way to the cloud, and about what came from there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloud_sync.condition import Report
    from device.health import Row
    from device.process.config import Config
    from device.process.moment import Moment

PART = "cloud link"
SILENT_S = 300.0
"""The sync process reports each minute (`heartbeat` in [sync]) unless the remote is away; then it reports that."""
SKEWED_S = 60.0


def clinic_rows(config: Config, data_dir: Path) -> list[Row]:
    """Return a row about the settings that the clinic sent, where it has sent some."""
    from device.health import Row, Status
    from device.process.config import with_clinic
    from device.process.config.clinic import clinic_path

    if not clinic_path(data_dir).exists():
        return []
    _, left_out = with_clinic(config, data_dir)
    if left_out is None:
        return [Row("clinic settings", Status.OK, f"{clinic_path(data_dir).name} goes over the configuration")]
    return [Row("clinic settings", Status.WARNING, f"left out: {left_out}", "send others, or remove the file")]


def link_row(data_dir: Path, remote: str, now: Moment) -> Row:
    """Return how the sync process and its remote fare."""
    from cloud_sync.condition import read_report
    from device.health import Row, Status

    gateway = remote.startswith("firebase-gateway")
    report = read_report(data_dir)
    if report is None:
        said = f"{remote.partition(':')[0]}; the sync process has not reported yet"
        return Row(PART, Status.WARNING, said, _GATEWAY) if gateway else Row(PART, Status.OK, said)
    said = "; ".join(_facts(report, now))
    if report.fault is not None:
        return Row(PART, Status.WARNING, f"{said}; {report.fault}", "records wait here and lose nothing; see its log")
    if gateway or report.gateway:
        return Row(PART, Status.WARNING, f"{said}; a service account, for which the cloud's rules do not hold", _GATEWAY)
    if report.clock_ahead_s is not None and abs(report.clock_ahead_s) > SKEWED_S:
        return Row(PART, Status.WARNING, said, "set the clock, or let it be set from the network")
    if report.boot_id == now.boot_id and now.monotonic_s - report.monotonic_s > SILENT_S:
        return Row(PART, Status.WARNING, said, "is the sync process running? (`systemctl status firstlight-sync`)")
    return Row(PART, Status.OK, said)


_GATEWAY = "use it on a clinic's own computer alone; enrol a kiosk instead (docs/sync.md)"


def _facts(report: Report, now: Moment) -> list[str]:
    facts = [report.remote]
    if report.boot_id == now.boot_id:
        facts.append(f"reported {_ago(now.monotonic_s - report.monotonic_s)}")
        if report.last_synced_monotonic_s is not None:
            facts.append(f"last record confirmed {_ago(now.monotonic_s - report.last_synced_monotonic_s)}")
        else:
            facts.append("nothing confirmed since it started")
    else:
        facts.append(f"reported at {report.at}, before the last start")
    if report.identity_age_s is not None:
        facts.append(f"identity {report.identity_age_s / 60:.1f} min old")
    if report.clock_ahead_s is not None and abs(report.clock_ahead_s) > SKEWED_S:
        facts.append(f"the clock is {abs(report.clock_ahead_s):.0f} s {'ahead' if report.clock_ahead_s > 0 else 'behind'}")
    return facts


def _ago(seconds: float) -> str:
    return f"{seconds:.0f} s ago" if seconds < 120 else f"{seconds / 60:.0f} min ago"
