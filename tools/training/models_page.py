"""Makes ``docs/models.md`` from the cards of the shipped bundles and from what was measured (``docs/measurements/*.json``)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.bundle import Bundle
from tools.training.measured_tables import COMPRESSION, SECTIONS, compression, latency_of, section
from tools.training.page_markdown import clean, interval, size, table

Documents = Sequence[tuple[Mapping[str, Any], int]]
"""Each card and the bytes of its network, 0 for a rule."""

ENOUGH = 0.99
"""Share of proper input that a gate should accept, and of other things that it should refuse."""
HEAD = """# The models

This page is made from the cards of the shipped bundles and from measurements; do not edit it. Make it again with
`firstlight compare page`.

What the words mean: an interval in brackets is a 95 % percentile interval over 10,000 resamplings of patients, each with all
of their slices, unless the card says otherwise. *n* counts what the interval rests on. The baseline beside each figure is the
best of the trivial ways that were tried on the same people in the same splits; where it comes near the model, the model has
shown little. Firstlight screens; none of these numbers says that a model finds disease in the next patient.
"""


def render_from(bundles: Path, measurements: Path) -> str:
    """Return the page for the bundles in one folder and the tables in another; raises `models.errors.ModelError`."""
    opened = [Bundle.open(path) for path in sorted(bundles.iterdir()) if path.is_dir()]
    cards = [(bundle.card.document, len(bundle.model) if bundle.has_network else 0) for bundle in opened]
    tables = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(measurements.glob("*.json"))}
    return render(cards, tables)


def render(cards: Documents, tables: Mapping[str, Any]) -> str:
    """Return the page, Markdown."""
    parts = [HEAD, _overview(cards, tables), *(_model(document) for document, _ in cards)]
    studies = [compression(tables[name]) for name in sorted(tables) if name.startswith(COMPRESSION)]
    if studies:
        parts += ["## Compression\n", COMPRESSION_TEXT, *studies]
    parts += [section(title, text, tables[name]) for name, (title, text) in SECTIONS.items() if name in tables]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


COMPRESSION_TEXT = """Pruned: share of the larger kernels' weights that is zero (magnitude, gradual; Zhu & Gupta 2017).
*With rounding* was fine-tuned while weights and activations were rounded (Jacob et al. 2018). `dynamic` has int8 weights and
float activations, `int16x8` int8 weights and int16 activations. Everything is measured through the runtime as a kiosk runs it
(built-in kernels). Pruning shows only in the compressed size: the runtime stores zeros like other numbers, and is not faster
for them. *Flipped* counts answers other than those of the float network that was not pruned. A dagger marks what loses more
than is allowed (0.5 percentage points of accuracy, 0.005 of AUROC or Dice) and so would not be shipped.
"""


def _overview(cards: Documents, tables: Mapping[str, Any]) -> str:
    rows = [_overview_row(document, network, tables.get("latency")) for document, network in cards]
    head = ("Model", "Task", "Data", "Headline", "Best trivial baseline", "Network", "ms, 1 / 2 threads")
    measured = tables.get("latency", {}).get("machine")
    note = f"\nLatency: {measured}.\n" if measured else ""
    return f"## At a glance\n\n{table(head, rows)}{note}"


def _overview_row(document: Mapping[str, Any], network: int, latency: Mapping[str, Any] | None) -> list[str]:
    model = document["model"]
    data = "; ".join(f"{one['n']} {one.get('unit', 'patients')} ({clean(one['name'])})" for one in _list(document["data"]))
    headline, baseline = _headline(document)
    name = f"[{model['name']}](#{model['name']}) {model['version']}"
    return [name, model.get("task", "score"), data, headline, baseline, size(network), latency_of(latency, model["name"])]


def _headline(document: Mapping[str, Any]) -> tuple[str, str]:
    """Return the first figure that counts, and the best trivial baseline for the same figure on the same people."""
    if document["model"].get("task") == "gate":
        return _gate_headline(document)
    first = next(row for row in document["metrics"] if row["evidence"])
    return _figure(first), _best_baseline(first, document["baselines"])


def _best_baseline(first: Mapping[str, Any], baselines: Sequence[Mapping[str, Any]]) -> str:
    """Return the best trivial way to the same figure: on the same population, or on the one of which it is a part."""
    rivals = [row for row in baselines if row["name"] == first["name"] and _covers(row["population"], first["population"])]
    if not rivals:
        return "–"
    nearest = max(len(row["population"]) for row in rivals)
    best = max((row for row in rivals if len(row["population"]) == nearest), key=lambda row: float(row["value"]))
    return f"{interval(best)} ({clean(best['subject'])})"


def _covers(whole: str, part: str) -> bool:
    return part == whole or part.startswith(f"{whole},")


def _gate_headline(document: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a gate accepts and refuses, its worst kinds by name, and the best trivial gate."""
    parts = []
    for name, who in (("accepted", "population"), ("refused", "kind")):
        rows = document[name]
        enough = sum(row["share"] >= ENOUGH for row in rows)
        worst = min(rows, key=lambda row: float(row["share"]))
        lowest = f"at worst {worst['share']:.1%} of {clean(worst[who])} (n = {worst['n']})"
        parts.append(f"{name} at least {ENOUGH:.0%} of {enough} of {len(rows)} kinds, {lowest}")
    metrics = document.get("metrics", ())
    baseline = _best_baseline(metrics[0], document["baselines"]) if metrics else "–"
    return "; ".join([*parts, *(_figure(row) for row in metrics[:1])]), baseline


def _model(document: Mapping[str, Any]) -> str:
    model = document["model"]
    parts = [f"## {model['name']}\n", model["description"], "", f"*Meant for:* {model['intended_use']}", ""]
    figures = [*document.get("metrics", ()), *document.get("baselines", ())]
    if figures:
        rows = [_figure_row(row) for row in figures]
        parts += [table(("Figure", "Of", "On", "Value", "n", ""), rows), ""]
    if "explanation" in document:
        rows = [
            [clean(row["method"]), clean(row["population"]), interval(row), f"{row['chance']:.3f}", str(row["n"])]
            for row in document["explanation"]
        ]
        parts += [table(("Map", "On", "Points into the finding", "Chance", "n"), rows), ""]
    for name, who in (("accepted", "population"), ("refused", "kind")):
        if name in document:
            rows = [[clean(row[who]), _share(row), str(row["n"])] for row in document[name]]
            parts += [table((name.capitalize(), "Share", "n"), rows), ""]
    parts += ["*Not shown:*", "", *(f"- {clean(item)}" for item in model["not_shown"])]
    return "\n".join(parts)


def _figure_row(row: Mapping[str, Any]) -> list[str]:
    evidence = "" if row["evidence"] else "no evidence"
    n = f"{row['n']} {row.get('unit', 'patients')}"
    return [clean(row["name"]), clean(row["subject"]), clean(row["population"]), interval(row), n, evidence]


def _share(row: Mapping[str, Any]) -> str:
    return f"{row['share']:.1%} [{row['low']:.1%}, {row['high']:.1%}]"


def _figure(row: Mapping[str, Any]) -> str:
    n = f"n = {row['n']} {row.get('unit', 'patients')}"
    return f"{clean(row['name'])} {interval(row)}, {clean(row['population'])}, {n}"


def _list(value: Any) -> list[Mapping[str, Any]]:
    return value if isinstance(value, list) else [value]
