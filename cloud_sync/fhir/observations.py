"""The numbers of a record as FHIR Observations, each with its uncertainty, or with the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloud_sync.fhir import codes
from cloud_sync.fields import number_of, numbers_of, text_of

_NO_ANSWER = {
    "abstained": ("unknown", "The network abstained: its score lies where it is wrong too often."),
    "out_of_domain": ("not-applicable", "The images are not of the kind that the network was made for."),
}
"""Data-absent-reason, and the sentence beside it."""


@dataclass(frozen=True)
class Subjects:
    """What every resource of one record refers to."""

    record: str
    patient: Mapping[str, str]
    device: Mapping[str, str]
    captured_at: str | None
    received_at: str


def observations(subjects: Subjects, document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return an Observation for each thing that was measured. Raises nothing."""
    found = []
    if text_of(document, "modality") != "mri":
        found.append(_measured(subjects, document, "difference"))
    if number_of(document, "mri", "lesion_ml") is not None:
        found.append(_measured(subjects, document, "lesion"))
    found.append(_score(subjects, document))
    return found


_MEASURES = {
    "difference": (
        "Temperature difference, the patient's left minus right breast",
        ("asymmetry", "difference_k"),
        ("asymmetry", "uncertainty_k"),
        ("K", "K"),
    ),
    "lesion": ("Volume that the segmentation covers", ("mri", "lesion_ml"), ("mri", "lesion_uncertainty_ml"), ("mL", "mL")),
}
"""Name: (words, place of the value, place of its standard uncertainty, (unit, UCUM code))."""


def _measured(subjects: Subjects, document: Mapping[str, Any], name: str) -> dict[str, Any]:
    words, value_at, uncertainty_at, (unit, code) = _MEASURES[name]
    observation = _observation(subjects, name, words)
    value, uncertainty = number_of(document, *value_at), number_of(document, *uncertainty_at)
    if value is None:
        return observation | _absent("not-performed", "The device measured no such value.")
    observation["valueQuantity"] = codes.quantity(value, unit, code)
    if uncertainty is not None:
        component = {
            "code": codes.text("Standard uncertainty (k = 1)"),
            "valueQuantity": codes.quantity(uncertainty, unit, code),
        }
        observation["component"] = [component]
    return observation


def _score(subjects: Subjects, document: Mapping[str, Any]) -> dict[str, Any]:
    observation = _observation(subjects, "score", "Calibrated score of the network; not the risk of this patient")
    outcome, probability = text_of(document, "prediction", "outcome"), number_of(document, "prediction", "probability")
    if outcome in _NO_ANSWER:
        return observation | _absent(*_NO_ANSWER[outcome])
    if probability is None:
        return observation | _absent("not-performed", "No network was run.")
    observation["valueQuantity"] = codes.quantity(probability, "1", "1")
    components = []
    threshold = number_of(document, "prediction", "threshold")
    if threshold is not None:
        components.append({"code": codes.text("Threshold"), "valueQuantity": codes.quantity(threshold, "1", "1")})
    for words, value in zip(("estimate", "low", "high"), numbers_of(document, "prediction", "ill_here"), strict=False):
        if value is not None:
            code = codes.text(f"Share of patients with this answer at this site who are ill, {words}")
            components.append({"code": code, "valueQuantity": codes.quantity(value, "1", "1")})
    if outcome is not None:
        components.append({"code": codes.text("Answer"), "valueCodeableConcept": codes.text(outcome.replace("_", " "))})
    return observation | ({"component": components} if components else {})


def _observation(subjects: Subjects, name: str, words: str) -> dict[str, Any]:
    observation: dict[str, Any] = {
        "_address": codes.address(subjects.record, name),
        "resourceType": "Observation",
        "status": "preliminary",
        "category": [codes.coded(codes.CATEGORY, "imaging", "Imaging")],
        "code": codes.text(words),
        "subject": dict(subjects.patient),
        "device": dict(subjects.device),
        "issued": subjects.received_at,
        "note": [{"text": codes.NO_DIAGNOSIS}],
    }
    if subjects.captured_at is not None:
        observation["effectiveDateTime"] = subjects.captured_at
    return observation


def _absent(code: str, words: str) -> dict[str, Any]:
    return {"dataAbsentReason": {"coding": [{"system": codes.ABSENT, "code": code}], "text": words}}
