"""What the cloud keeps beside a record: for whole ones, for consents, and for what is no record at all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloud_sync.summary import summary_of
from tests.cloud_sync.samples import document, record_id

ID = record_id(3)


def summed_up(**changes: Any) -> Any:
    return summary_of(ID, json.dumps(document(3, None, **changes)).encode())


def test_an_urgent_thermogram() -> None:
    summary = summed_up()
    assert summary.worklist == {
        "schema": 1,
        "record": ID,
        "kiosk": "kiosk-1",
        "patient": "P-7K2M-0003-QX",
        "patient_confirmed": False,
        "modality": "thermal",
        "captured_at": "2026-11-17T11:39:00Z",
        "clock_synchronised": True,
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
    assert summary.consent == {
        "schema": 1,
        "record": ID,
        "patient": "P-7K2M-0003-QX",
        "text_version": "2026-1",
        "screening": True,
        "photo": False,
        "training": False,
        "language": "en",
        "captured_at": "2026-11-17T11:39:00Z",
    }
    assert (summary.site, summary.kiosk) == ("home", "kiosk-1")


def test_an_mri_brings_its_volume() -> None:
    summary = summed_up(modality="mri", mri={"lesion_ml": 4.2, "lesion_uncertainty_ml": 0.7}, asymmetry=None)
    assert (summary.worklist["lesion_ml"], summary.worklist["lesion_uncertainty_ml"]) == (4.2, 0.7)
    assert summary.worklist["difference_k"] is None


@pytest.mark.parametrize(
    ("result", "outcome", "urgency", "rank"),
    [
        ("doctor_will_look", "abstained", "look_first", 0),
        ("not_assessed", "above_threshold", "look_first", 0),
        ("nothing_unusual", "below_threshold", "routine", 2),
        ("nothing_unusual", "abstained", "not_assessed", 1),
        (None, None, "not_assessed", 1),
    ],
)
def test_urgency(result: str | None, outcome: str | None, urgency: str, rank: int) -> None:
    line = summed_up(result=result, prediction={"outcome": outcome}).worklist
    assert (line["urgency"], line["rank"]) == (urgency, rank)


def test_a_consent_is_on_no_worklist() -> None:
    summary = summed_up(modality="consent", result=None, prediction=None, asymmetry=None)
    assert summary.worklist is None
    assert summary.consent["screening"] is True


@pytest.mark.parametrize("content", [b"", b"\xff", b"[1]", b"[" * 100_000, b'{"consent": 3, "prediction": []}', b'"text"'])
def test_whatever_a_device_sends_has_a_summary(content: bytes) -> None:
    summary = summary_of(ID, content)
    assert summary.consent is None
    assert summary.worklist is None or (summary.worklist["urgency"], summary.worklist["patient"]) == ("not_assessed", None)


@pytest.mark.parametrize("odd", [True, "0.5", float("nan"), float("inf"), 10**40, [0.5], {"a": 1}])
def test_a_number_of_another_kind_is_none(odd: object) -> None:
    assert summed_up(asymmetry={"difference_k": odd}).worklist["difference_k"] is None
