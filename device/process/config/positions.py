"""Where in a TOML file a key stands. `tomllib` does not tell, and an error message without a line helps nobody."""

from __future__ import annotations

import re

_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(#.*)?")
_ASSIGNMENT = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=(.*)""")
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


def line_of(text: str, section: str, key: str = "") -> int:
    """Return the line (from 1) of ``key`` in ``[section]``; of the section where the key cannot be found; else 1.

    Knows tables, dotted and quoted keys, and skips multi-line strings; a key inside an inline table is found at its table.
    """
    best = 1
    table: list[str] = []
    for number, line in _lines_outside_strings(text):
        if header := _HEADER.fullmatch(line):
            table = _names(header.group(1))
            path = table
        elif assignment := _ASSIGNMENT.match(line):
            path = table + _names(assignment.group(1))
        else:
            continue
        if key and path[:2] == [section, key]:
            return number
        if path[:1] == [section] and best == 1:
            best = number
    return best


def line_of_syntax_error(message: str, text: str) -> int:
    """Return the line that `tomllib` names in its message; the last one where it says "at end of document"."""
    match = re.search(r"at line (\d+)", message)
    return int(match.group(1)) if match else max(1, len(text.splitlines()))


def _names(dotted: str) -> list[str]:
    return [part.strip("\"'") for part in _PART.findall(dotted)]


def _lines_outside_strings(text: str) -> list[tuple[int, str]]:
    """Return the numbered lines, without those inside a multi-line string."""
    lines = []
    inside = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not inside:
            lines.append((number, line))
        for quotes in re.findall(r'"""|\'\'\'', line):
            if not inside:
                inside = quotes
            elif inside == quotes:
                inside = ""
    return lines
