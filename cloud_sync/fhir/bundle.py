"""From one record to one FHIR R4 Bundle: Patient, Device, ImagingStudy, Observations, DiagnosticReport.

Everything in a record comes from a device and may be missing or wrong. What is missing is absent, with the reason where FHIR
has a place for it, and a time is only given where the kiosk's clock was right: nothing is guessed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cloud_sync.fhir import codes
from cloud_sync.fhir.observations import Subjects, observations
from cloud_sync.fields import flag_of, text_of

VERDICTS = {
    "agree": "agrees with the result",
    "disagree": "disagrees with the result",
    "recall": "asks the patient to come back",
    "not_assessable": "cannot assess the images",
}


class NoRecord(ValueError):
    """The bytes are no record; the message says which."""


@dataclass(frozen=True)
class Reviewed:
    """What a doctor said, as the cloud holds it."""

    author_name: str
    verdict: str
    note: str
    at: str
    """ISO 8601, by the cloud's clock."""


def record_bundle(record_id: str, content: bytes, received_at: str, reviews: Sequence[Reviewed] = ()) -> dict[str, Any]:
    """Return the Bundle (type ``collection``) for the record whose document is ``content``.

    ``received_at``: ISO 8601 with its zone, by the cloud's clock. Raises `NoRecord`.
    """
    document = _parsed(record_id, content)
    site = text_of(document, "site") or "unknown"
    patient = _patient(site, document)
    device = _device(site, document)
    subjects = Subjects(record_id, _reference(patient), _reference(device), captured_at(document), received_at)
    study = _study(subjects, document)
    found = observations(subjects, document)
    report = _report(subjects, document, study, found, reviews)
    entries = [
        {"fullUrl": resource.pop("_address"), "resource": resource} for resource in (patient, device, study, *found, report)
    ]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "identifier": {"system": f"urn:firstlight:record:{site}", "value": record_id},
        "timestamp": received_at,
        "entry": entries,
    }


def captured_at(document: Mapping[str, Any]) -> str | None:
    """Return when the images were taken, ``None`` unless the kiosk's clock was synchronised."""
    time = text_of(document, "captured_at")
    if flag_of(document, "clock_synchronised") is not True or time is None:
        return None
    try:
        parsed = datetime.fromisoformat(time)
    except ValueError:
        return None
    return parsed.isoformat(timespec="seconds") if parsed.tzinfo else None


def _parsed(record_id: str, content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NoRecord(
            f"record {record_id} is damaged: it is no JSON, so it cannot be exported; look at it in the portal"
        ) from error
    if not isinstance(document, dict):
        raise NoRecord(f"record {record_id} is no record, so it cannot be exported; look at it in the portal")
    return document


def _patient(site: str, document: Mapping[str, Any]) -> dict[str, Any]:
    reference = text_of(document, "patient") or "unknown"
    return {
        "_address": codes.address(site, "patient", reference),
        "resourceType": "Patient",
        "identifier": [{"system": f"urn:firstlight:patient:{site}", "value": reference}],
        "active": True,
    }


def _device(site: str, document: Mapping[str, Any]) -> dict[str, Any]:
    kiosk, model = text_of(document, "kiosk") or "unknown", text_of(document, "prediction", "model")
    versions = []
    if model is not None:
        version = text_of(document, "prediction", "version") or "unknown"
        bundle = text_of(document, "prediction", "bundle_sha256") or "unknown"
        versions = [{"type": codes.text(f"model {model}"), "value": f"{version}, bundle SHA-256 {bundle}"}]
    device: dict[str, Any] = {
        "_address": codes.address(site, "device", kiosk, model or ""),
        "resourceType": "Device",
        "identifier": [{"system": f"urn:firstlight:kiosk:{site}", "value": kiosk}],
        "deviceName": [{"name": "Firstlight screening kiosk", "type": "model-name"}],
        "note": [{"text": codes.NO_DIAGNOSIS}],
    }
    return device | ({"version": versions} if versions else {})


def _study(subjects: Subjects, document: Mapping[str, Any]) -> dict[str, Any]:
    modality = text_of(document, "modality") or "unknown"
    study: dict[str, Any] = {
        "_address": codes.address(subjects.record, "study"),
        "resourceType": "ImagingStudy",
        "identifier": [{"system": "urn:firstlight:record", "value": subjects.record}],
        "status": "available",
        "subject": subjects.patient,
        "description": {"thermal": "Thermogram of the chest", "mri": "MRI of the brain"}.get(modality, "Images"),
    }
    if modality in codes.MODALITIES:
        code, display = codes.MODALITIES[modality]
        study["modality"] = [{"system": codes.DICOM, "code": code, "display": display}]
    if subjects.captured_at is not None:
        study["started"] = subjects.captured_at
    return study


def _report(
    subjects: Subjects,
    document: Mapping[str, Any],
    study: Mapping[str, Any],
    found: Sequence[Mapping[str, Any]],
    reviews: Sequence[Reviewed],
) -> dict[str, Any]:
    """The report is preliminary until a doctor has said something: a kiosk alone finalises nothing."""
    shown = {
        "doctor_will_look": "A doctor will look at this record.",
        "nothing_unusual": "Nothing unusual was seen by the device.",
        "not_assessed": "The device could not assess the images.",
    }.get(text_of(document, "result") or "", "The record names no result.")
    said = [
        f"{review.at}: {review.author_name} {VERDICTS.get(review.verdict, 'reviewed the record')}. {review.note}".strip()
        for review in reviews
    ]
    report: dict[str, Any] = {
        "_address": codes.address(subjects.record, "report"),
        "resourceType": "DiagnosticReport",
        "identifier": [{"system": "urn:firstlight:record", "value": subjects.record}],
        "status": "final" if reviews else "preliminary",
        "category": [codes.coded(codes.SERVICE, "OTH", "Other")],
        "code": codes.text("Automatic screening with review"),
        "subject": subjects.patient,
        "issued": subjects.received_at,
        "imagingStudy": [_reference(study)],
        "result": [_reference(observation) for observation in found],
        "conclusion": "\n".join([shown, *said, codes.NO_DIAGNOSIS]),
    }
    if subjects.captured_at is not None:
        report["effectiveDateTime"] = subjects.captured_at
    return report


def _reference(resource: Mapping[str, Any]) -> dict[str, str]:
    return {"reference": str(resource["_address"])}
