"""Which rules a project has now, so that nobody else's are replaced by surprise."""

from __future__ import annotations

from enum import StrEnum

from cloud_sync.firebase.admin.errors import CloudFault
from cloud_sync.firebase.admin.project import Project
from cloud_sync.firebase.admin.web import google_json

RULES = "https://firebaserules.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/firebase.readonly"


class Present(StrEnum):
    """What is there where rules are to be put."""

    NONE = "none yet"
    SAME = "these already"
    OTHER = "other ones"


def firestore_release(project: Project) -> str:
    """Return the name under which Firestore finds its rules."""
    return f"projects/{project.id}/releases/cloud.firestore"


def storage_release(project: Project) -> str:
    return f"projects/{project.id}/releases/firebase.storage/{project.access.bucket}"


def present(project: Project, release: str, ours: str) -> Present:
    """Compare what is released with ``ours``. Raises `CloudRefused`, `CloudUnavailable`."""
    theirs = released(project, release)
    if theirs is None:
        return Present.NONE
    return Present.SAME if theirs.strip() == ours.strip() else Present.OTHER


def released(project: Project, release: str) -> str | None:
    """Return the text of the rules that are in force; ``None`` where there are none."""
    found = google_json(project, f"{RULES}/v1/{release}", SCOPE)
    if found is None:
        return None
    ruleset = google_json(project, f"{RULES}/v1/{found.get('rulesetName')}", SCOPE)
    try:
        files = (ruleset or {})["source"]["files"]
        return "\n".join(str(file["content"]) for file in files)
    except (KeyError, TypeError) as error:
        raise CloudFault(f"Google's answer about {release} is none that is known here; look in the Firebase console") from error
