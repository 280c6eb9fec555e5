"""Writes a report into a folder: ``report.html``, ``plots/*.png`` and ``figures.json``."""

from __future__ import annotations

import json
from pathlib import Path

from models.bundle import Bundle
from tools.training.errors import PlaceTaken
from tools.training.evaluation import Compared, Evaluation, compare
from tools.training.report import page, plots

PAGE, FIGURES, PLOTS = "report.html", "figures.json", "plots"


def check_place(out_dir: Path) -> None:
    """Raise `PlaceTaken` where ``out_dir`` holds something that is no report; call it before a long evaluation."""
    if out_dir.exists() and any(out_dir.iterdir()) and not (out_dir / PAGE).is_file():
        raise PlaceTaken(f"{out_dir} is not empty and holds no report; give another --out")


def write(bundle: Bundle, evaluation: Evaluation, out_dir: Path) -> list[Compared]:
    """Write the report of ``evaluation`` and return the figures beside the card's. An earlier report is replaced."""
    check_place(out_dir)
    folder = out_dir / PLOTS
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    drawn = list(plots.draw(evaluation))
    for name, _, png in drawn:
        (folder / name).write_bytes(png)
    rows = compare(bundle.card.document, evaluation.figures)
    figures = [{**row._asdict(), "verdict": str(row.verdict)} for row in rows]
    (out_dir / FIGURES).write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    html = page.render(bundle.card.document, bundle.sha256, rows, drawn, evaluation.not_remade)
    (out_dir / PAGE).write_text(html, encoding="utf-8")
    return rows
