"""The code systems that are used, each only where its meaning fits exactly; everything else is said in text."""

from __future__ import annotations

import uuid
from typing import Any

UCUM = "http://unitsofmeasure.org"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
SERVICE = "http://terminology.hl7.org/CodeSystem/v2-0074"
_NAMESPACE = uuid.UUID("6f1c1d5e-2a7b-5a52-9c0e-2f5a6d1b8e44")
"""Ours, made once at random: the same record always gets the same addresses."""

MODALITIES = {"thermal": ("TG", "Thermography"), "mri": ("MR", "Magnetic Resonance")}
"""DICOM PS3.16, CID 29 "Acquisition Modality"."""
NO_DIAGNOSIS = "Screening result of an automatic device. It is not a diagnosis and does not replace mammography or a doctor."


def address(*names: str) -> str:
    """Return the ``urn:uuid:`` of a resource (RFC 4122, version 5), the same each time."""
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, '/'.join(names))}"


def text(words: str) -> dict[str, Any]:
    """Return a CodeableConcept that only says something in words."""
    return {"text": words}


def coded(system: str, code: str, display: str) -> dict[str, Any]:
    """Return a CodeableConcept with one code."""
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def quantity(value: float, unit: str, code: str) -> dict[str, Any]:
    """Return a Quantity; ``code`` is UCUM's."""
    return {"value": value, "unit": unit, "system": UCUM, "code": code}
