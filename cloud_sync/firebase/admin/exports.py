"""What is known of an export in the cloud: who made it, when, of whom (as hashes), and which models were trained on it.

`sites/{site}/exports/{id}`, and below it ``patients/{hash}`` for each patient. Without them nobody could say, when a patient
asks to be erased, where copies of their data went.
"""

from __future__ import annotations

import getpass
import hashlib
import hmac
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cloud_sync.firebase.admin.documents import LARGEST_COMMIT, now, with_member
from cloud_sync.firebase.admin.errors import BadRequest, NotThere
from cloud_sync.firebase.admin.names import sha256
from cloud_sync.firebase.admin.project import Project
from cloud_sync.firebase.admin.records import moment
from cloud_sync.firebase.admin.sites import SCHEMA

FORMATS = ("fhir", "csv", "training")


@dataclass(frozen=True)
class Export:
    """One export."""

    id: str
    site: str
    format: str
    at: datetime
    salt: bytes
    models: Sequence[str]

    @property
    def path(self) -> str:
        return f"sites/{self.site}/exports/{self.id}"

    def hash_of(self, patient: str) -> str:
        """Return the patient's name in this export: HMAC-SHA256 under the export's own salt."""
        return hmac.new(self.salt, patient.encode(), hashlib.sha256).hexdigest()

    def patient_path(self, patient: str) -> str:
        return f"{self.path}/patients/{self.hash_of(patient)}"


def new_id() -> str:
    return secrets.token_hex(16)


def register(
    project: Project, site: str, export: str, format: str, patients: Mapping[str, str | None], *, only: str | None
) -> None:
    """Write down an export before its files can be seen. ``patients``: reference → study id, or ``None``.

    The audit's entry comes with it; ``only``: the patient that was asked for, where it was one.
    """
    salt = secrets.token_bytes(32)
    made = Export(export, site, format, moment(None), salt, [])
    paths = [(made.patient_path(patient), study) for patient, study in patients.items()]
    # The patients first: an export without its own document is no export, and one with it is complete.
    for at in range(0, len(paths), LARGEST_COMMIT):
        some = paths[at : at + LARGEST_COMMIT]
        project.documents.create_all({path: {"schema": SCHEMA, "study": study} for path, study in some})
    about = {"format": format, "salt": salt, "by": project.access.account, "patients": len(paths), "models": [], "at": now()}
    entry = {"uid": f"tools:{project.access.account}", "name": person(), "action": "export", "record": None, "patient": only}
    project.documents.create_all(
        {
            made.path: {"schema": SCHEMA, **about},
            f"sites/{site}/audit/{export}": {"schema": SCHEMA, **entry, "at": now()},
        }
    )


def person() -> str:
    """Return who sits at this computer, as far as it knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def note_model(project: Project, site: str, export: str, model: str) -> None:
    """Say that a model (by its bundle's hash) was trained on an export. Done again, it changes nothing. Raises `NotThere`."""
    found = find(project, site, export)
    if found.format != "training":
        raise BadRequest(f"the export {export} is no training export but {found.format}; nothing should be trained on it")
    project.documents.update(found.path, {"models": with_member(sha256(model, "bundle"))})


def find(project: Project, site: str, export: str) -> Export:
    """Return an export by its id. Raises `NotThere`."""
    if len(export) == 32 and export.isalnum():
        for found in all_of(project, site, export):
            return found
    raise NotThere(f"there is no export {export[:40]!r} at {site}; its id stands in the export's manifest")


def all_of(project: Project, site: str, export: str | None = None) -> Iterator[Export]:
    """Yield the exports of a site, or the one with this id."""
    collection = f"sites/{site}/exports"
    one = [project.documents.get(f"{collection}/{export}")] if export is not None else project.documents.find(collection)
    for document in one:
        if document is not None:
            fields = document.fields
            yield Export(
                id=document.id,
                site=site,
                format=str(fields.get("format")),
                at=moment(fields.get("at")),
                salt=bytes(fields.get("salt") or b""),
                models=[str(model) for model in fields.get("models") or []],
            )


def with_patient(project: Project, site: str, patient: str) -> Sequence[tuple[Export, str | None]]:
    """Return the exports that hold something of ``patient``, each with their study id there."""
    found = []
    for export in all_of(project, site):
        document = project.documents.get(export.patient_path(patient))
        if document is not None:
            study = document.fields.get("study")
            found.append((export, study if isinstance(study, str) else None))
    return found
