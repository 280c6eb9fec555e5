"""Documents of docs/data-model.md that the rules must accept, for tests to change one field of."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from tests.cloud_sync.firebase.rules_rest import NOW

PATIENT = "P-1111-2222-33"
Document = dict[str, Any]


def json_of(record: str) -> str:
    return json.dumps({"schema": 1, "id": record, "note": "Überprüft, 36.6 °C"}, ensure_ascii=False)


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def record_document(record: str, *, kiosk: str = "hall", patient: str | None = PATIENT) -> Document:
    content = json_of(record)
    return {
        "schema": 1,
        "json": content,
        "sha256": sha256_of(content),
        "kiosk": kiosk,
        "patient": patient,
        "uploads": {"capture.npz": "0" * 32},
        "received_at": NOW,
    }


def line(record: str, *, kiosk: str = "hall", patient: str | None = PATIENT) -> Document:
    return {
        "schema": 1,
        "record": record,
        "kiosk": kiosk,
        "patient": patient,
        "patient_confirmed": False,
        "modality": "thermal",
        "captured_at": "2026-11-20T09:30:12.123Z",
        "clock_synchronised": True,
        "received_at": NOW,
        "urgency": "look_first",
        "rank": 0,
        "outcome": "above_threshold",
        "result": "doctor_will_look",
        "probability": 0.71,
        "difference_k": 0.92,
        "uncertainty_k": 0.31,
        "lesion_ml": None,
        "lesion_uncertainty_ml": None,
        "reading": "unread",
        "last_verdict": None,
        "to_do": True,
    }


def consent(record: str, *, patient: str | None = PATIENT) -> Document:
    return {
        "schema": 1,
        "record": record,
        "patient": patient,
        "text_version": "1",
        "screening": True,
        "photo": False,
        "training": True,
        "language": "en",
        "captured_at": "2026-11-20T09:30:12.123Z",
        "received_at": NOW,
    }


def heartbeat() -> Document:
    return {
        "schema": 1,
        "at": NOW,
        "version": "0.1.0",
        "waiting": 3,
        "laid_aside": 0,
        "disk_free_bytes": 20_000_000_000,
        "disk_total_bytes": 32_000_000_000,
        "sensor_noise_k": 0.098,
        "warnings": ["clock-unset"] * 20,
        "clock_synchronised": True,
    }


def command() -> Document:
    return {
        "schema": 1,
        "kind": "configure",
        "value": {"language": "es"},
        "queued_at": NOW,
        "state": "queued",
        "accepted": None,
        "detail": None,
        "answered_at": None,
    }


def answer() -> Document:
    return {"state": "answered", "accepted": True, "detail": "Done.", "answered_at": NOW}


def entry(uid: str, name: str, record: str | None, *, action: str = "open_record", patient: str | None = PATIENT) -> Document:
    return {"schema": 1, "uid": uid, "name": name, "action": action, "record": record, "patient": patient, "at": NOW}


def opening(uid: str, record: str, audited: str) -> Document:
    return {"schema": 1, "uid": uid, "record": record, "entry": audited, "at": NOW}


def review(uid: str, name: str, record: str) -> Document:
    return {
        "schema": 1,
        "record": record,
        "record_sha256": sha256_of(json_of(record)),
        "patient": PATIENT,
        "author": uid,
        "author_name": name,
        "verdict": "recall",
        "note": "Warmer on the left than last year; please see her again in March.",
        "supersedes": None,
        "at": NOW,
    }
