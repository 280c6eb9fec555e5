"""Patients: which doctors look after them."""

from __future__ import annotations

from itertools import islice

from cloud_sync.firebase.admin.documents import now, with_member, without_member
from cloud_sync.firebase.admin.errors import AlreadyThere, NotThere
from cloud_sync.firebase.admin.names import new_patient
from cloud_sync.firebase.admin.names import patient as checked
from cloud_sync.firebase.admin.people import person
from cloud_sync.firebase.admin.project import Project
from cloud_sync.firebase.admin.sites import SCHEMA, known_site


def assign(project: Project, site: str, patient: str, doctor: str, *, remove: bool = False, new: bool = False) -> bool:
    """Put a doctor (by address) on a patient's list, or take them off; return whether that changed anything.

    A patient of whom nothing has arrived yet is refused (`NotThere`) unless ``new``: it may be a slip of the pen.
    """
    (new_patient if new else checked)(patient)
    known_site(project, site)
    user, path = person(project, doctor, site), patient_path(site, patient)
    if project.documents.get(f"sites/{site}/tombstones/{patient}") is not None:
        raise AlreadyThere(f"everything about {patient} was erased at {site}; nobody can be assigned any more")
    there = project.documents.get(path)
    if there is None and not new and not known(project, site, patient):
        raise NotThere(f"nothing of a patient {patient} has arrived at {site}; if the reference is right, add --new")
    doctors = [] if there is None else there.fields.get("doctors") or []
    if (user.uid in doctors) != remove:
        return False
    change = without_member(user.uid) if remove else with_member(user.uid)
    project.documents.put(path, {"schema": SCHEMA, "doctors": change, "assigned_at": now()})
    return True


def known(project: Project, site: str, patient: str) -> bool:
    """Whether the site has anything of this patient."""
    checked(patient)
    if project.documents.get(patient_path(site, patient)) is not None:
        return True
    for collection in ("records", "worklist", "consents"):
        found = project.documents.find(f"sites/{site}/{collection}", ("patient", "==", patient), page=1)
        if any(True for _ in islice(found, 1)):
            return True
    return False


def patient_path(site: str, patient: str) -> str:
    return f"sites/{site}/patients/{checked(patient)}"
