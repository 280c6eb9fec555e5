"""Records in a project, as a kiosk and the doctors would have left them there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cloud_sync.firebase.admin.project import Project
from cloud_sync.summary import summary_of
from tests.cloud_sync.samples import capture, document, torso

ARRIVED = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PATIENT = "P-7K2M-0001-QX"
OTHER = "P-7K2M-0002-QX"
UPLOAD = "0123456789abcdef" * 2
AGREES = {"training": True, "screening": True, "text_version": "2026-1", "language": "en"}


def put(
    project: Project, number: int, patient: str | None, *, arrived: datetime | None = None, **changes: Any
) -> Mapping[str, Any]:
    """Store record ``number`` of ``patient`` at the site north, with its images, and return its document."""
    images = capture(torso())
    whole = document(number, images, **{"site": "north", "kiosk": "hall", "patient": patient, **changes})
    content, digest = json.dumps(whole).encode(), hashlib.sha256(images).hexdigest()
    base, at = f"sites/north/records/{whole['id']}", arrived or ARRIVED + timedelta(minutes=number)
    project.objects.create(f"{base}/{digest}/{UPLOAD}/capture.npz", images, "application/x-npz")
    summary = summary_of(str(whole["id"]), content)
    fields = {"json": content.decode(), "sha256": hashlib.sha256(content).hexdigest(), "kiosk": "hall", "patient": patient}
    made = {base: {"schema": 1, **fields, "uploads": {"capture.npz": UPLOAD}, "received_at": at}}
    if summary.worklist is not None:
        made[f"sites/north/worklist/{whole['id']}"] = {**summary.worklist, "received_at": at}
    if summary.consent is not None:
        made[f"sites/north/consents/{whole['id']}"] = {**summary.consent, "received_at": at}
    project.documents.create_all(made)
    return whole


def review(project: Project, record: Mapping[str, Any], name: str, verdict: str, **changes: Any) -> None:
    """Review a record as it is stored."""
    path = f"sites/north/records/{record['id']}"
    stored = project.documents.get(path)
    assert stored is not None
    said = {"record": record["id"], "record_sha256": stored.fields["sha256"], "patient": record["patient"], "author": "ada"}
    about = {"author_name": "Dr Ada", "verdict": verdict, "note": "=HYPERLINK(1)", "supersedes": None, "at": ARRIVED}
    project.documents.create(f"{path}/reviews/{name}", {"schema": 1, **said, **about, **changes})


def opened(project: Project, record: Mapping[str, Any], entry: str) -> None:
    """Leave what an opening of a record leaves."""
    about = {"uid": "ada", "record": record["id"], "at": ARRIVED}
    audit = {**about, "name": "Dr Ada", "action": "open_record", "patient": record["patient"]}
    project.documents.create_all(
        {
            f"sites/north/audit/{entry}": {"schema": 1, **audit},
            f"sites/north/opened/ada_{record['id']}": {"schema": 1, **about, "entry": entry},
        }
    )


def everything(project: Project) -> dict[str, Mapping[str, Any]]:
    """Return every document of the site north by path, whatever collection it lies in."""
    found: dict[str, Mapping[str, Any]] = {}
    for name in ("records", "worklist", "consents", "patients", "audit", "opened", "tombstones", "exports"):
        for one in project.documents.find(f"sites/north/{name}"):
            found[one.path] = one.fields
            for below in {"records": ["reviews"], "exports": ["patients"]}.get(name, []):
                found |= {each.path: each.fields for each in project.documents.find(f"{one.path}/{below}")}
    return found
