"""From which pages a browser may fetch objects of the bucket (CORS).

Firebase's SDK gets bytes by a request from the portal's page to another host, and the bucket, not the rules, says who may.
A new bucket allows none, and no emulator shows it (firebase.google.com/docs/storage/web/download-files, "CORS Configuration").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from cloud_sync.firebase.admin.errors import BadRequest, CloudFault, NotThere
from cloud_sync.firebase.admin.project import Project
from cloud_sync.firebase.admin.web import google_json

STORAGE = "https://storage.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/devstorage.full_control"
MAX_AGE_S = 3600


def portals(project: str, more: Sequence[str]) -> Sequence[str]:
    """Return the addresses at which Hosting serves the portal, and ``more`` of the clinic's own (``https://HOST``)."""
    for origin in more:
        parts = urlsplit(origin)
        if parts.scheme != "https" or not parts.netloc or origin != f"https://{parts.netloc}":
            raise BadRequest(f"{origin[:80]!r} is no page's origin; write it like https://portal.north.example")
    return [f"https://{project}.web.app", f"https://{project}.firebaseapp.com", *more]


def missing(project: Project, origins: Sequence[str]) -> Sequence[str]:
    """Return those of ``origins`` from which nothing may be fetched yet. Raises `NotThere` where there is no bucket."""
    return [origin for origin in origins if not any(_allows(entry, origin) for entry in _entries(project))]


def allow(project: Project, origins: Sequence[str]) -> None:
    """Let these pages fetch objects; what the bucket allows already stays."""
    entry = {"origin": list(origins), "method": ["GET"], "responseHeader": ["Content-Type"], "maxAgeSeconds": MAX_AGE_S}
    body = {"cors": [*_entries(project), entry]}
    if google_json(project, _bucket(project), SCOPE, method="PATCH", body=body) is None:
        raise NotThere(f"there is no bucket {project.access.bucket}; make it in the Firebase console, or give --bucket")


def _entries(project: Project) -> Sequence[Mapping[str, Any]]:
    bucket = google_json(project, _bucket(project), SCOPE)
    if bucket is None:
        raise NotThere(f"there is no bucket {project.access.bucket}; make it in the Firebase console, or give --bucket")
    entries = bucket.get("cors", [])
    if not isinstance(entries, list):
        raise CloudFault(f"Google's answer about the bucket {project.access.bucket} is none that is known here")
    return entries


def _allows(entry: Mapping[str, Any], origin: str) -> bool:
    return bool({origin, "*"} & set(entry.get("origin", []))) and bool({"GET", "*"} & set(entry.get("method", [])))


def _bucket(project: Project) -> str:
    return f"{STORAGE}/storage/v1/b/{quote(project.access.bucket, safe='')}?fields=cors"
