"""`firstlight cloud export`: FHIR and CSV, whole or not at all, and written down where they came from."""

from __future__ import annotations

import csv
import hashlib
import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from cloud_sync.firebase.admin.plain import Written, _write_fhir
from cloud_sync.firebase.admin.project import Project
from cloud_sync.firebase.admin.records import Stored
from cloud_sync.firebase.admin.written import new_folder
from tests.cloud_sync.firebase.admin.conftest import Firstlight
from tests.cloud_sync.firebase.admin.filled import ARRIVED, OTHER, PATIENT, put, review
from tests.cloud_sync.samples import document

EXPORT = ("export", "--site", "north")


@pytest.fixture
def filled(cloud: Firstlight, project: Project) -> Firstlight:
    """Two records of one patient, the first reviewed twice by one doctor; one of another; and a consent of its own."""
    first = put(project, 1, PATIENT)
    put(project, 2, PATIENT)
    put(project, 3, OTHER, arrived=ARRIVED + timedelta(days=2))
    put(project, 4, OTHER, modality="consent", result=None, prediction=None)
    review(project, first, "r1", "recall", note="first thought")
    review(project, first, "r2", "agree", supersedes="r1", note="second thought")
    return cloud


def manifest(out: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((out / "export.json").read_text())
    return document


def rows(out: Path) -> list[dict[str, str]]:
    with (out / "records.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_fhir_is_valid_holds_the_standing_review_and_is_nobody_elses_to_read(filled: Firstlight, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = filled(*EXPORT, "--format", "fhir", "--out", out)
    assert done.out.startswith("3 records of 2 patients")
    bundles = sorted((out / "bundles").iterdir())
    assert len(bundles) == 3
    for path in bundles:
        Bundle.model_validate(json.loads(path.read_text()))
        assert hashlib.sha256(path.read_bytes()).hexdigest() == manifest(out)["files"][f"bundles/{path.name}"]["sha256"]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    text = bundles[0].read_text()
    assert "second thought" in text
    assert "first thought" not in text
    assert sum('"status": "final"' in path.read_text() for path in bundles) == 1


def test_csv_has_one_line_a_record_and_runs_no_formula(filled: Firstlight, project: Project, tmp_path: Path) -> None:
    put(project, 5, PATIENT, result="=HYPERLINK(evil)")
    filled(*EXPORT, "--format", "csv", "--out", tmp_path / "out")
    lines = rows(tmp_path / "out")
    assert [line["record"][-1] for line in lines] == ["1", "2", "3", "5"]
    assert (lines[0]["last_verdict"], lines[0]["reviews"], lines[1]["reviews"]) == ("agree", "1", "0")
    assert (lines[2]["difference_k"], lines[2]["uncertainty_k"], lines[2]["probability"]) == ("0.92", "0.31", "0.71")
    assert lines[3]["result"] == "'=HYPERLINK(evil)"


def test_one_patient_or_what_has_arrived_since(filled: Firstlight, tmp_path: Path) -> None:
    filled(*EXPORT, "--format", "csv", "--patient", PATIENT, "--out", tmp_path / "1")
    assert {line["patient"] for line in rows(tmp_path / "1")} == {PATIENT}
    filled(*EXPORT, "--format", "csv", "--since", "2026-11-21", "--out", tmp_path / "2")
    assert {line["patient"] for line in rows(tmp_path / "2")} == {OTHER}
    words = ("--format", "csv", "--since", "2026-11-21", "--patient", PATIENT, "--out", tmp_path / "3")
    assert "nothing to export" in filled(*EXPORT, *words, code=16).err
    assert not (tmp_path / "3").exists()


def test_each_export_stands_in_the_audit_and_is_known_without_naming_patients(
    filled: Firstlight, project: Project, tmp_path: Path
) -> None:
    filled(*EXPORT, "--format", "csv", "--out", tmp_path / "1")
    filled(*EXPORT, "--format", "fhir", "--patient", PATIENT, "--out", tmp_path / "2")
    for out, only, patients in ((tmp_path / "1", None, 2), (tmp_path / "2", PATIENT, 1)):
        export = manifest(out)["export"]
        entry = project.documents.get(f"sites/north/audit/{export}")
        assert entry is not None
        assert entry.fields.keys() == {"schema", "uid", "name", "action", "record", "patient", "at"}
        assert (entry.fields["action"], entry.fields["patient"], entry.fields["uid"]) == ("export", only, "tools:emulators")
        noted = project.documents.get(f"sites/north/exports/{export}")
        assert noted is not None
        assert noted.fields["patients"] == patients
        below = list(project.documents.find(f"sites/north/exports/{export}/patients"))
        assert len(below) == patients
        assert PATIENT not in str(noted) + str(below)


def test_a_record_whose_id_is_no_files_name_keeps_no_other_back(tmp_path: Path) -> None:
    content = json.dumps(document(1, None)).encode()
    written = Written("e")
    with new_folder(tmp_path / "out") as draft:
        for record in ("x" * 1000, f"{1:032x}"):
            _write_fhir(draft, Stored(record, PATIENT, content, "", ARRIVED, {}), [], written, {})
    assert [path.name for path in (tmp_path / "out/bundles").iterdir()] == [f"{1:032x}.json"]
    assert list(written.left_out) == ["x" * 1000]


def test_a_record_that_was_altered_is_left_out_and_that_is_said(filled: Firstlight, project: Project, tmp_path: Path) -> None:
    path = f"sites/north/records/{2:032x}"
    stored = project.documents.get(path)
    assert stored is not None
    project.documents.update(path, {"json": stored.fields["json"].replace("0.12", "0.99")})
    done = filled(*EXPORT, "--format", "fhir", "--out", tmp_path / "out", code=7)
    assert "differs from its hash" in done.err
    assert list(manifest(tmp_path / "out")["left_out"]) == [f"{2:032x}"]
    assert len(list((tmp_path / "out" / "bundles").iterdir())) == 2


def test_nothing_is_overwritten(filled: Firstlight, project: Project, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert "not overwritten" in filled(*EXPORT, "--format", "csv", "--out", tmp_path / "out", code=12).err
    assert list((tmp_path / "out").iterdir()) == []
    assert list(project.documents.find("sites/north/audit")) == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--site", "south", "--format", "csv"), 16, "no site south"),
        (("--site", "north", "--format", "csv", "--patient", "P-0000-0000-00"), 16, "nothing to export"),
        (("--site", "north", "--format", "csv", "--patient", "a/b"), 2, "no patient reference"),
        (("--site", "north", "--format", "csv", "--since", "yesterday"), 2, "yesterday"),
    ],
)
def test_what_is_not_there_is_said(filled: Firstlight, tmp_path: Path, words: tuple[str, ...], code: int, said: str) -> None:
    assert said in filled("export", *words, "--out", tmp_path / "out", code=code).err
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with new_folder(tmp_path / "out") as draft:
            draft.write("a/b", b"c")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []
