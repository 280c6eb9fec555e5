"""Kiosks: enrolled with a one-time password, revoked when they are stolen or given away."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cloud_sync.firebase.admin.documents import now
from cloud_sync.firebase.admin.errors import AlreadyThere, BadRequest, NotThere
from cloud_sync.firebase.admin.names import identifier, kiosk_email, kiosk_uid, text
from cloud_sync.firebase.admin.project import Project
from cloud_sync.firebase.admin.sites import SCHEMA, known_site

ENROLMENT_SCHEMA = 1
VALID = timedelta(hours=72)
"""For how long an enrolment file is good: long enough to post an SD card.

Firebase itself sets no end to its password, so a claim tells it to the rules, which refuse whoever signed in later.
"""
PASSWORD_BYTES = 32
TOKEN_AGE_MINUTES = 5
"""The rules refuse a kiosk's token that is older (docs/data-model.md)."""


@dataclass(frozen=True)
class Kiosk:
    """A kiosk as the cloud knows it."""

    site: str
    kiosk: str
    label: str
    enrolled_at: datetime | None
    revoked_at: datetime | None
    last_contact: datetime | None
    version: str | None

    @property
    def heard_of(self) -> bool:
        """Whether it has sent anything since it was enrolled."""
        return self.last_contact is not None and (self.enrolled_at is None or self.last_contact >= self.enrolled_at)


def enrol(project: Project, site: str, kiosk: str, label: str, api_key: str, *, again: bool = False) -> dict[str, Any]:
    """Create the kiosk's user and document, and return what its enrolment file says.

    A kiosk that is enrolled already is refused (`AlreadyThere`) unless ``again``, which ends what it has: nothing of its
    old user stays. Raises `NotThere` for an unknown site.
    """
    uid, label = kiosk_uid(site, kiosk), text(label, "a label")
    known_site(project, site)
    path = kiosk_path(site, kiosk)
    document, user = project.documents.get(path), project.users.by_uid(uid)
    whose = {"role": "kiosk", "site": site, "kiosk": kiosk}
    if user is not None and user.claims and {key: user.claims.get(key) for key in whose} != whose:
        raise AlreadyThere(f"the uid {uid} belongs to another kiosk, of site {user.claims.get('site')}; choose another name")
    if document is not None and document.fields.get("revoked_at") is None and not again:
        raise AlreadyThere(f"the kiosk {kiosk} of {site} is enrolled already; --again ends what it has and enrols it anew")
    expires_at = (datetime.now(UTC) + VALID).replace(microsecond=0)
    password, address = secrets.token_urlsafe(PASSWORD_BYTES), kiosk_email(uid)
    if user is not None:
        # Tokens first: whoever holds the old ones has lost them before anything else can fail. Then the user as a whole:
        # whoever signed in as it may have given it a second factor or another way to sign in, and a new password leaves both.
        project.users.revoke_tokens(uid)
        project.users.remove(uid)
    project.users.create(uid, email=address, name=label, password=password)
    # Again, for the new user of the same uid: no token that is older than it is worth anything.
    project.users.revoke_tokens(uid)
    project.users.set_claims(uid, {**whose, "until": int(expires_at.timestamp())})
    fields = {"schema": SCHEMA, "uid": uid, "label": label, "enrolled_at": now(), "revoked_at": None}
    project.documents.put(path, fields)
    return {
        "schema": ENROLMENT_SCHEMA,
        "project": project.id,
        "api_key": api_key,
        "bucket": project.access.bucket,
        "site": site,
        "kiosk": kiosk,
        "email": address,
        "password": password,
        "expires_at": expires_at.isoformat().replace("+00:00", "Z"),
    }


def enrolment_text(enrolment: dict[str, Any]) -> bytes:
    """Return the enrolment file."""
    return (json.dumps(enrolment, indent=2) + "\n").encode()


def revoke(project: Project, site: str, kiosk: str) -> bool:
    """End what a kiosk may do, within `TOKEN_AGE_MINUTES`. Returns whether it could do anything before.

    Each step is made whatever the document says: somebody may have been interrupted between them. Raises `NotThere`.
    """
    uid, path = kiosk_uid(site, kiosk), kiosk_path(site, kiosk)
    document, user = project.documents.get(path), project.users.by_uid(uid)
    if user is not None and user.claims.get("site") not in (None, site):
        user = None
    if document is None and user is None:
        raise NotThere(f"there is no kiosk {kiosk} at {site}; `firstlight cloud list --site {site}` shows those that are")
    if user is not None:
        project.users.change(uid, disabled=True)
        project.users.revoke_tokens(uid)
    was_in_use = (document is not None and document.fields.get("revoked_at") is None) or (
        user is not None and not user.disabled
    )
    if document is not None and document.fields.get("revoked_at") is None:
        project.documents.update(path, {"revoked_at": now()})
    return was_in_use


def list_kiosks(project: Project, site: str) -> Sequence[Kiosk]:
    """Return the kiosks of a site by name."""
    known_site(project, site)
    beats = {beat.id: beat.fields for beat in project.documents.find(f"sites/{site}/heartbeats")}
    kiosks = []
    for document in project.documents.find(f"sites/{site}/kiosks"):
        beat = beats.get(document.id, {})
        kiosks.append(
            Kiosk(
                site=site,
                kiosk=document.id,
                label=str(document.fields.get("label", "")),
                enrolled_at=document.fields.get("enrolled_at"),
                revoked_at=document.fields.get("revoked_at"),
                last_contact=beat.get("at"),
                version=beat.get("version"),
            )
        )
    return kiosks


def in_use(project: Project, site: str, kiosk: str | None) -> Sequence[str]:
    """Return the kiosks of a site that are not revoked: all of them, or the one that is named. Raises `NotThere`."""
    known_site(project, site)
    if kiosk is None:
        found = [one.id for one in project.documents.find(f"sites/{site}/kiosks") if one.fields.get("revoked_at") is None]
        if not found:
            raise NotThere(f"the site {site} has no kiosk in use")
        return found
    document = project.documents.get(kiosk_path(site, kiosk))
    if document is None:
        raise NotThere(f"there is no kiosk {kiosk} at {site}; `firstlight cloud list --site {site}` shows those that are")
    if document.fields.get("revoked_at") is not None:
        raise BadRequest(f"the kiosk {kiosk} of {site} is revoked: it asks for nothing any more")
    return [kiosk]


def kiosk_path(site: str, kiosk: str) -> str:
    return f"sites/{identifier(site, 'site')}/kiosks/{identifier(kiosk, 'kiosk')}"
