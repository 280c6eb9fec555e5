"""What `deploy` is about to change in a project, known before it changes anything."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud_sync.firebase.admin import origins, signin, tools
from cloud_sync.firebase.admin.access import default_bucket
from cloud_sync.firebase.admin.deployed import Present, firestore_release, present, storage_release
from cloud_sync.firebase.admin.errors import DeployFailed
from cloud_sync.firebase.admin.project import Project
from cloud_sync.firebase.admin.release import PartName, Release, gather
from cloud_sync.firebase.admin.web import web_settings


@dataclass(frozen=True)
class Plan:
    """Everything that will be different afterwards."""

    release: Release
    there: Mapping[str, Present]
    """Which rules the project has now: "Firestore's rules" → whose."""
    pages: Sequence[str]
    """Origins that the bucket is to let fetch images."""
    sign_in: Mapping[str, Any]
    """Settings of Authentication that are to change."""
    executable: Path | None
    """firebase-tools, where it is needed."""

    def lines(self) -> Sequence[str]:
        """Return what will be there, and what is there now, a line each."""
        return [
            *self.release.describe(),
            *(f"the project has {what}: {state}" for what, state in self.there.items()),
            *(f"the bucket will let pages of {page} fetch images" for page in self.pages),
            *(f"sign-in: {path} becomes {json.dumps(value)}" for path, value in self.sign_in.items()),
        ]

    def questions(self) -> Sequence[str]:
        """Return what somebody else may have relied on, and a person should agree to."""
        replaced = [what for what, state in self.there.items() if state is Present.OTHER]
        rules = [f"replace {' and '.join(replaced)}, which are other ones"] if replaced else []
        return [*rules, *(["change how people sign in"] if self.sign_in else [])]


def make(
    project: Project, parts: Sequence[PartName], *, api_key: str | None, more_origins: Sequence[str], second_factor: bool
) -> Plan:
    """Look at the project and at the files; changes nothing. Raises `DeployFailed` and what the cloud raises."""
    if project.access.emulated:
        raise DeployFailed("the emulators take rules from files when they start; there is nothing to deploy to them")
    pages = origins.portals(project.id, more_origins)
    release = gather(parts, web_settings(project, api_key) if PartName.PORTAL in parts else None)
    asked = {
        PartName.RULES: ("Firestore's rules", firestore_release(project), release.firestore_rules),
        PartName.STORAGE: ("Storage's rules", storage_release(project), release.storage_rules),
    }
    return Plan(
        release=release,
        executable=tools.find() if release.targets else None,
        there={what: present(project, name, ours) for what, name, ours in (asked[part] for part in parts if part in asked)},
        pages=origins.missing(project, pages) if PartName.STORAGE in parts else [],
        sign_in=signin.changes(project, second_factor=second_factor) if PartName.SIGN_IN in parts else {},
    )


def carry_out(project: Project, plan: Plan, said: Callable[[str], None]) -> None:
    """Do what ``plan`` says; what Google refuses to a service account fails before firebase-tools has begun."""
    access = project.access
    if plan.sign_in:
        signin.apply(project, plan.sign_in)
    if plan.pages:
        origins.allow(project, plan.pages)
    if plan.executable is None or access.service_account is None:
        return
    with tempfile.TemporaryDirectory(prefix="firstlight-deploy-") as name:
        folder = Path(name)
        plan.release.write(folder, None if access.bucket == default_bucket(access.project) else access.bucket)
        tools.deploy(
            plan.executable,
            folder,
            project=access.project,
            targets=plan.release.targets,
            service_account=access.service_account,
            said=said,
        )
