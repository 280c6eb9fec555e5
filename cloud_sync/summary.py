"""What the cloud keeps of a record beside its bytes, to list it and to ask for consent without opening it.

The fields are those of docs/data-model.md. Whatever a document lacks, or has of another kind, becomes null: a record that
cannot be summed up is still a record, and a line on the worklist says that nobody can say anything about it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from cloud_sync.fields import flag_of, number_of, text_of

SCHEMA = 1
EXAMINATIONS = frozenset({"thermal", "mri"})


class Urgency(IntEnum):
    """What should be looked at first."""

    LOOK_FIRST = 0
    """The patient was told that a doctor will look, or the score lies above the threshold."""
    NOT_ASSESSED = 1
    """Nobody can say anything yet: gate, abstention, or a record that cannot be read."""
    ROUTINE = 2

    @property
    def word(self) -> str:
        """As it stands in a document: ``look_first``, ``not_assessed``, ``routine``."""
        return self.name.lower()


@dataclass(frozen=True)
class Summary:
    """What is created beside a record, in the same commit. The time of receipt is the cloud's to add."""

    site: str | None
    kiosk: str | None
    patient: str | None
    worklist: dict[str, Any] | None
    """The fields of ``worklist/{id}`` without ``received_at``; ``None`` where the record is no examination (a consent)."""
    consent: dict[str, Any] | None
    """The fields of ``consents/{id}`` without ``received_at``; ``None`` where the record speaks of no consent."""
    parts: frozenset[str]
    """The names of the files that the record lists beside itself."""


def summary_of(record_id: str, content: bytes) -> Summary:
    """Return the summary of the record ``record_id`` whose document is ``content``. Raises nothing."""
    document = _parsed(content)
    readable = document is not None
    fields: Mapping[str, Any] = document or {}
    kiosk, patient = text_of(fields, "kiosk"), text_of(fields, "patient")
    examination = not readable or is_examination(fields)
    return Summary(
        site=text_of(fields, "site"),
        kiosk=kiosk,
        patient=patient,
        worklist=_worklist(record_id, kiosk, patient, fields) if examination else None,
        consent=_consent(record_id, patient, fields) if isinstance(fields.get("consent"), Mapping) else None,
        parts=frozenset(fields["parts"]) if isinstance(fields.get("parts"), Mapping) else frozenset(),
    )


def is_examination(document: Mapping[str, Any]) -> bool:
    """Whether a readable record belongs on the worklist. A consent does not."""
    return text_of(document, "modality") in EXAMINATIONS or text_of(document, "result") is not None


def urgency_of(document: Mapping[str, Any]) -> Urgency:
    """Return how soon a doctor should look at the record."""
    result, outcome = text_of(document, "result"), text_of(document, "prediction", "outcome")
    if result == "doctor_will_look" or outcome == "above_threshold":
        return Urgency.LOOK_FIRST
    if result == "nothing_unusual" and outcome == "below_threshold":
        return Urgency.ROUTINE
    return Urgency.NOT_ASSESSED


def _parsed(content: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _worklist(record_id: str, kiosk: str | None, patient: str | None, document: Mapping[str, Any]) -> dict[str, Any]:
    urgency = urgency_of(document)
    return {
        "schema": SCHEMA,
        "record": record_id,
        "kiosk": kiosk,
        "patient": patient,
        "patient_confirmed": flag_of(document, "patient_confirmed") is True,
        "modality": text_of(document, "modality"),
        "captured_at": text_of(document, "captured_at"),
        "clock_synchronised": flag_of(document, "clock_synchronised") is True,
        "urgency": urgency.word,
        "rank": int(urgency),
        "outcome": text_of(document, "prediction", "outcome"),
        "result": text_of(document, "result"),
        "probability": number_of(document, "prediction", "probability"),
        "difference_k": number_of(document, "asymmetry", "difference_k"),
        "uncertainty_k": number_of(document, "asymmetry", "uncertainty_k"),
        "lesion_ml": number_of(document, "mri", "lesion_ml"),
        "lesion_uncertainty_ml": number_of(document, "mri", "lesion_uncertainty_ml"),
        "reading": "unread",
        "last_verdict": None,
        "to_do": True,
    }


def _consent(record_id: str, patient: str | None, document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "record": record_id,
        "patient": patient,
        "text_version": text_of(document, "consent", "text_version"),
        "screening": flag_of(document, "consent", "screening") is True,
        "photo": flag_of(document, "consent", "photo") is True,
        "training": flag_of(document, "consent", "training") is True,
        "language": text_of(document, "consent", "language"),
        "captured_at": text_of(document, "captured_at"),
    }
