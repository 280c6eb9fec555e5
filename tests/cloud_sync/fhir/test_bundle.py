"""Records as FHIR bundles, validated by `fhir.resources`, and what must never be in one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from cloud_sync.fhir.bundle import NoRecord, Reviewed, record_bundle
from tests.cloud_sync.samples import document

RECEIVED = "2026-11-20T12:00:00+00:00"
REVIEW = Reviewed("Dr Ada", "recall", "See again in May.", "2026-11-21T08:00:00+00:00")


def made(whole: dict[str, Any], reviews: tuple[Reviewed, ...] = ()) -> dict[str, Any]:
    bundle = record_bundle(str(whole["id"]), json.dumps(whole).encode(), RECEIVED, reviews)
    Bundle.model_validate(bundle)
    return bundle


def of_type(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def observation(bundle: dict[str, Any], words: str) -> dict[str, Any]:
    (found,) = [each for each in of_type(bundle, "Observation") if words in each["code"]["text"]]
    return found


def test_a_record_has_its_five_kinds_of_resource() -> None:
    bundle = made(document(3, b"x"))
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert kinds == ["Patient", "Device", "ImagingStudy", "Observation", "Observation", "DiagnosticReport"]


def test_every_reference_leads_to_a_resource_of_the_bundle() -> None:
    bundle = made(document(3, b"x"), (REVIEW,))
    addresses = {entry["fullUrl"] for entry in bundle["entry"]}
    text = json.dumps(bundle)
    references = {piece.split('"')[0] for piece in text.split('"reference": "')[1:]}
    assert references
    assert references <= addresses


def test_the_difference_stands_with_its_uncertainty_in_kelvin() -> None:
    found = observation(made(document(3, b"x")), "left minus right")
    assert found["valueQuantity"] == {"value": 0.92, "unit": "K", "system": "http://unitsofmeasure.org", "code": "K"}
    assert found["component"][0]["valueQuantity"]["value"] == 0.31


@pytest.mark.parametrize(("outcome", "code"), [("abstained", "unknown"), ("out_of_domain", "not-applicable")])
def test_no_answer_is_a_reason_not_a_number(outcome: str, code: str) -> None:
    whole = document(3, b"x")
    whole["prediction"]["outcome"] = outcome
    found = observation(made(whole), "score")
    assert found["dataAbsentReason"]["coding"][0]["code"] == code
    assert "valueQuantity" not in found


def test_a_kiosk_alone_finalises_nothing() -> None:
    assert of_type(made(document(3, b"x")), "DiagnosticReport")[0]["status"] == "preliminary"
    (report,) = of_type(made(document(3, b"x"), (REVIEW,)), "DiagnosticReport")
    assert report["status"] == "final"
    assert "Dr Ada asks the patient to come back. See again in May." in report["conclusion"]
    assert "not a diagnosis" in report["conclusion"]


def test_no_time_is_given_where_the_clock_was_wrong() -> None:
    bundle = made(document(3, b"x", clock_synchronised=False))
    assert "effectiveDateTime" not in json.dumps(bundle)
    assert "started" not in of_type(bundle, "ImagingStudy")[0]


def test_the_same_record_has_the_same_addresses() -> None:
    assert made(document(3, b"x")) == made(document(3, b"x"))


def test_an_mri_record() -> None:
    mri = {"slices": 24, "lesion_ml": 12.5, "lesion_uncertainty_ml": 1.5}
    bundle = made(document(3, b"x", modality="mri", mri=mri))
    assert of_type(bundle, "ImagingStudy")[0]["modality"][0]["code"] == "MR"
    assert observation(bundle, "Volume")["valueQuantity"]["unit"] == "mL"


@pytest.mark.parametrize(
    "whole",
    [
        {"id": "1"},
        {"id": "1", "prediction": None, "asymmetry": [], "modality": 3, "site": {}, "patient": None},
        {
            "id": "1",
            "prediction": {"probability": "high", "ill_here": [None, "x"]},
            "captured_at": "yesterday",
            "clock_synchronised": True,
        },
    ],
)
def test_records_that_lack_nearly_everything_still_validate(whole: dict[str, Any]) -> None:
    made(whole)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"7", b"[" * 100000])
def test_what_is_no_record_is_refused(content: bytes) -> None:
    with pytest.raises(NoRecord, match="cannot be exported"):
        record_bundle("1", content, RECEIVED)
