"""Records for training models: of patients who consented, reviewed by a doctor, without who they are."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from cloud_sync.fields import text_of
from cloud_sync.firebase.admin.deidentified import Study, Unusable, arrays_of, document_of
from cloud_sync.firebase.admin.errors import BadRequest, CloudFault, CloudRefused, CloudUnavailable, NotThere, OutputFailed
from cloud_sync.firebase.admin.exports import new_id, register
from cloud_sync.firebase.admin.plain import MANIFEST, SCHEMA
from cloud_sync.firebase.admin.project import Project
from cloud_sync.firebase.admin.records import NOT_ASSESSABLE, Review, Stored, patients_for_training, reviews, stored
from cloud_sync.firebase.admin.sites import known_site
from cloud_sync.firebase.admin.written import Draft, check_new, new_folder
from cloud_sync.summary import is_examination
from device.store.files import create_durably

CAPTURE = "capture.npz"
KEY_KIND = "firstlight-training-key"
LARGEST_SHIFT = timedelta(days=182)
"""Dates are moved by up to half a year in either direction, to the second, by the same for all records of one patient."""


@dataclass
class Gathered:
    """What a training export became."""

    export: str
    studies: dict[str, Study] = field(default_factory=dict)
    """By patient reference."""
    records_of: dict[str, dict[str, str]] = field(default_factory=dict)
    """By patient reference: record id → its name in the export."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Why → how many."""

    @property
    def records(self) -> int:
        return sum(map(len, self.records_of.values()))

    def study(self, patient: str) -> Study:
        """Return the patient's study id and shift, drawn at their first record."""
        if patient not in self.studies:
            largest = int(LARGEST_SHIFT.total_seconds())
            shift = timedelta(seconds=secrets.randbelow(2 * largest + 1) - largest)
            self.studies[patient] = Study(secrets.token_hex(8), shift)
        return self.studies[patient]


def export_training(project: Project, site: str, out: Path, key_file: Path) -> Gathered:
    """Write the new folder ``out``, and ``key_file`` (mode 0600), the only way back from a study id to a patient.

    The key is on the disk before the folder can be seen. Raises `NotThere` where no record may be exported, and `OutputFailed`.
    """
    _check_apart(out, key_file)
    known_site(project, site)
    gathered = Gathered(new_id())
    with new_folder(out) as draft:
        for record, document, said in _allowed(project, site, gathered):
            try:
                _write(project, site, draft, record, document, said, gathered)
            except Unusable as error:
                gathered.left_out[str(error)] += 1
        if not gathered.records:
            why = "; ".join(f"{count}: {reason}" for reason, count in gathered.left_out.items()) or "there are no records"
            raise NotThere(f"no record of {site} may be exported for training ({why})")
        draft.write(MANIFEST, _manifest(gathered, draft))
        studies = {patient: study.name for patient, study in gathered.studies.items()}
        register(project, site, gathered.export, "training", studies, only=None)
        if not create_durably(key_file, _key(gathered, site), 0o600):
            raise OutputFailed(f"{key_file} is there already and is not overwritten; give another --key-file")
    return gathered


def _check_apart(out: Path, key_file: Path) -> None:
    check_new(out)
    check_new(key_file)
    if key_file.resolve().is_relative_to(out.resolve()):
        raise BadRequest("the key file must not lie in the export: whoever has both knows who the patients are")


def _allowed(project: Project, site: str, gathered: Gathered) -> Iterator[tuple[Stored, dict[str, Any], list[Review]]]:
    consented = patients_for_training(project, site)
    for record in stored(project, site):
        if not record.whole:
            gathered.left_out["differs from its hash"] += 1
            continue
        document = _parsed(record)
        if document is None or not is_examination(document):
            continue
        if record.patient not in consented:
            gathered.left_out["the patient's latest consent does not say training"] += 1
            continue
        if text_of(document, "modality") != "thermal":
            gathered.left_out["a head's slices show a face, which nothing here removes"] += 1
            continue
        said = [review for review in reviews(project, site, record) if review.verdict != NOT_ASSESSABLE]
        if not said:
            gathered.left_out["no doctor has reviewed it, or nobody could assess it"] += 1
            continue
        yield record, document, said


def _parsed(record: Stored) -> dict[str, Any] | None:
    try:
        document = json.loads(record.content)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _write(
    project: Project, site: str, draft: Draft, record: Stored, document: dict[str, Any], said: list[Review], gathered: Gathered
) -> None:
    assert record.patient is not None
    digest = text_of(document, "parts", CAPTURE, "sha256")
    if digest is None:
        raise Unusable("it has no images")
    try:
        capture = project.objects.verified(record.part_path(site, CAPTURE, digest), digest)
    except (NotThere, CloudFault) as error:
        if isinstance(error, CloudUnavailable | CloudRefused):
            raise
        raise Unusable("its images are not there, or are damaged") from error
    arrays = arrays_of(capture)
    study, name = gathered.study(record.patient), secrets.token_hex(8)
    draft.write(f"records/{name}/record.json", document_of(document, study, name, said))
    draft.write(f"records/{name}/images.npz", arrays)
    gathered.records_of.setdefault(record.patient, {})[record.id] = name


def _manifest(gathered: Gathered, draft: Draft) -> bytes:
    """Nothing in it leads to a person, a site or a kiosk; the site is in the cloud, under the export's id."""
    document = {
        "kind": "firstlight-export",
        "schema": SCHEMA,
        "export": gathered.export,
        "format": "training",
        "records": gathered.records,
        "studies": len(gathered.studies),
        "left_out": dict(gathered.left_out),
        "files": {name: {"sha256": sha256} for name, sha256 in sorted(draft.hashes.items())},
    }
    return json.dumps(document, indent=1).encode()


def _key(gathered: Gathered, site: str) -> bytes:
    patients = {
        patient: {
            "study": study.name,
            "shift_s": int(study.shift.total_seconds()),
            "records": gathered.records_of[patient],
        }
        for patient, study in gathered.studies.items()
    }
    about = {"kind": KEY_KIND, "schema": SCHEMA, "export": gathered.export, "site": site}
    return json.dumps({**about, "patients": patients}, indent=1).encode()
