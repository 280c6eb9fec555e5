"""Numbers and tables in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [_line(head), _line(["---"] * len(head)), *(_line(row) for row in rows)]
    return "\n".join(lines) + "\n"


def clean(text: str) -> str:
    """Return ``text`` as it may stand in a table's cell."""
    return " ".join(str(text).replace("|", "\\|").replace("<", "&lt;").split())


def interval(row: Mapping[str, Any]) -> str:
    """Return a figure with its interval."""
    return f"**{row['value']:.3f}** [{row['low']:.3f}, {row['high']:.3f}]"


def size(count: int) -> str:
    """Return a number of bytes; a rule has none."""
    if not count:
        return "a rule"
    return f"{count / 1000:.0f} kB" if count < 1_000_000 else f"{count / 1e6:.2f} MB"


def value(found: Any) -> str:
    """Return anything that a table of measurements holds: three numbers are a value and its interval."""
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, float):
        return f"{found:.4g}"
    if isinstance(found, list) and len(found) == 3 and all(isinstance(one, (int, float)) for one in found):
        return f"**{found[0]:.3f}** [{found[1]:.3f}, {found[2]:.3f}]"
    if isinstance(found, list):
        return ", ".join(value(one) for one in found)
    return "–" if found is None else clean(found)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
