"""What the portal's page sends as JSON, each of the kind that is expected, or refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from cloud_sync.local.faults import BadRequest

Body = Mapping[str, Any]
LONGEST_WORD = 500


async def body_of(request: web.Request, *keys: str) -> Body:
    """Return the JSON object that was sent. Raises `BadRequest` where it is none, or has a key that is not among ``keys``.

    A key too many is refused rather than ignored: whoever sends ``author`` shall not believe that it counts.
    """
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        raise BadRequest("This is no JSON.") from None
    if not isinstance(body, dict) or not body.keys() <= set(keys):
        raise BadRequest("This is not what the page sends.")
    return body


def word(body: Body, key: str, longest: int = LONGEST_WORD) -> str:
    """Return the text at ``key``. Raises `BadRequest`."""
    value = body.get(key)
    if not isinstance(value, str) or len(value) > longest:
        raise BadRequest(f"{key} is missing, or no text of at most {longest} characters.")
    try:
        value.encode("utf-8")  # half of a character cannot be kept
    except UnicodeEncodeError:
        raise BadRequest(f"{key} is no text.") from None
    return value


def word_or_none(body: Body, key: str, longest: int = LONGEST_WORD) -> str | None:
    """Return the text at ``key``, ``None`` for null or nothing. Raises `BadRequest`."""
    return None if body.get(key) is None else word(body, key, longest)
