"""Records as FHIR or CSV, for an archive or a spreadsheet: with the patient's reference, in clear."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cloud_sync.fhir.bundle import NoRecord, Reviewed, record_bundle
from cloud_sync.firebase.admin.errors import NotThere, PackageMissing
from cloud_sync.firebase.admin.exports import new_id, register
from cloud_sync.firebase.admin.project import Project
from cloud_sync.firebase.admin.records import Review, Stored, reviews, stored
from cloud_sync.firebase.admin.sites import known_site
from cloud_sync.firebase.admin.written import Draft, check_new, new_folder
from cloud_sync.summary import summary_of

MANIFEST = "export.json"
RECORDS = "records.csv"
SCHEMA = 1
LONGEST_NAME = 255
"""Bytes of a file's name on the file systems of Linux, macOS and Windows; an id in Firestore has up to 1,500."""
COLUMNS = (
    "record", "patient", "patient_confirmed", "kiosk", "modality", "captured_at", "clock_synchronised", "received_at",
    "result", "outcome", "probability", "difference_k", "uncertainty_k", "lesion_ml", "lesion_uncertainty_ml",
    "reviews", "last_verdict", "last_reviewed_at",
)  # fmt: skip


@dataclass
class Written:
    """What an export became."""

    export: str
    records: int = 0
    patients: set[str] = field(default_factory=set)
    left_out: dict[str, str] = field(default_factory=dict)
    """Record id → why."""


def export(
    project: Project, site: str, format: str, out: Path, *, patient: str | None = None, since: datetime | None = None
) -> Written:
    """Write the examinations of a site, or of one patient, into the new folder ``out``.

    A record that is damaged, or becomes no valid FHIR, is left out, and the manifest says why. Raises `NotThere` where there is
    nothing to export, and `OutputFailed`.
    """
    check_new(out)
    known_site(project, site)
    written, files, rows = Written(new_id()), dict[str, str | None](), list[dict[str, Any]]()
    with new_folder(out) as draft:
        for record in stored(project, site, patient, since):
            if not record.whole:
                written.left_out[record.id] = "it differs from its hash: it was altered or damaged in the cloud"
                continue
            line = summary_of(record.id, record.content).worklist
            if line is None:
                continue  # a consent of its own is no examination
            said = reviews(project, site, record)
            if format == "csv":
                rows.append(_row(line, record, said))
            elif not _write_fhir(draft, record, said, written, files):
                continue
            written.records += 1
            written.patients.update([record.patient] if record.patient else [])
        if not written.records and not written.left_out:
            raise NotThere(f"there is nothing to export of {patient or site}" + (f" since {since:%Y-%m-%d}" if since else ""))
        if format == "csv":
            draft.write(RECORDS, _csv(rows))
        draft.write(MANIFEST, _manifest(written, site, format, draft, files))
        register(project, site, written.export, format, dict.fromkeys(sorted(written.patients)), only=patient)
    return written


def _write_fhir(draft: Draft, record: Stored, said: Sequence[Review], written: Written, files: dict[str, str | None]) -> bool:
    name = f"{record.id}.json"
    if len(name.encode()) > LONGEST_NAME:
        written.left_out[record.id] = "its id is too long for a file's name; no kiosk gives such a one: find out who sent it"
        return False
    reviewed = [Reviewed(one.author_name, one.verdict, one.note, one.at.isoformat(timespec="seconds")) for one in said]
    try:
        bundle = record_bundle(record.id, record.content, record.received_at.isoformat(timespec="seconds"), reviewed)
        content = _validated(bundle)
    except ValueError as error:  # `NoRecord`, or what the validator says
        reason = str(error) if isinstance(error, NoRecord) else "it becomes no valid FHIR: " + str(error).partition("\n")[0]
        written.left_out[record.id] = reason
        return False
    draft.write(f"bundles/{name}", content)
    files[f"bundles/{name}"] = record.patient
    return True


def _validated(bundle: dict[str, Any]) -> bytes:
    """Return the bundle as text; raises `ValueError` (of pydantic) where it is no valid FHIR R4B, and `PackageMissing`."""
    try:
        from fhir.resources.R4B.bundle import Bundle
    except ImportError as error:
        raise PackageMissing("the package fhir.resources is missing: pip install 'firstlight[cloud]'") from error
    Bundle.model_validate(bundle)
    return json.dumps(bundle, indent=1, ensure_ascii=False).encode()


def _row(line: dict[str, Any], record: Stored, said: Sequence[Review]) -> dict[str, Any]:
    last = said[-1] if said else None
    return {
        **{column: line.get(column) for column in COLUMNS},
        "record": record.id,
        "patient": record.patient,
        "received_at": record.received_at.isoformat(timespec="seconds"),
        "reviews": len(said),
        "last_verdict": last.verdict if last else None,
        "last_reviewed_at": last.at.isoformat(timespec="seconds") if last else None,
    }


def _csv(rows: Sequence[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")  # RFC 4180
    writer.writeheader()
    writer.writerows({column: cell(value) for column, value in row.items()} for row in rows)
    return text.getvalue().encode()


def cell(value: Any) -> Any:
    """A text that a device sent must not become a formula in somebody's spreadsheet."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _manifest(written: Written, site: str, format: str, draft: Draft, files: dict[str, str | None]) -> bytes:
    document = {
        "kind": "firstlight-export",
        "schema": SCHEMA,
        "export": written.export,
        "site": site,
        "format": format,
        "records": written.records,
        "left_out": written.left_out,
        "files": {name: {"sha256": sha256, "patient": files.get(name)} for name, sha256 in draft.hashes.items()},
    }
    return json.dumps(document, indent=1).encode()
