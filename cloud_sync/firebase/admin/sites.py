"""Sites: a clinic, a practice, or one household. Nobody sees two of them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from cloud_sync.firebase.admin.documents import Document, now
from cloud_sync.firebase.admin.errors import AlreadyThere, BadRequest, NotThere
from cloud_sync.firebase.admin.names import identifier, text
from cloud_sync.firebase.admin.project import Project

SCHEMA = 1


class Made(StrEnum):
    """What became of something that may have been there before."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def create_site(project: Project, site: str, name: str, prevalence: Mapping[str, float], *, change: bool = False) -> Made:
    """Create a site. The same again changes nothing; other values are refused unless ``change`` (`AlreadyThere`)."""
    for model, share in prevalence.items():
        if not 0 < share < 1:
            raise BadRequest(f"the prevalence of {model} is {share}; it is a share between 0 and 1, such as 0.006")
    path = site_path(site)
    wanted = {"name": text(name, "a site's name"), "prevalence": dict(prevalence)}
    there = project.documents.get(path)
    if there is None:
        project.documents.create(path, {"schema": SCHEMA, **wanted, "created_at": now()})
        return Made.CREATED
    if all(there.fields.get(key) == value for key, value in wanted.items()):
        return Made.UNCHANGED
    if not change:
        raise AlreadyThere(f"the site {site} is there with another name or prevalence; --change replaces them")
    # `update`, not `put`: a model that is not named any more loses its prevalence.
    project.documents.update(path, wanted)
    return Made.CHANGED


def known_site(project: Project, site: str) -> Document:
    """Return the site's document. Raises `NotThere`."""
    there = project.documents.get(site_path(site))
    if there is None:
        raise NotThere(f"the project {project.id} has no site {site}; make it with `firstlight cloud create-site`")
    return there


def site_path(site: str) -> str:
    return f"sites/{identifier(site, 'site')}"
