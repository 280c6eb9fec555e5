"""From a finished capture to the record of it: what was measured, what the model says, what the patient is told."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from device.process.config import Config
from device.process.logs import Log
from device.process.moment import Moment, moment_to_json
from device.store.patients import Patient
from device.store.records import Lane, NewRecord, Part, new_record_id
from device.visit.asymmetry import Asymmetry, measure_asymmetry
from device.visit.capture import Captured
from device.visit.consent import Consent
from device.visit.gates import SELF_HEATING_K, Gate
from device.visit.photo import Photograph, to_json
from models.prediction import Outcome, Prediction

LOG = Log(__name__)
SCHEMA = 1
CAPTURE_PART, PHOTO_PART = "capture.npz", "photo.jpg"

NOTHING_UNUSUAL, DOCTOR_WILL_LOOK, NOT_ASSESSED = "nothing_unusual", "doctor_will_look", "not_assessed"
_RESULTS = {
    Outcome.BELOW_THRESHOLD: NOTHING_UNUSUAL,
    Outcome.ABOVE_THRESHOLD: DOCTOR_WILL_LOOK,
    Outcome.ABSTAINED: DOCTOR_WILL_LOOK,
    Outcome.OUT_OF_DOMAIN: NOT_ASSESSED,
}
_URGENT = (Outcome.ABOVE_THRESHOLD, Outcome.ABSTAINED)


class Model(Protocol):
    """What a visit needs of `models.breast.BreastModel`."""

    def assess(self, celsius: NDArray[np.float32]) -> Prediction: ...


@dataclass(frozen=True)
class Person:
    """Whose examination it is, and what they agreed to."""

    patient: Patient
    consent: Consent
    language: str
    registered_now: bool


@dataclass(frozen=True)
class Circumstances:
    """How the capture came about."""

    moment: Moment
    eeprom: NDArray[np.uint16]
    refresh_hz: float
    emissivity: float
    gates: dict[Gate, bool]
    prepare_skipped: bool
    tap_to_ack_s: float


@dataclass(frozen=True)
class Reading:
    """What was found in a capture."""

    asymmetry: Asymmetry | None
    prediction: Prediction | None

    @property
    def result(self) -> str:
        """What the patient is told; without a prediction it could not be assessed."""
        return _RESULTS[self.prediction.outcome] if self.prediction else NOT_ASSESSED

    @property
    def lane(self) -> Lane:
        return Lane.URGENT if self.prediction and self.prediction.outcome in _URGENT else Lane.ROUTINE


def read_capture(captured: Captured, model: Model | None, *, flat_field: bool) -> Reading:
    """Measure the asymmetry and ask the model. A model that fails costs its answer, never the capture."""
    prediction = None
    if model is not None:
        try:
            prediction = model.assess(captured.celsius)
        except Exception:
            LOG.exception("breast model gave no answer, the capture is kept without one")
    return Reading(measure_asymmetry(captured.celsius, captured.noise_k, flat_field=flat_field), prediction)


def screening_record(
    config: Config,
    person: Person,
    circumstances: Circumstances,
    captured: Captured,
    reading: Reading,
    photograph: Photograph | None,
    tap_to_result_s: float,
) -> NewRecord:
    """Return the record of one screening, as `docs/record.md` describes it."""
    document = {
        **_head(config, person, "thermal", circumstances.moment),
        "quality": _quality(config, circumstances, captured),
        "asymmetry": _asymmetry(reading.asymmetry),
        "prediction": _prediction(reading.prediction),
        "result": reading.result,
        "photo": to_json(photograph),
        "timing": {
            "tap_to_ack_ms": round(1000 * circumstances.tap_to_ack_s, 1),
            "integration_s": round(captured.integration_s, 3),
            "tap_to_result_s": round(tap_to_result_s, 3),
        },
    }
    parts = [Part(CAPTURE_PART, "application/x-npz", _arrays(captured, circumstances.eeprom, reading))]
    if photograph is not None and photograph.taken:
        parts.append(Part(PHOTO_PART, "image/jpeg", photograph.jpeg))
    moment = circumstances.moment
    return NewRecord(document["id"], person.patient.ref, "thermal", moment, reading.lane, document, tuple(parts))


def consent_record(config: Config, person: Person, moment: Moment) -> NewRecord:
    """Return the record that this person agreed, to which text and in which language."""
    document = _head(config, person, "consent", moment)
    return NewRecord(document["id"], person.patient.ref, "consent", moment, Lane.ROUTINE, document, ())


def _head(config: Config, person: Person, modality: str, moment: Moment) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "id": new_record_id(),
        "patient": person.patient.ref,
        "patient_confirmed": person.patient.confirmed,
        "modality": modality,
        "site": config.kiosk.site,
        "kiosk": config.kiosk.name,
        **moment_to_json(moment),
        "mode": "registration" if person.registered_now else "operation",
        "consent": {
            "text_version": person.consent.text_version,
            "screening": True,
            "photo": person.consent.photo,
            "training": person.consent.training,
            "language": person.language,
        },
    }


def _quality(config: Config, circumstances: Circumstances, captured: Captured) -> dict[str, Any]:
    room_c = captured.sensor_ambient_c - SELF_HEATING_K
    reflected_c = config.sensor.reflected_c
    return {
        "frames": captured.frames,
        "rejected": captured.rejected,
        "noise_k": round(captured.noise_k, 4),
        "target_noise_k": config.capture.target_noise_k,
        "ambient_c": round(room_c, 2),
        "sensor_ambient_c": round(captured.sensor_ambient_c, 2),
        "supply_v": round(captured.supply_v, 3),
        "bad_pixels": int(captured.bad.sum()),
        "emissivity": circumstances.emissivity,
        "reflected_c": round(room_c if reflected_c is None else reflected_c, 2),
        "refresh_hz": circumstances.refresh_hz,
        "prepare_skipped": circumstances.prepare_skipped,
        "gates": {gate.value: passed for gate, passed in circumstances.gates.items()},
    }


def _asymmetry(found: Asymmetry | None) -> dict[str, float] | None:
    if found is None:
        return None
    return {
        "difference_k": round(found.difference_k, 4),
        "uncertainty_k": round(found.uncertainty_k, 4),
        "left_c": round(found.left_c, 3),
        "right_c": round(found.right_c, 3),
    }


def _prediction(found: Prediction | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "outcome": found.outcome.value,
        "probability": found.probability,
        "threshold": found.threshold,
        "abstain": list(found.abstain),
        "model": found.model,
        "version": found.version,
        "bundle_sha256": found.bundle_sha256,
        "gate_sha256": found.gate_sha256,
        "reason": found.reason,
        "prevalence": found.prevalence,
        "ill_here": None if found.ill_here is None else [round(share, 6) for share in found.ill_here],
    }


def _arrays(captured: Captured, eeprom: NDArray[np.uint16], reading: Reading) -> bytes:
    """Return ``capture.npz``. Not compressed: raw words are mostly noise, and the patient is waiting."""
    nothing = np.full(captured.celsius.shape, np.nan, np.float32)
    occlusion = reading.prediction.occlusion if reading.prediction else None
    file = io.BytesIO()
    np.savez(
        file,
        celsius=captured.celsius,
        raw=captured.raw,
        eeprom=eeprom,
        map=nothing if occlusion is None else occlusion.astype(np.float32),
        asymmetry=reading.asymmetry.map if reading.asymmetry else nothing,
        bad=captured.bad,
    )
    return file.getvalue()
