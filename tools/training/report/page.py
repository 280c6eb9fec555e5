"""A report as one self-contained HTML page: every figure beside the card's, with its interval drawn, and every plot."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from tools.training.evaluation import Compared, Verdict
from tools.training.report.style import STYLE

Plot = tuple[str, str, bytes]
"""File name, caption, PNG."""
WIDTH = 150
"""Pixels of an interval's drawing, from 0 to 1."""


def render(document: Mapping[str, Any], sha256: str, rows: Sequence[Compared], plots: Iterable[Plot], not_remade: str) -> str:
    """Return the page for a bundle with the card ``document``."""
    model = document["model"]
    title = f"{model['name']} {model['version']}"
    parts = [
        f"<header><h1>{escape(title)}</h1><p class=lead>{escape(model['description'])}</p>",
        f"<p class=hash>bundle {escape(sha256)}</p></header>",
        _verdict(rows, not_remade),
        _section("Meant for", f"<p>{escape(model['intended_use'])}</p>"),
        _section("Not shown", _list(model["not_shown"])),
        _section("Figures", _figures(rows)),
        _section("Plots", _plots(plots)),
        _section("Data", "".join(_data(one) for one in _tables(document["data"]))),
    ]
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}: evaluation</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>\n'
        f"<body><main>\n{body}\n</main></body></html>\n"
    )


def summary(rows: Sequence[Compared]) -> str:
    """Return one sentence about how the remade figures compare with the card's."""
    counts = {verdict: sum(row.verdict is verdict for row in rows) for verdict in Verdict}
    if counts[Verdict.DIFFERS]:
        return f"{counts[Verdict.DIFFERS]} of {_on_card(rows)} figures DIFFER from the card."
    if not counts[Verdict.SAME]:
        return "No figure of the card was remade."
    text = f"{counts[Verdict.SAME]} of {_on_card(rows)} figures of the card were remade and are the same."
    return f"{text} {counts[Verdict.NOT_REMADE]} were not remade." if counts[Verdict.NOT_REMADE] else text


def _on_card(rows: Sequence[Compared]) -> int:
    return sum(row.verdict is not Verdict.NOT_ON_CARD for row in rows)


def _verdict(rows: Sequence[Compared], not_remade: str) -> str:
    differs = any(row.verdict is Verdict.DIFFERS for row in rows)
    nothing = not any(row.verdict is Verdict.SAME for row in rows)
    kind = "bad" if differs else "open" if nothing else "good"
    why = f"<p>{escape(not_remade)}</p>" if not_remade else ""
    return f"<div class='verdict {kind}'><strong>{escape(summary(rows))}</strong>{why}</div>"


def _figures(rows: Sequence[Compared]) -> str:
    head = "".join(f"<th>{name}</th>" for name in ("Figure", "Of", "On", "Units", "Card", "Remade", "", ""))
    return f"<div class=wide><table><thead><tr>{head}</tr></thead><tbody>{''.join(map(_row, rows))}</tbody></table></div>"


def _row(row: Compared) -> str:
    shown = row.remade or row.card
    assert shown is not None
    cells = [
        f"<td>{escape(row.name)}</td>",
        f"<td>{escape(row.subject)}</td>",
        f"<td>{escape(row.population)}{'' if row.evidence else ' <em>(no evidence)</em>'}</td>",
        f"<td class=number>{row.n} {escape(row.unit)}</td>",
        f"<td class=number>{_interval(row.card)}</td>",
        f"<td class=number>{_interval(row.remade)}</td>",
        f"<td>{_drawn(shown)}</td>",
        f"<td class=mark>{escape(row.verdict)}</td>",
    ]
    return f"<tr class='{row.verdict.name.lower()}'>{''.join(cells)}</tr>"


def _interval(estimate: tuple[float, float, float] | None) -> str:
    return "–" if estimate is None else f"{estimate[0]:.3f} <small>[{estimate[1]:.3f}, {estimate[2]:.3f}]</small>"


def _drawn(estimate: tuple[float, float, float]) -> str:
    """Return the value as a dot and its interval as a line on 0 to 1; nothing for what lies elsewhere (a distance)."""
    if not all(-1e-9 <= number <= 1 + 1e-9 for number in estimate):
        return ""
    value, low, high = (round(number * WIDTH, 1) for number in estimate)
    return (
        f'<svg width="{WIDTH}" height="14" viewBox="-4 0 {WIDTH + 8} 14" aria-hidden="true">'
        f'<path d="M0 7H{WIDTH}" class="axis"/>'
        f'<path d="M{WIDTH / 2} 4V10" class="axis"/><path d="M{low} 7H{high}" class="whisker"/>'
        f'<circle cx="{value}" cy="7" r="3.4"/></svg>'
    )


def _plots(plots: Iterable[Plot]) -> str:
    shown = [
        f'<figure><img alt="{escape(caption)}" src="data:image/png;base64,{base64.b64encode(png).decode()}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
        for _, caption, png in plots
    ]
    return f"<div class=plots>{''.join(shown)}</div>" if shown else "<p>There is nothing to draw for this kind of model.</p>"


def _data(data: Mapping[str, Any]) -> str:
    facts = {key: data[key] for key in ("source", "splits", "known_bias", "licence") if key in data}
    rows = "".join(f"<dt>{escape(key.replace('_', ' '))}</dt><dd>{escape(str(value))}</dd>" for key, value in facts.items())
    unit = data.get("unit", "patients")
    return f"<h3>{escape(data['name'])}</h3><p>{data['n']} {escape(unit)}, {data['positives']} positive</p><dl>{rows}</dl>"


def _tables(value: Any) -> list[Mapping[str, Any]]:
    return value if isinstance(value, list) else [value]


def _section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>"


def _list(items: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>"
