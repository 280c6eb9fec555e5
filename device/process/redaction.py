"""What must never be in a log: card UIDs, PINs, names, keys, images. A second line behind not writing them in the first place.

A value is withheld by its name, by its type, or because its text looks like a UID. Hexadecimal of 8, 14 or 20 digits is a UID
of 4, 7 or 10 bytes; record ids (32 digits), hashes (64) and boot ids (with hyphens) are longer and pass.
"""

from __future__ import annotations

import math
import re

WITHHELD = "<withheld>"

SECRET_NAMES = frozenset(
    {
        "uid", "card", "card_uid", "card_ref", "pin", "pin_hash", "password", "secret", "token", "key", "site_key", "name",
        "patient_name", "image", "frame", "celsius", "content", "document",
    }
)  # fmt: skip

_BYTE_PAIRS = r"[0-9A-Fa-f]{2}"
_UID = re.compile(
    rf"(?<![0-9A-Za-z-])(?:0x)?(?:(?:{_BYTE_PAIRS}){{10}}|(?:{_BYTE_PAIRS}){{7}}|(?:{_BYTE_PAIRS}){{4}})(?![0-9A-Za-z-])"
    rf"|(?<![0-9A-Za-z:-]){_BYTE_PAIRS}(?:[: -]{_BYTE_PAIRS}){{3,9}}(?![0-9A-Za-z:-])"
)
_BYTES_LITERAL = re.compile(r"""\b(?:bytearray\()?b(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\)?""")
_ARRAY_LITERAL = re.compile(r"\barray\(\[.*?\]\s*(?:,[^()]*)?\)", re.DOTALL)
_NUMBERS_LITERAL = re.compile(r"\[\s*-?\d[\d.eE+-]*(?:\s*,?\s+-?\d[\d.eE+-]*){7,}\s*,?\s*\]")


def scrub(text: str) -> str:
    """Return ``text`` without anything that looks like a UID, a byte string, or an array of numbers."""
    for pattern in (_BYTES_LITERAL, _ARRAY_LITERAL, _NUMBERS_LITERAL, _UID):
        text = pattern.sub(WITHHELD, text)
    return text


def safe_value(name: str, value: object) -> str | int | float | bool | None:
    """Return what may be logged of a field: a number, a truth value, ``None``, or a scrubbed text."""
    if name.lower() in SECRET_NAMES:
        return WITHHELD
    if value is None or isinstance(value, bool | int | float):
        return value if not isinstance(value, float) or math.isfinite(value) else str(value)  # JSON has no NaN
    if _is_binary(value):
        return f"<{type(value).__name__} withheld>"
    if isinstance(value, list | tuple | set | frozenset | dict) and len(value) > _FEW:
        return f"<{type(value).__name__} of {len(value)} withheld>"
    return scrub(str(value))


def is_withheld_argument(value: object) -> bool:
    """Return whether an argument of a ``%``-formatted message is binary or an array."""
    return _is_binary(value)


_FEW = 16


def _is_binary(value: object) -> bool:
    """Arrays are known by their shape, so that numpy need not be imported here."""
    return isinstance(value, bytes | bytearray | memoryview) or hasattr(value, "__array_interface__")
