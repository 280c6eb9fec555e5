"""`firstlight cloud export-training`: whose records go in, and what must never go with them."""

from __future__ import annotations

import io
import json
import stat
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cloud_sync.firebase.admin.project import Project
from tests.cloud_sync.firebase.admin.conftest import Done, Firstlight
from tests.cloud_sync.firebase.admin.filled import AGREES, ARRIVED, OTHER, PATIENT, UPLOAD, put, review

ALLOWED = frozenset(
    {
        "schema", "record", "study", "modality", "captured_at", "consent_text_version", "quality", "asymmetry", "prediction",
        "result", "verdicts",
    }
)  # fmt: skip


def export(cloud: Firstlight, folder: Path, name: str = "out", code: int = 0) -> Done:
    return cloud("export-training", "--site", "north", "--out", folder / name, "--key-file", folder / f"{name}.key", code=code)


def documents(out: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(out.glob("records/*/record.json"))]


def key(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "out.key").read_text())
    return document


def names_of(folder: Path) -> set[str]:
    """Return the ids of the records that were exported."""
    return {record for patient in key(folder)["patients"].values() for record in patient["records"]}


def willing(project: Project, number: int, patient: str = PATIENT, **changes: Any) -> Mapping[str, Any]:
    """Store a record that may be exported."""
    record = put(project, number, patient, consent=AGREES, **changes)
    review(project, record, "r1", "agree")
    return record


def test_consented_and_reviewed_records_alone(cloud: Firstlight, project: Project, tmp_path: Path) -> None:
    good = willing(project, 1)
    put(project, 2, PATIENT, consent=AGREES)  # nobody has reviewed it
    nobody_could_tell = put(project, 3, PATIENT, consent=AGREES)
    review(project, nobody_could_tell, "r1", "not_assessable")
    taken_back = put(project, 4, PATIENT, consent=AGREES)
    review(project, taken_back, "r1", "agree")
    review(project, taken_back, "r2", "not_assessable", supersedes="r1")
    of_other_bytes = put(project, 5, PATIENT, consent=AGREES)
    review(project, of_other_bytes, "r1", "agree", record_sha256="0" * 64)
    unwilling = put(project, 6, OTHER)
    review(project, unwilling, "r1", "agree")
    done = export(cloud, tmp_path)
    assert names_of(tmp_path) == {good["id"]}
    assert "1 records of 1 people" in done.out
    assert "latest consent does not say training" in done.err
    assert "left out: 4 (no doctor has reviewed it" in done.err


@pytest.mark.parametrize(
    ("withdrawn_said", "withdrawn_arrived"),
    [
        ("2026-11-21T08:00:00Z", timedelta(days=1)),
        ("2026-11-01T08:00:00Z", timedelta(days=1)),
        ("2026-11-21T08:00:00Z", -timedelta(days=9)),
    ],
)
def test_a_withdrawn_consent_counts_whichever_clock_was_wrong(
    cloud: Firstlight, project: Project, tmp_path: Path, withdrawn_said: str, withdrawn_arrived: timedelta
) -> None:
    willing(project, 1)
    at = ARRIVED + withdrawn_arrived
    put(project, 2, PATIENT, arrived=at, captured_at=withdrawn_said, consent={**AGREES, "training": False})
    assert "may be exported for training" in export(cloud, tmp_path, code=16).err
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "out.key").exists()


def test_nothing_in_it_says_who_it_is(cloud: Firstlight, project: Project, tmp_path: Path) -> None:
    record = willing(
        project, 1, photo={"taken": True}, notes="Ada Lovelace, 10 Downing Street", boot_id="boot-of-the-hall",
        prediction={"outcome": "abstained", "reason": "Ada Lovelace", "model": "Ada", "version": "Ada Lovelace!"},
    )  # fmt: skip
    export(cloud, tmp_path)
    (document,) = documents(tmp_path / "out")
    assert document.keys() == ALLOWED
    everything = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    names = [str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*")]
    for secret in (
        PATIENT,
        record["id"],
        "hall",
        "north",
        "Ada",
        "boot",
        "HYPERLINK",
        "photo",
        str(record["captured_at"])[:10],
    ):
        assert secret.encode() not in everything, secret
        assert not any(secret in name for name in names), secret
    (images,) = (tmp_path / "out").glob("records/*/images.npz")
    with np.load(io.BytesIO(images.read_bytes())) as arrays:
        assert set(arrays.files) == {"celsius", "map", "asymmetry"}  # the EEPROM and the broken pixels name the kiosk
        assert arrays["celsius"].shape == (24, 32)


def test_dates_move_with_the_patient_and_the_key_leads_back(cloud: Firstlight, project: Project, tmp_path: Path) -> None:
    first, second, other = willing(project, 1), willing(project, 2), willing(project, 3, OTHER)
    export(cloud, tmp_path)
    assert stat.S_IMODE((tmp_path / "out.key").stat().st_mode) == 0o600
    made = {document["record"]: document for document in documents(tmp_path / "out")}
    mine, theirs = (key(tmp_path)["patients"][patient] for patient in (PATIENT, OTHER))
    for record, who in ((first, mine), (second, mine), (other, theirs)):
        document = made[who["records"][record["id"]]]
        moved = datetime.fromisoformat(document["captured_at"]) - datetime.fromisoformat(record["captured_at"])
        assert moved == timedelta(seconds=who["shift_s"])
        assert document["study"] == who["study"]
    assert mine["shift_s"] != theirs["shift_s"]
    assert mine["study"] != theirs["study"]


def test_a_second_export_cannot_be_joined_with_the_first(cloud: Firstlight, project: Project, tmp_path: Path) -> None:
    willing(project, 1)
    export(cloud, tmp_path, "a")
    export(cloud, tmp_path, "b")
    (a,), (b,) = documents(tmp_path / "a"), documents(tmp_path / "b")
    assert a["study"] != b["study"]
    assert a["record"] != b["record"]
    assert a["captured_at"] != b["captured_at"]


def test_a_head_stays_where_it_is(cloud: Firstlight, project: Project, tmp_path: Path) -> None:
    willing(project, 1)
    willing(project, 2, modality="mri")
    done = export(cloud, tmp_path)
    assert "show a face" in done.err
    assert len(documents(tmp_path / "out")) == 1


def test_images_that_are_gone_or_altered_are_left_out(cloud: Firstlight, project: Project, tmp_path: Path) -> None:
    willing(project, 1)
    gone = willing(project, 2)
    digest = gone["parts"]["capture.npz"]["sha256"]
    project.objects.remove(f"sites/north/records/{gone['id']}/{digest}/{UPLOAD}/capture.npz")
    assert "images are not there" in export(cloud, tmp_path).err
    assert len(documents(tmp_path / "out")) == 1


def test_the_key_does_not_lie_in_the_export_and_nothing_is_overwritten(
    cloud: Firstlight, project: Project, tmp_path: Path
) -> None:
    willing(project, 1)
    words = ("export-training", "--site", "north", "--out", tmp_path / "out")
    (tmp_path / "key").write_text("mine")
    assert "not overwritten" in cloud(*words, "--key-file", tmp_path / "key", code=12).err
    assert (tmp_path / "key").read_text() == "mine"
    assert cloud(*words, "--key-file", tmp_path / "out" / "key", code=12).err
    assert not (tmp_path / "out").exists()


def test_a_model_is_noted_once_and_only_on_a_training_export(cloud: Firstlight, project: Project, tmp_path: Path) -> None:
    willing(project, 1)
    export(cloud, tmp_path)
    identity = json.loads((tmp_path / "out" / "export.json").read_text())["export"]
    for _ in range(2):
        cloud("note-model", "--site", "north", "--export", identity, "--model", "ab" * 32)
    noted = project.documents.get(f"sites/north/exports/{identity}")
    assert noted is not None
    assert noted.fields["models"] == ["ab" * 32]
    assert "no export" in cloud("note-model", "--site", "north", "--export", "0" * 32, "--model", "ab" * 32, code=16).err
    cloud("export", "--site", "north", "--format", "csv", "--out", tmp_path / "csv")
    other = json.loads((tmp_path / "csv" / "export.json").read_text())["export"]
    assert "no training export" in cloud("note-model", "--site", "north", "--export", other, "--model", "ab" * 32, code=2).err
