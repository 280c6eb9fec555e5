"""The tables of ``docs/measurements`` in Markdown: compression, latency, and whatever else is a list of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tools.training.page_markdown import clean, size, table, value

COMPRESSION = "compression-"
"""A table's name begins with it; the model's follows."""
SECTIONS = {
    "backbones": (
        "Backbones",
        "The tumour type with six networks and one protocol, at a size and a number of epochs that two cores bear. It compares "
        "what a small budget reaches, not what each network could reach.",
    ),
    "leakage": (
        "Leakage",
        "The same network with slices dealt out at random and with patients kept together, and what numbers that see no tumour "
        "reach. The first is what much published work reports.",
    ),
    "breast-resolution": (
        "160×120 against 32×24",
        "What the small sensor costs: the same patients, folds and procedure at the camera's resolution and at the kiosk's.",
    ),
}
"""Title and introduction of each table, in the page's order."""


def compression(study: Mapping[str, Any]) -> str:
    """Return the section of one model's compression."""
    rows = study["rows"]
    metrics, calibration = list(rows[0]["metrics"]), list(rows[0]["calibration"])
    head = ("Pruned", "Kind", "File", "gzip", "ms, 1 / 2 threads", *map(_words, metrics), *map(_words, calibration), "Flipped")
    lines = [_variant(row, metrics, calibration, study["n"]) for row in rows]
    note = f" {study['note']}" if study.get("note") else ""
    facts = f"{study['population']}; fine-tuning: {study['fine_tuning']}; {study['machine']}.{note}"
    return f"### {study['model']}\n\n{table(head, lines)}\n{facts}\n"


def section(title: str, text: str, document: Mapping[str, Any]) -> str:
    """Return a section of any other measurement: its introduction, its tables, and how it was measured."""
    parts = [f"## {title}\n", text, ""]
    for name, rows in document.items():
        if isinstance(rows, list) and rows and isinstance(rows[0], Mapping):
            parts += [f"*{_words(name)}*\n"] if name != "rows" else []
            parts.append(_rows(rows))
    parts.append(_protocol(document.get("protocol", {})))
    return "\n".join(parts)


def latency_of(latency: Mapping[str, Any] | None, model: str) -> str:
    """Return the two latencies of a model, or a dash where nothing was measured."""
    rows = latency["rows"] if latency else []
    found = [row["latency_ms"] for row in rows if row["model"] == model]
    return _latency(found[0]) if found else "–"


def _variant(row: Mapping[str, Any], metrics: Sequence[str], calibration: Sequence[str], n: int) -> list[str]:
    return [
        f"{row['pruned']:.0%}",
        f"{row['kind']}{', with rounding' if row['rounding'] else ''}{'' if row['within_limits'] else ' †'}",
        size(row["bytes"]),
        size(row["gzip_bytes"]),
        _latency(row["latency_ms"]),
        *(f"{row['metrics'][name]:.4f}" for name in metrics),
        *(f"{row['calibration'][name]:.4f}" for name in calibration),
        f"{row['flipped']} of {n}",
    ]


def _latency(found: Mapping[str, float]) -> str:
    return f"{found['threads_1']:.2f} / {found['threads_2']:.2f}"


def _rows(rows: Sequence[Mapping[str, Any]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return table([_words(name) for name in names], [[_cell(name, row.get(name)) for name in names] for row in rows])


def _cell(name: str, found: Any) -> str:
    return size(found) if name.endswith("bytes") and isinstance(found, int) else value(found)


def _protocol(protocol: Mapping[str, Any]) -> str:
    note = f"{protocol['note']}\n" if "note" in protocol else ""
    facts = "; ".join(f"{_words(name)}: {value(found)}" for name, found in protocol.items() if name != "note")
    return f"{note}\n{facts}.\n" if facts else note


def _words(name: str) -> str:
    known = {"auroc": "AUROC", "macro_auroc": "macro-AUROC", "dice": "Dice", "ece": "ECE", "brier": "Brier"}
    return known.get(name, clean(name.replace("_", " ")))
