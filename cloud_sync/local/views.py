"""What the page gets as JSON: known keys, each of a known kind, whatever a device wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cloud_sync.local.entries import Entry, Unreadable, parse
from cloud_sync.local.fields import flag_of, number_of, numbers_of, table_of, text_of
from cloud_sync.local.reader import Held

_QUALITY_NUMBERS = (
    "frames",
    "rejected",
    "noise_k",
    "target_noise_k",
    "ambient_c",
    "sensor_ambient_c",
    "supply_v",
    "bad_pixels",
    "emissivity",
    "reflected_c",
    "refresh_hz",
)
_PREDICTION_TEXTS = ("outcome", "model", "version", "bundle_sha256", "reason")


def line(entry: Entry, opened: Mapping[str, str]) -> dict[str, Any]:
    """Return one line of the worklist or of a history."""
    return {
        "path": entry.path,
        "id": entry.id,
        "site": entry.site,
        "kiosk": entry.kiosk,
        "patient": entry.patient,
        "patient_confirmed": entry.patient_confirmed,
        "modality": entry.modality,
        "at": entry.at.isoformat(timespec="seconds"),
        "clock_synchronised": entry.clock_synchronised,
        "urgency": entry.urgency.name.lower(),
        "outcome": entry.outcome,
        "result": entry.result,
        "probability": entry.probability,
        "difference_k": entry.difference_k,
        "uncertainty_k": entry.uncertainty_k,
        "problem": entry.problem,
        "opened_at": opened.get(entry.path),
        "is_examination": entry.is_examination,
    }


def record(held: Held, entry: Entry, history: Sequence[Entry], opened: Mapping[str, str]) -> dict[str, Any]:
    """Return everything that the record's page shows beside the pictures."""
    try:
        document = parse(held)
    except Unreadable:  # the entry says why
        document = {}
    return {
        **line(entry, opened),
        "captured_at": entry.captured_at,
        "received_at": entry.received_at,
        "mode": text_of(document, "mode"),
        "consent": {
            "text_version": text_of(document, "consent", "text_version"),
            "screening": flag_of(document, "consent", "screening"),
            "training": flag_of(document, "consent", "training"),
        },
        "asymmetry": {
            key: number_of(document, "asymmetry", key) for key in ("difference_k", "uncertainty_k", "left_c", "right_c")
        },
        "quality": _quality(document),
        "prediction": _prediction(document),
        "integration_s": number_of(document, "timing", "integration_s"),
        "parts": [_part(name, document) for name in table_of(document, "parts")],
        "history": [line(other, opened) for other in history],
    }


def _quality(document: Mapping[str, Any]) -> dict[str, Any]:
    gates = table_of(document, "quality", "gates")
    return {
        **{key: number_of(document, "quality", key) for key in _QUALITY_NUMBERS},
        "prepare_skipped": flag_of(document, "quality", "prepare_skipped"),
        "gates": {name[:60]: passed if isinstance(passed, bool) else None for name, passed in gates.items()},
    }


def _prediction(document: Mapping[str, Any]) -> dict[str, Any] | None:
    if not table_of(document, "prediction"):
        return None
    return {
        **{key: text_of(document, "prediction", key) for key in _PREDICTION_TEXTS},
        "probability": number_of(document, "prediction", "probability"),
        "threshold": number_of(document, "prediction", "threshold"),
        "abstain": numbers_of(document, "prediction", "abstain"),
        "prevalence": number_of(document, "prediction", "prevalence"),
        "ill_here": numbers_of(document, "prediction", "ill_here"),
    }


def _part(name: str, document: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name[:200], "bytes": number_of(document, "parts", name, "bytes")}
