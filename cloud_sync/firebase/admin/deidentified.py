"""A record without whom it is of: what is kept is listed here, everything else is left behind.

Left behind with reason: the patient's reference and the record's id (drawn anew), site and kiosk, every free text (notes,
reasons), the photograph, and of ``capture.npz`` the sensor's EEPROM, raw words and broken pixels: its serial number, and
which of its pixels are broken, tell which kiosk it was.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from cloud_sync.fields import flag_of, number_of, numbers_of, table_of, text_of
from cloud_sync.firebase.admin.records import Review

SCHEMA = 1
ARRAYS = ("celsius", "map", "asymmetry")
LARGEST_PART = 32 * 1024 * 1024
QUALITY = (
    "frames", "rejected", "noise_k", "target_noise_k", "ambient_c", "sensor_ambient_c", "supply_v", "bad_pixels",
    "emissivity", "reflected_c", "refresh_hz",
)  # fmt: skip
GATES = ("warm_up", "ambient", "stability", "body_present", "centred", "distance", "motion", "noise")
OUTCOMES = ("below_threshold", "above_threshold", "abstained", "out_of_domain")
RESULTS = ("nothing_unusual", "doctor_will_look", "not_assessed")
VERDICTS = ("agree", "disagree", "recall", "not_assessable")


@dataclass(frozen=True)
class Study:
    """Somebody in an export: a random name, and by how much their dates are moved."""

    name: str
    shift: timedelta


class Unusable(ValueError):
    """A record cannot go into a training export; the message says why."""


def document_of(record: Mapping[str, Any], study: Study, name: str, reviews: Sequence[Review]) -> bytes:
    """Return the document of a record that is called ``name`` in the export."""
    kept = {
        "schema": SCHEMA,
        "record": name,
        "study": study.name,
        "modality": "thermal",
        "captured_at": _shifted(record, study.shift),
        "consent_text_version": _word(text_of(record, "consent", "text_version")),
        "quality": {
            **{key: number_of(record, "quality", key) for key in QUALITY},
            "gates": {key: flag_of(record, "quality", "gates", key) for key in GATES},
        },
        "asymmetry": {
            key: number_of(record, "asymmetry", key) for key in ("difference_k", "uncertainty_k", "left_c", "right_c")
        },
        "prediction": _prediction(record),
        "result": _one_of(text_of(record, "result"), RESULTS),
        "verdicts": [verdict for review in reviews if (verdict := _one_of(review.verdict, VERDICTS))],
    }
    return json.dumps(kept, indent=1).encode()


def arrays_of(capture: bytes) -> bytes:
    """Return ``capture.npz`` with the pictures alone. Raises `Unusable`."""
    if len(capture) > LARGEST_PART:
        raise Unusable("its images are too large")
    try:
        with np.load(io.BytesIO(capture), allow_pickle=False) as arrays:
            kept = {name: arrays[name] for name in ARRAYS if name in arrays.files}
    except (ValueError, OSError, KeyError, EOFError, NotImplementedError) as error:
        raise Unusable("its images cannot be read") from error
    if "celsius" not in kept or any(array.nbytes > LARGEST_PART for array in kept.values()):
        raise Unusable("its images are not those of a thermal record")
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **kept)
    return file.getvalue()


def _prediction(record: Mapping[str, Any]) -> dict[str, Any] | None:
    if not table_of(record, "prediction"):
        return None
    return {
        "outcome": _one_of(text_of(record, "prediction", "outcome"), OUTCOMES),
        "probability": number_of(record, "prediction", "probability"),
        "threshold": number_of(record, "prediction", "threshold"),
        "abstain": numbers_of(record, "prediction", "abstain")[:2],
        "bundle_sha256": _word(text_of(record, "prediction", "bundle_sha256")),
    }


def _shifted(record: Mapping[str, Any], shift: timedelta) -> str | None:
    """Move the time, so that intervals between a patient's visits stay; none where the kiosk's clock was not right."""
    said = text_of(record, "captured_at")
    if said is None or flag_of(record, "clock_synchronised") is not True:
        return None
    try:
        return (datetime.fromisoformat(said) + shift).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return None


def _word(text: str | None) -> str | None:
    """A version or a hash; anything else might be a text about somebody."""
    return text if text is not None and len(text) <= 64 and text.replace(".", "").replace("-", "").isalnum() else None


def _one_of(text: str | None, choices: Sequence[str]) -> str | None:
    return text if text in choices else None
