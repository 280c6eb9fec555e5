"""Images that no record names: uploaded before a document that the rules then refused, or sent once more elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cloud_sync.firebase.admin.project import Project
from cloud_sync.firebase.admin.records import uploads_of
from cloud_sync.firebase.admin.sites import known_site

Objects = Sequence[tuple[str, datetime]]
"""Names, and when each was made."""


def find(project: Project, site: str, age: timedelta) -> Sequence[str]:
    """Return the objects of a site that are older than ``age`` and that no record names. Raises `NotThere`.

    One younger than that may be about to get its document: a kiosk with a slow line takes its time.
    """
    known_site(project, site)
    prefix, before = f"sites/{site}/records/", datetime.now(UTC) - age
    by_record: dict[str, list[tuple[str, datetime]]] = {}
    for name, made in project.objects.with_times(prefix):
        by_record.setdefault(name.removeprefix(prefix).partition("/")[0], []).append((name, made))
    return [name for record, objects in by_record.items() for name in _unnamed(project, f"{prefix}{record}", objects, before)]


def _unnamed(project: Project, record: str, objects: Objects, before: datetime) -> Sequence[str]:
    """Return which of a record's objects nothing names; none where one of them is younger and the document may come."""
    if not any(made < before for _, made in objects):
        return []
    document = project.documents.get(record)
    if document is None:
        return [name for name, _ in objects] if all(made < before for _, made in objects) else []
    ends = {f"/{upload}/{part}" for part, upload in uploads_of(document.fields).items()}
    return [name for name, made in objects if made < before and not name.endswith(tuple(ends))]


def remove(project: Project, names: Sequence[str]) -> None:
    for name in names:
        project.objects.remove(name)
