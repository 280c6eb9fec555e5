"""Records as an administrator's tools read them: checked against their hash, with their reviews and consents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cloud_sync.fields import flag_of, text_of
from cloud_sync.firebase.admin.documents import Where
from cloud_sync.firebase.admin.project import Project

NOT_ASSESSABLE = "not_assessable"


@dataclass(frozen=True)
class Stored:
    """A record as the cloud holds it."""

    id: str
    patient: str | None
    content: bytes
    sha256: str
    """What the cloud says that the content's hash is."""
    received_at: datetime
    uploads: Mapping[str, str]
    """With which upload each of its parts arrived in Storage."""

    @property
    def whole(self) -> bool:
        """Whether these are the bytes that the kiosk sealed."""
        return hashlib.sha256(self.content).hexdigest() == self.sha256

    def part_path(self, site: str, part: str, sha256: str) -> str:
        """Return where a part lies in Storage (docs/data-model.md); at a place where nothing is for one that never arrived."""
        return f"sites/{site}/records/{self.id}/{sha256}/{self.uploads.get(part, 'none')}/{part}"


@dataclass(frozen=True)
class Review:
    """What somebody has said about a record, and not taken back."""

    author_name: str
    verdict: str
    note: str
    at: datetime


def stored(project: Project, site: str, patient: str | None = None, since: datetime | None = None) -> Iterator[Stored]:
    """Yield the records of a site, or of one of its patients, that have arrived at ``since`` or later."""
    where: list[Where] = [] if patient is None else [("patient", "==", patient)]
    by_time = since is not None and patient is None
    if by_time:
        where.append(("received_at", ">=", since))
    order = "received_at" if by_time else "__name__"
    for document in project.documents.find(f"sites/{site}/records", *where, order=order):
        fields = document.fields
        received_at = moment(fields.get("received_at"))
        if since is None or received_at >= since:
            yield Stored(
                id=document.id,
                patient=text_of(fields, "patient"),
                content=str(fields.get("json", "")).encode(),
                sha256=str(fields.get("sha256", "")),
                received_at=received_at,
                uploads=uploads_of(fields),
            )


def uploads_of(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return with which upload each part of a record arrived, by the name of the part."""
    held = fields.get("uploads")
    return {name: upload for name, upload in held.items() if isinstance(upload, str)} if isinstance(held, Mapping) else {}


def reviews(project: Project, site: str, record: Stored) -> Sequence[Review]:
    """Return the reviews of exactly these bytes that nobody has superseded, the oldest first."""
    found = list(project.documents.find(f"sites/{site}/records/{record.id}/reviews"))
    superseded = {one.fields.get("supersedes") for one in found}
    standing = [one.fields for one in found if one.id not in superseded and one.fields.get("record_sha256") == record.sha256]
    made = [
        Review(
            author_name=text_of(fields, "author_name") or "",
            verdict=text_of(fields, "verdict") or "",
            note=str(fields.get("note") or ""),
            at=moment(fields.get("at")),
        )
        for fields in standing
    ]
    return sorted(made, key=lambda review: review.at)


def patients_for_training(project: Project, site: str) -> frozenset[str]:
    """Return the patients whose latest consent allows training.

    A consent has two times: when it was given, by a clock that may be wrong, and when it arrived, which may be in another
    order. Where the two disagree on which is the latest, both must allow it: a withdrawn consent is never overlooked.
    """
    given: dict[str, list[Mapping[str, Any]]] = {}
    for document in project.documents.find(f"sites/{site}/consents"):
        patient = text_of(document.fields, "patient")
        if patient is not None:
            given.setdefault(patient, []).append(document.fields)
    return frozenset(patient for patient, consents in given.items() if _allows_training(consents))


def _allows_training(consents: Sequence[Mapping[str, Any]]) -> bool:
    arrived = max(consents, key=lambda consent: moment(consent.get("received_at")))
    said = max(consents, key=lambda consent: text_of(consent, "captured_at") or "")
    return flag_of(arrived, "training") is True and flag_of(said, "training") is True


def moment(value: object) -> datetime:
    """Return a time of the cloud's; the beginning of time where there is none."""
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else datetime.fromtimestamp(0, UTC)
