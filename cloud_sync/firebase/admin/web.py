"""What a program needs in order to sign in at a project: the settings of its web app. None of it is a secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloud_sync.firebase.admin.errors import BadRequest, CloudFault, CloudRefused, CloudUnavailable, NotThere
from cloud_sync.firebase.admin.project import Project

MANAGEMENT = "https://firebase.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/firebase.readonly"
NEEDED = ("apiKey", "authDomain")


def web_settings(project: Project, api_key: str | None = None) -> dict[str, str]:
    """Return ``project``, ``apiKey``, ``bucket`` and ``authDomain``, as the portal reads them.

    Asks Firebase's management API for the project's first web app, unless everything is an emulator, which takes any key.
    Raises `NotThere` where the project has no web app.
    """
    own = {"project": project.id, "bucket": project.access.bucket}
    if project.access.emulated:
        return {**own, "apiKey": api_key or "emulators", "authDomain": f"{project.id}.firebaseapp.com"}
    asked = f"{MANAGEMENT}/v1beta1/projects/{project.id}/webApps"
    apps = _get(project, asked).get("apps") or []
    if not apps:
        raise NotThere(
            f"the project {project.id} has no web app: add one in the Firebase console (Project settings, General, Your apps)"
        )
    found = _get(project, f"{MANAGEMENT}/v1beta1/{apps[0]['name']}/config")
    if lacking := [key for key in NEEDED if not isinstance(found.get(key), str)]:
        raise CloudFault(f"the web app of {project.id} has no {', '.join(lacking)}; make a new one in the Firebase console")
    return {**own, "apiKey": api_key or str(found["apiKey"]), "authDomain": str(found["authDomain"])}


def api_key_of(project: Project, api_key: str | None) -> str:
    """Return the key that the options name, else that of the project's web app."""
    return api_key or web_settings(project)["apiKey"]


def _get(project: Project, url: str) -> Mapping[str, Any]:
    return google_json(project, url, SCOPE) or {}


def google_json(
    project: Project, url: str, scope: str, *, method: str = "GET", body: Mapping[str, Any] | None = None
) -> Mapping[str, Any] | None:
    """Ask one of Google's interfaces with the service account; ``None`` for 404. Raises `CloudRefused`, `CloudUnavailable`."""
    from google.auth.transport.requests import AuthorizedSession

    credential = project.credential.get_credential()
    scoped = credential.with_scopes([scope]) if hasattr(credential, "with_scopes") else credential

    def ask() -> Any:
        with AuthorizedSession(scoped) as session:
            # max_allowed_time bounds the refresh of the token, too.
            limit = project.calls.timeout_s
            return session.request(method, url, json=body, timeout=limit, max_allowed_time=2 * limit)

    answer = project.calls(f"{url} could not be asked", ask)
    if answer.status_code == 404:
        return None
    if answer.status_code in (401, 403):
        what = "read" if method == "GET" else "change"
        raise CloudRefused(f"the service account may not {what} {url}: give it the role Firebase Admin ({answer.status_code})")
    if answer.status_code == 400:
        raise BadRequest(f"Google does not take what was sent to {url}: {_words(answer)}")
    if not answer.ok:
        raise CloudUnavailable(f"{url} answered {answer.status_code}; try again later")
    document = answer.json()
    return document if isinstance(document, dict) else {}


def _words(answer: Any) -> str:
    """Google's own words about a request; they name fields and states."""
    try:
        return str(answer.json()["error"]["message"])[:300]
    except (ValueError, KeyError, TypeError):
        return "no reason was given"
