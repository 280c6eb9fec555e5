"""Values out of a document that a device wrote, each of the kind that is expected, or none at all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

LONGEST_TEXT = 300


def text_of(document: Mapping[str, Any], *keys: str) -> str | None:
    """Return the text at ``keys``, cut to `LONGEST_TEXT` characters; ``None`` where there is no text.

    Half of a character (JSON may have ``\\ud800`` alone) becomes U+FFFD: neither SQLite nor Firestore takes it.
    """
    value = _at(document, keys)
    if not isinstance(value, str):
        return None
    value = value[: LONGEST_TEXT + 1].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value if len(value) <= LONGEST_TEXT else value[: LONGEST_TEXT - 1] + "…"


def number_of(document: Mapping[str, Any], *keys: str) -> float | None:
    """Return the finite number at ``keys``; ``None`` where there is none."""
    value = _at(document, keys)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e15:
        return None
    return float(value) if math.isfinite(value) else None


def flag_of(document: Mapping[str, Any], *keys: str) -> bool | None:
    """Return the true or false at ``keys``; ``None`` where there is neither."""
    value = _at(document, keys)
    return value if isinstance(value, bool) else None


def numbers_of(document: Mapping[str, Any], *keys: str) -> list[float | None]:
    """Return the list at ``keys``, of at most 16 entries; what is no finite number in it becomes ``None``."""
    value = _at(document, keys)
    if not isinstance(value, list):
        return []
    return [number_of({"entry": entry}, "entry") for entry in value[:16]]


def table_of(document: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Return the table at ``keys``, an empty one where there is none; of a huge one the first 64 entries."""
    value = _at(document, keys)
    return dict(list(value.items())[:64]) if isinstance(value, dict) else {}


def _at(document: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    value: Any = document
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
