"""Everything about a patient goes, and a tombstone stays that keeps late records out. What was interrupted, the next run ends.

What refers to something is removed after it: a record's document last of all, because by it the next run finds the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cloud_sync.firebase.admin import copies, exports
from cloud_sync.firebase.admin.documents import now
from cloud_sync.firebase.admin.errors import NotThere
from cloud_sync.firebase.admin.exports import Export
from cloud_sync.firebase.admin.names import new_patient
from cloud_sync.firebase.admin.names import patient as checked
from cloud_sync.firebase.admin.patients import known, patient_path
from cloud_sync.firebase.admin.project import Project
from cloud_sync.firebase.admin.sites import SCHEMA, known_site


@dataclass
class Erased:
    """What went, by kind, and what is left for people to do."""

    counts: Counter[str] = field(default_factory=Counter)
    models: Sequence[str] = ()
    """Bundles that were trained on something of this patient."""
    elsewhere: Sequence[Export] = ()
    """Exports with something of the patient that were not in the folder that was named."""


def check(project: Project, site: str, patient: str, *, unknown_too: bool) -> None:
    """Raise `NotThere` where nobody knows this patient, and nobody has said that they are to be kept out all the same."""
    (new_patient if unknown_too else checked)(patient)
    known_site(project, site)
    there = project.documents.get(tombstone_path(site, patient)) is not None
    if not there and not unknown_too and not known(project, site, patient):
        raise NotThere(
            f"nothing of a patient {patient} has arrived at {site}; to keep out what may still be on a kiosk, add --unknown-too"
        )


def erase(project: Project, site: str, patient: str, folder: Path | None = None, *, copies_gone: bool = False) -> Erased:
    """Erase a patient, also from the exports below ``folder``. Raises what the cloud raises; then run it again.

    ``copies_gone``: a person says that the copies that are known elsewhere do not exist any more.
    """
    erased = Erased()
    held = exports.with_patient(project, site, patient)
    erased.models = _tombstone(project, site, patient, [export for export, _ in held])
    ids = _records(project, site, patient)
    _count(project, site, patient, len(ids))
    for record in ids:
        _erase_record(project, site, record, erased)
    _erase_found(project, site, "worklist", patient, erased)
    _erase_found(project, site, "consents", patient, erased)
    _forget_in_audit(project, site, ("patient", patient), erased)
    _erase_copies(project, patient, held, folder, erased, copies_gone=copies_gone)
    if project.documents.get(patient_path(site, patient)) is not None:
        project.documents.remove_all([patient_path(site, patient)])
        erased.counts["patient documents"] += 1
    return erased


def tombstone_path(site: str, patient: str) -> str:
    return f"sites/{site}/tombstones/{checked(patient)}"


def _tombstone(project: Project, site: str, patient: str, held: Sequence[Export]) -> Sequence[str]:
    """Write the tombstone, or complete the one of an earlier run; from now on the rules refuse this patient's records."""
    path = tombstone_path(site, patient)
    there = project.documents.get(path)
    before = set() if there is None else set(there.fields.get("models") or [])
    models = sorted(before | _models_trained_on(project, [export for export in held if export.format == "training"]))
    if there is None:
        project.documents.create(path, {"schema": SCHEMA, "erased_at": now(), "records": 0, "models": models})
    elif models != sorted(before):
        project.documents.update(path, {"models": models})
    return models


def _models_trained_on(project: Project, held: Sequence[Export]) -> set[str]:
    """Those that were noted, and those whose published card names the export."""
    noted = {model for export in held for model in export.models}
    if not held:
        return noted
    cards = project.documents.find("models", page=20)
    return noted | {card.id for card in cards if any(export.id in str(card.fields.get("card")) for export in held)}


def _records(project: Project, site: str, patient: str) -> Sequence[str]:
    """Return the ids of everything that there is of the patient, also where a record itself is gone already."""
    found = {
        document.id
        for collection in ("records", "worklist", "consents")
        for document in project.documents.find(f"sites/{site}/{collection}", ("patient", "==", patient))
    }
    return sorted(found)


def _count(project: Project, site: str, patient: str, records: int) -> None:
    """Keep the largest number that a run has seen: an interrupted one saw more than the next."""
    path = tombstone_path(site, patient)
    there = project.documents.get(path)
    if there is not None and records > int(there.fields.get("records") or 0):
        project.documents.update(path, {"records": records})


def _erase_record(project: Project, site: str, record: str, erased: Erased) -> None:
    base = f"sites/{site}/records/{record}"
    for name in project.objects.names(f"{base}/"):
        erased.counts["objects"] += project.objects.remove(name)
    _erase_readings(project, site, record, erased)
    _forget_in_audit(project, site, ("record", record), erased)
    for collection, kind in (("consents", "consents"), ("worklist", "worklist lines"), ("records", "records")):
        path = f"sites/{site}/{collection}/{record}"
        if project.documents.get(path) is not None:
            erased.counts[kind] += _remove(project, [path])
    # What somebody opened and signed meanwhile; where there is no record any more, the rules take no more.
    _erase_readings(project, site, record, erased)


def _erase_readings(project: Project, site: str, record: str, erased: Erased) -> None:
    reviews = project.documents.find(f"sites/{site}/records/{record}/reviews")
    erased.counts["reviews"] += _remove(project, [one.path for one in reviews])
    opened = project.documents.find(f"sites/{site}/opened", ("record", "==", record))
    erased.counts["openings"] += _remove(project, [one.path for one in opened])


def _erase_found(project: Project, site: str, collection: str, patient: str, erased: Erased) -> None:
    found = project.documents.find(f"sites/{site}/{collection}", ("patient", "==", patient))
    erased.counts[f"other {collection}"] += _remove(project, [one.path for one in found])


def _forget_in_audit(project: Project, site: str, which: tuple[str, str], erased: Erased) -> None:
    """Entries stay, without the patient: who opened which record when must stay known, and the id leads to nobody any more."""
    found = project.documents.find(f"sites/{site}/audit", (which[0], "==", which[1]))
    paths = [entry.path for entry in found if entry.fields.get("patient") is not None]
    project.documents.update_all(paths, {"patient": None})
    erased.counts["audit entries without the patient"] += len(paths)


def _erase_copies(
    project: Project,
    patient: str,
    held: Sequence[tuple[Export, str | None]],
    folder: Path | None,
    erased: Erased,
    *,
    copies_gone: bool,
) -> None:
    found: set[str] = set()
    if folder is not None:
        removed = copies.remove_from(folder, patient, {export.id: study for export, study in held})
        erased.counts["files of exports"] += removed.files
        found = removed.exports
    gone = [export for export, _ in held if copies_gone or export.id in found]
    # What was not found stays noted: the next run, with another folder, must still know of it.
    erased.elsewhere = [export for export, _ in held if export not in gone]
    erased.counts["notes of exports"] += _remove(project, [export.patient_path(patient) for export in gone])


def _remove(project: Project, paths: Sequence[str]) -> int:
    project.documents.remove_all(paths)
    return len(paths)
