"""Where a record lies in the cloud. The names are Firestore's and Cloud Storage's alike."""

from __future__ import annotations

import re

_SEGMENT = re.compile(r"(?!\.{1,2}\Z)(?!__.*__\Z)[^/\x00-\x1f\x7f]{1,200}")
"""Firestore's constraints on ids (no slash, not ``.``, ``..`` or ``__.*__``), and shorter, without control characters."""


class BadPath(ValueError):
    """A site, a record or a part has a name that cannot stand in a path of the cloud."""


def document_path(site: str, record_id: str) -> str:
    """Return the path of a record's document."""
    return checked_path("sites", site, "records", record_id)


def object_path(site: str, record_id: str, part: str) -> str:
    """Return the path of one file of a record."""
    return checked_path("sites", site, "records", record_id, part)


def checked_path(*segments: str) -> str:
    """Join ``segments``; raise `BadPath` where one of them is no name."""
    for segment in segments:
        if not _SEGMENT.fullmatch(segment):
            raise BadPath(
                f"{segment[:40]!r} is no name for the cloud: rename it (1 to 200 characters, no slash, no control character)"
            )
    return "/".join(segments)
