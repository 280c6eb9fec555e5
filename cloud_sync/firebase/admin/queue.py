"""Commands for kiosks: queued in the kiosk's own folder, carried out there, answered there."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cloud_sync.firebase.admin.documents import LARGEST_COMMIT, now
from cloud_sync.firebase.admin.errors import BadRequest, CloudFault, NotThere
from cloud_sync.firebase.admin.names import sha256
from cloud_sync.firebase.admin.project import Project
from cloud_sync.firebase.admin.sites import SCHEMA

LARGEST_VALUE = 16 * 1024
"""Bytes of a command's value as JSON."""
POLL_S = 2.0


class Kind(StrEnum):
    CONFIGURATION = "configuration"
    MODEL = "model"
    REVOKE_CARD = "revoke_card"


@dataclass(frozen=True)
class Queued:
    """A command that waits for a kiosk, or was answered."""

    kiosk: str
    path: str
    accepted: bool | None = None
    """``None``: not answered yet."""
    detail: str | None = None


def queue(project: Project, site: str, kiosks: Sequence[str], kind: Kind, value: Mapping[str, Any]) -> Sequence[Queued]:
    """Queue one command for each of ``kiosks``, for all of them or for none. Raises `BadRequest` or `NotThere`."""
    check(project, kind, value)
    if len(kiosks) > LARGEST_COMMIT:
        raise BadRequest(f"{len(kiosks)} kiosks are more than one commit takes; use --percent")
    made = {kiosk: f"sites/{site}/kiosks/{kiosk}/commands/{secrets.token_hex(16)}" for kiosk in kiosks}
    open_ = {"state": "queued", "accepted": None, "detail": None, "answered_at": None}
    fields = {"schema": SCHEMA, "kind": kind.value, "value": dict(value), "queued_at": now(), **open_}
    project.documents.create_all(dict.fromkeys(made.values(), fields))
    return [Queued(kiosk, path) for kiosk, path in made.items()]


def check(project: Project, kind: Kind, value: Mapping[str, Any]) -> None:
    """Refuse what no kiosk could carry out. The kiosk checks again: it believes nobody."""
    try:
        size = len(json.dumps(value, allow_nan=False).encode())
    except ValueError as error:
        raise BadRequest(f"the value cannot be sent: {error}") from error
    if size > LARGEST_VALUE:
        raise BadRequest(f"the value has {size} bytes; a command takes {LARGEST_VALUE} at most")
    match kind:
        case Kind.MODEL:
            wanted = sha256(str(value.get("sha256", "")), "bundle")
            if project.documents.get(f"models/{wanted}") is None:
                raise NotThere(f"the model {wanted[:12]} was never published; `firstlight cloud publish-model` does it")
        case Kind.REVOKE_CARD:
            sha256(str(value.get("card_ref", "")), "card reference")
        case Kind.CONFIGURATION if not value:
            raise BadRequest("a configuration command needs at least one setting")


def staged(kiosks: Sequence[str], percent: int, seed: str) -> Sequence[str]:
    """Return about ``percent`` of the kiosks, at least one; a larger share of the same ``seed`` contains the smaller one."""

    def place(kiosk: str) -> int:
        return int.from_bytes(hashlib.sha256(f"{seed}/{kiosk}".encode()).digest()[:8])

    count = max(1, round(len(kiosks) * percent / 100))
    return sorted(sorted(kiosks, key=place)[:count])


def wait(
    project: Project,
    queued: Sequence[Queued],
    timeout_s: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Sequence[Queued]:
    """Return the commands with their answers, at the latest after ``timeout_s``; some may still lack one."""
    deadline, answers = clock() + timeout_s, {one.path: one for one in queued}
    while True:
        for path, one in answers.items():
            if one.accepted is None:
                answers[path] = _read(project, one)
        left = deadline - clock()
        if left <= 0 or all(one.accepted is not None for one in answers.values()):
            return list(answers.values())
        sleep(min(POLL_S, left))


def _read(project: Project, one: Queued) -> Queued:
    document = project.documents.get(one.path)
    if document is None:
        raise CloudFault(f"the command {one.path} is gone; somebody removed it")
    if document.fields.get("state") != "answered":
        return one
    return Queued(one.kiosk, one.path, bool(document.fields.get("accepted")), str(document.fields.get("detail") or ""))
