"""How this kiosk and its way to the cloud fare: sent as a heartbeat, and left beside the store for `firstlight check`."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cloud_sync.remote import Heartbeat
from device.process.moment import Moment, Timekeeper, wall_text
from device.store.outbox import Outbox

REPORT = "sync.json"
MOST_WARNINGS, LONGEST_WARNING = 20, 300
_SHARED_FILE = 0o660


@dataclass(frozen=True)
class Report:
    """What the sync process knew when it last had something to say."""

    boot_id: str
    monotonic_s: float
    at: str
    remote: str
    """``local``, ``firebase``, ``firebase gateway``."""
    gateway: bool
    """A service account is in use: the cloud's rules do not hold for this machine."""
    last_synced_at: str | None
    last_synced_monotonic_s: float | None
    """When a record was confirmed last, in this boot; ``None``: none was since the process began."""
    identity_age_s: float | None
    """How old the token was; ``None`` where the remote needs none, or has given none yet."""
    clock_ahead_s: float | None
    """How far the clock here is ahead of the cloud's; ``None``: not known."""
    fault: str | None
    """Why the cloud cannot be used at present; ``None`` where it can."""


def heartbeat(outbox: Outbox, data_dir: Path, timekeeper: Timekeeper, noise_k: float | None, fault: str | None) -> Heartbeat:
    """Return how the kiosk fares now. Raises `StoreError` and `OSError`."""
    counts, disk = outbox.counts(), os.statvfs(data_dir)
    warnings = [f"{alarm.kind}: {alarm.detail}" for alarm in outbox.alarms()] + ([fault] if fault else [])
    return Heartbeat(
        version=version(),
        waiting=counts.saved,
        laid_aside=counts.dead,
        disk_free_bytes=disk.f_bavail * disk.f_frsize,
        disk_total_bytes=disk.f_blocks * disk.f_frsize,
        sensor_noise_k=noise_k,
        warnings=tuple(warning[:LONGEST_WARNING] for warning in warnings[:MOST_WARNINGS]),
        clock_synchronised=timekeeper.now().synchronised,
    )


def version() -> str:
    """Return Firstlight's version, as it was installed."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("firstlight")
    except PackageNotFoundError:
        return "not installed"


def report(
    now: Moment,
    remote: str,
    *,
    gateway: bool,
    synced: Moment | None,
    identity_age_s: float | None,
    clock_ahead_s: float | None,
    fault: str | None,
) -> Report:
    return Report(
        now.boot_id,
        now.monotonic_s,
        wall_text(now.wall),
        remote,
        gateway,
        wall_text(synced.wall) if synced is not None else None,
        synced.monotonic_s if synced is not None else None,
        identity_age_s,
        clock_ahead_s,
        fault,
    )


def write_report(data_dir: Path, written: Report) -> None:
    """Replace the report in one step. It is not worth an fsync: after a power cut it is too old anyway. Raises `OSError`."""
    path = data_dir / "store" / REPORT
    draft = path.with_suffix(".sync-draft")
    draft.write_text(json.dumps(asdict(written)), encoding="utf-8")
    draft.chmod(_SHARED_FILE)
    draft.replace(path)


def read_report(data_dir: Path) -> Report | None:
    """Return what the sync process left; ``None`` where it is missing or unreadable."""
    try:
        document: dict[str, Any] = json.loads((data_dir / "store" / REPORT).read_text(encoding="utf-8"))
        return Report(**document)
    except (OSError, ValueError, TypeError):
        return None
