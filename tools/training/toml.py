"""Writes the few kinds of TOML that a card needs; Python reads TOML, but does not write it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

DIGITS = 4


def dumps(document: Mapping[str, Any]) -> str:
    """Return ``document`` as TOML: tables, lists of tables, and lists, texts, numbers and truth values inside them."""
    blocks = []
    for name, value in document.items():
        if isinstance(value, Mapping):
            blocks.append(_table(f"[{name}]", value))
        else:
            blocks.extend(_table(f"[[{name}]]", item) for item in value)
    return "\n".join(blocks)


def _table(head: str, table: Mapping[str, Any]) -> str:
    lines = [f"{_key(key)} = {_value(value)}\n" for key, value in table.items()]
    return f"{head}\n{''.join(lines)}"


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(round(value, DIGITS))
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (list, tuple)):
        items = [_value(item) for item in value]
        inline = f"[{', '.join(items)}]"
        return inline if len(inline) <= 100 else "[\n" + "".join(f"    {item},\n" for item in items) + "]"
    raise TypeError(f"a card cannot hold {type(value).__name__}")
