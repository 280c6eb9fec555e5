"""Models in the cloud: a card for whoever reads a record, and the signed bundle for kiosks."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloud_sync.firebase.admin.documents import now
from cloud_sync.firebase.admin.errors import AlreadyThere, BadRequest
from cloud_sync.firebase.admin.names import sha256 as checked
from cloud_sync.firebase.admin.project import Project
from cloud_sync.firebase.admin.sites import SCHEMA, Made

LARGEST_CARD = 900_000
"""Bytes; a document of Firestore has 1 MiB at most."""
LARGEST_TAR = 32 * 1024 * 1024


@dataclass(frozen=True)
class ModelFacts:
    """What is shown of a bundle. Whoever makes this has verified it."""

    name: str
    version: str
    sha256: str
    card: Mapping[str, Any]


def publish_card(project: Project, model: ModelFacts) -> Made:
    """Put a model's card where the portal finds it. The same again changes nothing; it can never be another one."""
    path = f"models/{checked(model.sha256, 'bundle')}"
    card = json.dumps(model.card, ensure_ascii=False, sort_keys=True)
    if len(card.encode()) > LARGEST_CARD:
        raise BadRequest(f"the card of {model.name} {model.version} is too large for the cloud; shorten it")
    wanted = {"card": card, "name": model.name, "version": model.version}
    there = project.documents.get(path)
    if there is None:
        project.documents.create(path, {"schema": SCHEMA, **wanted, "published_at": now()})
        return Made.CREATED
    # The hash covers the card: another one under this hash was put there by somebody else.
    if any(there.fields.get(key) != value for key, value in wanted.items()):
        raise AlreadyThere(f"the cloud has another card under {model.sha256[:12]}; find out who put it there")
    return Made.UNCHANGED


def publish_bundle(project: Project, model: ModelFacts, files: Mapping[str, bytes]) -> Made:
    """Store the bundle, then its card: a card says that kiosks can fetch it."""
    content = packed(files)
    if len(content) > LARGEST_TAR:
        raise BadRequest(f"the bundle {model.name} {model.version} is larger than {LARGEST_TAR >> 20} MiB")
    stored = project.objects.create(object_path(model.sha256), content, "application/x-tar")
    made = publish_card(project, model)
    return Made.CREATED if stored else made


def object_path(sha256: str) -> str:
    return f"models/{checked(sha256, 'bundle')}.tar"


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return a tar with ``files`` by name; the same files always give the same bytes."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(content), 0o644, 0
            archive.addfile(member, io.BytesIO(content))
    return file.getvalue()
