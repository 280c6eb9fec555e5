"""Images without a record: uploaded before a document that the rules then refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cloud_sync.firebase.admin.project import Project
from cloud_sync.firebase.admin.sites import known_site


def find(project: Project, site: str, age: timedelta) -> Sequence[str]:
    """Return the objects of a site that are older than ``age`` and whose record is not there. Raises `NotThere`.

    One younger than that may be about to get its document: a kiosk with a slow line takes its time.
    """
    known_site(project, site)
    prefix, before = f"sites/{site}/records/", datetime.now(UTC) - age
    by_record: dict[str, list[tuple[str, datetime]]] = {}
    for name, made in project.objects.with_times(prefix):
        by_record.setdefault(name.removeprefix(prefix).partition("/")[0], []).append((name, made))
    return [
        name
        for record, objects in by_record.items()
        if all(made < before for _, made in objects) and project.documents.get(f"{prefix}{record}") is None
        for name, _ in objects
    ]


def remove(project: Project, names: Sequence[str]) -> None:
    for name in names:
        project.objects.remove(name)
