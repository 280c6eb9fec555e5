"""Records as a kiosk sends them, made up."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cloud_sync.local.remote import LocalRemote
from cloud_sync.paths import document_path, object_path
from device.process.moment import Moment
from device.store.records import Lane, NewRecord, Part

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def record_id(number: int) -> str:
    return f"{number:032x}"


def torso(*, warm_spot_k: float = 0.0, ambient_c: float = 22.0) -> NDArray[np.float32]:
    """Return [24, 32] °C: a body about as warm as a body, a little cooler towards its outline."""
    row, column = np.mgrid[0:24, 0:32]
    across = (column - 15.5) / (9.5 + 0.12 * row)
    body = np.clip(1.25 - across**4, 0.0, 1.0)
    celsius = ambient_c + (33.6 - ambient_c) * body - 0.7 * np.cos(across * 5.0) * body
    celsius += warm_spot_k * np.exp(-((row - 13) ** 2 + (column - 21) ** 2) / 8.0)
    celsius += np.random.default_rng(7).normal(0.0, 0.08, celsius.shape)
    return np.asarray(celsius, np.float32)


def capture(celsius: NDArray[np.float32]) -> bytes:
    """Return a ``capture.npz`` as docs/record.md has it."""
    on_body = (celsius > 29.0) & (celsius[:, ::-1] > 29.0)
    asymmetry = np.where(on_body, celsius - celsius[:, ::-1], np.nan).astype(np.float32)
    row, column = np.mgrid[0:24, 0:32]
    influence = 0.18 * np.exp(-((row - 13) ** 2 + (column - 21) ** 2) / 14.0) - 0.04 * np.exp(
        -((row - 9) ** 2 + (column - 9) ** 2) / 20.0
    )
    bad = np.zeros((24, 32), np.bool_)
    bad[3, 5] = True
    file = io.BytesIO()
    np.savez(
        file,
        celsius=celsius,
        raw=np.zeros((2, 2, 834), np.uint16),
        eeprom=np.zeros(832, np.uint16),
        map=influence.astype(np.float32),
        asymmetry=asymmetry,
        bad=bad,
    )
    return file.getvalue()


def document(number: int, content: bytes | None, **changes: Any) -> dict[str, Any]:
    """Return a record's document; ``changes`` replace its top-level keys."""
    urgent = number % 3 == 0
    whole: dict[str, Any] = {
        "schema": 1,
        "id": record_id(number),
        "patient": f"P-7K2M-{number % 4:04d}-QX",
        "patient_confirmed": number % 2 == 0,
        "modality": "thermal",
        "site": "home",
        "kiosk": "kiosk-1",
        "captured_at": (NOON - timedelta(days=number, minutes=7 * number)).isoformat().replace("+00:00", "Z"),
        "clock_synchronised": True,
        "boot_id": "00000000-0000-4000-8000-000000000001",
        "monotonic_s": 1234.5,
        "mode": "operation",
        "consent": {"text_version": "2026-1", "screening": True, "training": False, "language": "en"},
        "quality": {
            "frames": 16,
            "rejected": 1,
            "noise_k": 0.098,
            "target_noise_k": 0.1,
            "ambient_c": 22.0,
            "sensor_ambient_c": 30.0,
            "supply_v": 3.3,
            "bad_pixels": 1,
            "emissivity": 0.98,
            "reflected_c": 22.0,
            "refresh_hz": 8.0,
            "prepare_skipped": True,
            "gates": {"warm_up": True, "ambient": True, "centred": True, "motion": False},
        },
        "asymmetry": {"difference_k": 0.92 if urgent else 0.11, "uncertainty_k": 0.31, "left_c": 33.9, "right_c": 33.0},
        "prediction": {
            "outcome": "above_threshold" if urgent else "below_threshold",
            "probability": 0.71 if urgent else 0.12,
            "threshold": 0.5,
            "abstain": [0.4, 0.6],
            "model": "breast",
            "version": "1.0.0",
            "bundle_sha256": "0" * 64,
            "reason": "The score lies above the threshold." if urgent else "The score lies below the threshold.",
        },
        "result": "doctor_will_look" if urgent else "nothing_unusual",
        "timing": {"tap_to_ack_ms": 31.0, "integration_s": 4.0, "tap_to_result_s": 4.1},
        "parts": {},
    }
    if content is not None:
        digest = hashlib.sha256(content).hexdigest()
        whole["parts"] = {"capture.npz": {"media_type": "application/x-npz", "sha256": digest, "bytes": len(content)}}
    return whole | changes


def put(remote: LocalRemote, record: dict[str, Any], content: bytes | None) -> str:
    """Store a record as the sync process does, and return its path."""
    site, own_id = record["site"], record["id"]
    if content is not None:
        remote.put_object(object_path(site, own_id, "capture.npz"), content, "application/x-npz", 10.0)
    path = document_path(site, own_id)
    remote.put_document(path, json.dumps(record).encode(), 10.0)
    return path


def new_record(number: int, lane: Lane = Lane.ROUTINE, *, monotonic_s: float = 0.0, size: int = 400) -> NewRecord:
    """Return a small record for the store."""
    moment = Moment("00000000-0000-4000-8000-000000000001", monotonic_s, NOON, True)
    plain = {"schema": 1, "id": record_id(number), "patient": "P-7K2M-0001-QX", "modality": "thermal", "site": "home"}
    parts = (Part("capture.npz", "application/x-npz", bytes([number % 256]) * size),)
    return NewRecord(record_id(number), "P-7K2M-0001-QX", "thermal", moment, lane, plain, parts)
