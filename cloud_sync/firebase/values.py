"""Firestore's form of a value in JSON (firebase.google.com/docs/firestore/reference/rest/Shared.Types/Value)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def encode(value: object) -> dict[str, Any]:
    """Return ``value`` as Firestore writes it. Raises `TypeError` for a kind that no document of ours has."""
    match value:
        case None:
            return {"nullValue": None}
        case bool():
            return {"booleanValue": value}
        case int():
            return {"integerValue": str(value)}
        case float():
            return {"doubleValue": value}
        case str():
            return {"stringValue": value}
        case Mapping():
            return {"mapValue": {"fields": encode_fields(value)}}
        case list() | tuple():
            return {"arrayValue": {"values": [encode(each) for each in value]}}
    raise TypeError(f"a {type(value).__name__} cannot stand in a document of the cloud")


def encode_fields(fields: Mapping[str, object]) -> dict[str, Any]:
    return {str(name): encode(value) for name, value in fields.items()}


def decode(value: Mapping[str, Any]) -> Any:
    """Return what stands in a value; a timestamp stays a text. Raises `ValueError` for what is none."""
    if len(value) != 1:
        raise ValueError("this is no value of Firestore")
    ((kind, held),) = value.items()
    match kind:
        case "nullValue":
            return None
        case "integerValue":
            return int(held)
        case "doubleValue":
            return float(held)
        case "booleanValue" | "stringValue" | "timestampValue" | "referenceValue" | "bytesValue":
            return held
        case "mapValue":
            return decode_fields(held.get("fields", {}))
        case "arrayValue":
            return [decode(each) for each in held.get("values", [])]
    raise ValueError(f"Firestore has no value of the kind {kind[:40]!r} that is known here")


def decode_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: decode(value) for name, value in fields.items()}
