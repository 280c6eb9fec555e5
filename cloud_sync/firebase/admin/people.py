"""Doctors and a site's administrators: invited, listed, revoked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from cloud_sync.firebase.admin.errors import AlreadyThere, NotThere
from cloud_sync.firebase.admin.names import email as checked_email
from cloud_sync.firebase.admin.names import text
from cloud_sync.firebase.admin.project import Project
from cloud_sync.firebase.admin.sites import Made, known_site
from cloud_sync.firebase.admin.users import User


class Role(StrEnum):
    DOCTOR = "doctor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class Invited:
    user: User
    made: Made
    link: str
    """Where they choose their password. It is as good as one."""


def invite(project: Project, site: str, email: str, name: str, role: Role, *, change: bool = False) -> Invited:
    """Create a person of ``site`` and return the link at which they choose a password; nothing is sent.

    Somebody who is there already gets a new link; another name or role, or an account that was revoked, needs ``change``.
    Somebody of another site is refused (`AlreadyThere`): one account sees one site.
    """
    known_site(project, site)
    email, name = checked_email(email), text(name, "a name")
    claims = {"role": role.value, "site": site, "called": name}
    there, made = project.users.by_email(email), Made.UNCHANGED
    if there is not None and not there.claims:
        _remove_stranger(project, there, change)
        there = None
    if there is None:
        there, made = project.users.create(None, email=email, name=name), Made.CREATED
    elif there.claims.get("site") != site or there.claims.get("role") not in list(Role):
        raise AlreadyThere(f"{email} belongs to {there.claims.get('site')}; one account sees one site, so use another address")
    elif dict(there.claims) != claims or there.name != name or there.disabled:
        if not change:
            state = "revoked" if there.disabled else f"{there.claims.get('role')} {there.name}"
            raise AlreadyThere(f"{email} is there already ({state}); --change makes it {role.value} {name}, in use")
        made = Made.CHANGED
        project.users.revoke_tokens(there.uid)
        project.users.change(there.uid, display_name=name, disabled=False)
    project.users.set_claims(there.uid, claims)
    return Invited(there, made, project.users.reset_link(email))


def _remove_stranger(project: Project, user: User, change: bool) -> None:
    """Whoever knows a project's web key may sign up with any address; such an account must not become a doctor's."""
    if not change:
        raise AlreadyThere(
            f"somebody has signed up with {user.email} by themselves, perhaps not its owner; --change removes that account and "
            "makes a new one. Switch signing up off: Firebase console, Authentication, Settings, User actions"
        )
    project.users.remove(user.uid)


def revoke(project: Project, email: str) -> bool:
    """End what a person may do, within an hour (the life of an ID token). Returns whether they could do anything before."""
    user = person(project, email)
    was_in_use = not user.disabled
    project.users.change(user.uid, disabled=True)
    project.users.revoke_tokens(user.uid)
    return was_in_use


def person(project: Project, email: str, site: str | None = None) -> User:
    """Return the doctor or administrator with this address (of ``site``, where one is named). Raises `NotThere`."""
    user = project.users.by_email(checked_email(email))
    if user is None or user.claims.get("role") not in list(Role) or (site is not None and user.claims.get("site") != site):
        at = f" at {site}" if site else ""
        raise NotThere(f"there is no doctor or administrator {email}{at}; invite them with `firstlight cloud invite-doctor`")
    return user


def list_people(project: Project, site: str) -> Sequence[User]:
    """Return the doctors and administrators of a site, by address."""
    known_site(project, site)
    staff = [user for user in project.users.all() if user.claims.get("site") == site and user.claims.get("role") in list(Role)]
    return sorted(staff, key=lambda user: user.email or "")
