"""How people sign in at a project: with a password, by invitation alone, and with a second factor where it is wanted.

Fields: `GoogleCloudIdentitytoolkitAdminV2Config` of Google's Identity Toolkit API, v2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloud_sync.firebase.admin.errors import NotThere
from cloud_sync.firebase.admin.project import Project
from cloud_sync.firebase.admin.web import google_json

IDENTITY = "https://identitytoolkit.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/identitytoolkit"
WANTED: Mapping[str, Any] = {
    "signIn.email.enabled": True,
    "signIn.email.passwordRequired": True,  # no link that signs in by itself lies in a mailbox
    "client.permissions.disabledUserSignup": True,
    "client.permissions.disabledUserDeletion": True,  # the audit refers to people
    "emailPrivacyConfig.enableImprovedEmailPrivacy": True,  # nobody can try out who is a doctor here
}
TOTP: Mapping[str, Any] = {"state": "ENABLED", "totpProviderConfig": {"adjacentIntervals": 1}}
"""A code of the minute before or after is taken (RFC 6238, section 5.2); the project needs Identity Platform for it."""


def changes(project: Project, *, second_factor: bool) -> Mapping[str, Any]:
    """Return what has to be changed, by the field's name. Raises `NotThere` where Authentication was never switched on."""
    there = google_json(project, _config(project), SCOPE)
    if there is None:
        raise NotThere(f"Authentication is not switched on in {project.id}: press 'Get started' in the Firebase console")
    changed = {path: value for path, value in WANTED.items() if _at(there, path) != value}
    mfa = there.get("mfa") or {}
    if second_factor and not _takes_totp(mfa):
        others = [provider for provider in mfa.get("providerConfigs") or [] if "totpProviderConfig" not in provider]
        state = mfa["state"] if mfa.get("state") == "MANDATORY" else "ENABLED"
        changed["mfa"] = {**mfa, "state": state, "providerConfigs": [*others, TOTP]}
    return changed


def apply(project: Project, changed: Mapping[str, Any]) -> None:
    """Change it. Raises `BadRequest` with Google's words, `CloudRefused`, `CloudUnavailable`."""
    body: dict[str, Any] = {}
    for path, value in changed.items():
        *tables, key = path.split(".")
        table = body
        for name in tables:
            table = table.setdefault(name, {})
        table[key] = value
    google_json(project, f"{_config(project)}?updateMask={','.join(changed)}", SCOPE, method="PATCH", body=body)


def _takes_totp(mfa: Mapping[str, Any]) -> bool:
    providers = mfa.get("providerConfigs") or []
    enabled = any("totpProviderConfig" in one and one.get("state") in ("ENABLED", "MANDATORY") for one in providers)
    return enabled and mfa.get("state") in ("ENABLED", "MANDATORY")


def _at(document: Mapping[str, Any], path: str) -> Any:
    value: Any = document
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _config(project: Project) -> str:
    return f"{IDENTITY}/admin/v2/projects/{project.id}/config"
