"""The kiosks of a site: what they said last, as far as it can be read, and since when nothing was heard of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cloud_sync.fields import number_of, text_of
from cloud_sync.local.reader import CloudReader

MOST_WARNINGS = 20
_NUMBERS = ("waiting", "laid_aside", "disk_free_bytes", "disk_total_bytes", "sensor_noise_k")


def fleet_of(reader: CloudReader, site: str, heard_of: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a line for each kiosk that was enrolled, spoke, or sent a record (``heard_of``: when the last one arrived).

    Raises `OSError` and `sqlite3.Error`.
    """
    enrolled = {_name(held.path): _table(held.content) for held in reader.documents_below(f"sites/{site}/kiosks/")}
    beats = {_name(path): (_table(content), at) for path, content, at in reader.heartbeats_below(f"sites/{site}/heartbeats/")}
    lines = []
    for kiosk in sorted(enrolled.keys() | beats.keys() | heard_of.keys()):
        beat, beat_at = beats.get(kiosk, ({}, None))
        last_contact = max(filter(None, (beat_at, heard_of.get(kiosk))), default=None)
        lines.append(_line(kiosk, enrolled.get(kiosk, {}), beat, last_contact))
    return lines


def _line(kiosk: str, enrolment: Mapping[str, Any], beat: Mapping[str, Any], last_contact: str | None) -> dict[str, Any]:
    warnings = beat.get("warnings")
    return {
        "kiosk": kiosk,
        "label": text_of(enrolment, "label"),
        "revoked_at": text_of(enrolment, "revoked_at"),
        "last_contact": last_contact,
        "version": text_of(beat, "version"),
        **{name: number_of(beat, name) for name in _NUMBERS},
        "warnings": [text_of({"warning": entry}, "warning") for entry in warnings[:MOST_WARNINGS] if isinstance(entry, str)]
        if isinstance(warnings, list)
        else [],
    }


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _table(content: bytes | str | None) -> dict[str, Any]:
    try:
        table = json.loads(content or b"")
    except (ValueError, RecursionError):
        return {}
    return table if isinstance(table, dict) else {}
