"""Which project is meant, and by which right: a service account's file, or the emulators of the environment."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud_sync.firebase.admin.errors import BadCredential, NoProject

CREDENTIALS = "GOOGLE_APPLICATION_CREDENTIALS"
EMULATORS = {
    "FIRESTORE_EMULATOR_HOST": "firestore",
    "FIREBASE_AUTH_EMULATOR_HOST": "auth",
    "STORAGE_EMULATOR_HOST": "storage",
}
PROJECT_VARIABLES = ("GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT")
_PROJECT = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")
"""cloud.google.com/resource-manager/docs/creating-managing-projects: 6 to 30 lower-case letters, digits and hyphens."""


@dataclass(frozen=True)
class Access:
    """A project, and how to get in."""

    project: str
    bucket: str
    service_account: Path | None
    """``None`` where everything is an emulator."""
    account: str
    """Who acts: the service account's e-mail address. It stands in the audit."""

    @property
    def emulated(self) -> bool:
        return self.service_account is None


def find_access(
    environment: Mapping[str, str], *, project: str | None, service_account: Path | None, bucket: str | None
) -> Access:
    """Return what the options say, completed by the environment. Raises `NoProject` or `BadCredential`."""
    if emulated(environment):
        named = _checked(project or _first(environment, PROJECT_VARIABLES))
        return Access(named, bucket or default_bucket(named), None, "emulators")
    path = service_account or (Path(environment[CREDENTIALS]) if environment.get(CREDENTIALS) else None)
    if path is None:
        raise BadCredential(
            f"nobody said with which right: give --service-account FILE, or set {CREDENTIALS} (the file comes from the "
            "Firebase console, Project settings, Service accounts)"
        )
    account = read_service_account(path)
    named = _checked(project or account["project_id"])
    return Access(named, bucket or default_bucket(named), path, account["client_email"])


def emulated(environment: Mapping[str, str]) -> bool:
    """Whether the environment points at emulators; one half of a project there and the other at Google is refused."""
    there = [variable for variable in EMULATORS if environment.get(variable)]
    if there and len(there) < len(EMULATORS):
        missing = ", ".join(variable for variable in EMULATORS if variable not in there)
        raise BadCredential(
            f"{', '.join(there)} is set, but not {missing}: half of it would go to the real project. Set all of them, or none"
        )
    return bool(there)


def read_service_account(path: Path) -> Mapping[str, Any]:
    """Return the fields of a service account's file. Raises `BadCredential`, never with anything of the content."""
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise BadCredential(f"the service account's file {path} cannot be read ({error.strerror})") from error
    except ValueError:
        raise BadCredential(f"{path} is no service account's file: it is no JSON; download the key again") from None
    needed = ("project_id", "client_email", "private_key", "token_uri")
    if not isinstance(document, dict) or document.get("type") != "service_account":
        raise BadCredential(f'{path} is no service account\'s file: its "type" is another; download the key of one')
    if lacking := [key for key in needed if not isinstance(document.get(key), str)]:
        raise BadCredential(f"{path} is no whole service account's file: it lacks {', '.join(lacking)}; download it again")
    return document


def readable_by_others(path: Path) -> bool:
    """Whether others than its owner may read a file that opens every patient's data."""
    return bool(path.stat().st_mode & 0o077)


def default_bucket(project: str) -> str:
    """Return the bucket that Firebase makes for a project (since October 2024)."""
    return f"{project}.firebasestorage.app"


def _checked(project: str | None) -> str:
    if not project:
        raise NoProject("nobody said which project: give --project ID (the Firebase console shows it)")
    if not _PROJECT.fullmatch(project):
        raise NoProject(f"{project[:60]!r} is no project's id: 6 to 30 lower-case letters, digits and hyphens")
    return project


def _first(environment: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((environment[name] for name in names if environment.get(name)), None)
