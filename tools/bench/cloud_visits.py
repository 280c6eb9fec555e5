"""Visits as a kiosk saves them, in size and shape; nobody's data."""

from __future__ import annotations

import json
import random
import secrets
from pathlib import Path
from typing import Any

from device.process.time import SystemTimekeeper
from device.store.database import Store
from device.store.records import Lane, NewRecord, Part

CAPTURE_BYTES = 48_211
"""Of a capture with 16 frames (docs/record.md)."""


def capture_of(number: int) -> bytes:
    return random.Random(number).randbytes(CAPTURE_BYTES)


def fields_of(number: int, record: str) -> dict[str, Any]:
    """Return a document with what docs/record.md says."""
    return {
        "schema": 1, "id": record, "patient": f"P-7K2M-{number:04d}-QX", "patient_confirmed": True, "modality": "thermal",
        "site": "home", "kiosk": "kiosk-1", "captured_at": "2026-11-20T09:30:12.123Z", "clock_synchronised": True,
        "boot_id": "00000000-0000-4000-8000-000000000001", "monotonic_s": 1234.5, "mode": "operation",
        "consent": {"text_version": "1", "screening": True, "photo": False, "training": False, "language": "en"},
        "quality": {
            "frames": 16, "rejected": 0, "noise_k": 0.098, "target_noise_k": 0.1, "ambient_c": 22.0, "sensor_ambient_c": 30.0,
            "supply_v": 3.3, "bad_pixels": 0, "emissivity": 0.98, "reflected_c": 22.0, "refresh_hz": 8.0,
            "prepare_skipped": True,
            "gates": dict.fromkeys(
                ("warm_up", "ambient", "stability", "body_present", "centred", "distance", "motion", "noise"), True
            ),
        },
        "asymmetry": {"difference_k": 0.31, "uncertainty_k": 0.12, "left_c": 33.4, "right_c": 33.1},
        "prediction": {
            "outcome": "below_threshold", "probability": 0.12, "threshold": 0.5, "abstain": [0.4, 0.6], "model": "breast",
            "version": "1.0.0", "bundle_sha256": "0" * 64, "reason": "The score lies below the threshold.",
            "prevalence": 0.006, "ill_here": [0.009, 0.006, 0.013],
        },
        "result": "nothing_unusual", "photo": None,
        "timing": {"tap_to_ack_ms": 31.0, "integration_s": 4.0, "tap_to_result_s": 4.1},
    }  # fmt: skip


def document_of(number: int, *, capture: bool = True) -> bytes:
    """Return the document with its parts, as a store seals it."""
    part = {"media_type": "application/x-npz", "sha256": "0" * 64, "bytes": CAPTURE_BYTES}
    parts = {"capture.npz": part} if capture else {}
    return json.dumps({**fields_of(number, secrets.token_hex(16)), "parts": parts}).encode()


def save_visits(data_dir: Path, count: int, *, captures: bool = True) -> None:
    """Save ``count`` visits into the store of ``data_dir``; without ``captures`` their documents alone."""
    time_ = SystemTimekeeper()
    with Store.open(data_dir, time_, reserve_bytes=0) as store:
        for number in range(count):
            record = secrets.token_hex(16)
            fields = fields_of(number, record)
            parts = (Part("capture.npz", "application/x-npz", capture_of(number)),) if captures else ()
            store.save(NewRecord(record, fields["patient"], "thermal", time_.now(), Lane.ROUTINE, fields, parts))
