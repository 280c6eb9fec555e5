"""The report: one page that needs nothing beside it, and that shouts where a figure differs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.bundle import Bundle, default_bundle
from tools.training.errors import PlaceTaken
from tools.training.evaluation import Binary, Evaluation, on_card
from tools.training.report.write import check_place, write

pytest.importorskip("matplotlib", reason="matplotlib comes with the training extra only")


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return Bundle.open(default_bundle("breast"))


def evaluation(figures: list[dict[str, Any]], why: str = "") -> Evaluation:
    label = np.arange(40) % 2
    return Evaluation(figures, (Binary("<2013-2015>", label, np.linspace(0.1, 0.9, 40), 0.4),), not_remade=why)


def test_a_report_stands_alone(tmp_path: Path, bundle: Bundle) -> None:
    write(bundle, evaluation(on_card(bundle.card.document)), tmp_path / "report")
    html = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "figures of the card were remade and are the same" in html
    assert bundle.sha256 in html
    assert "&lt;2013-2015&gt;" in html
    assert not re.search(r"""(?:src|href)=["'](?!data:)""", html)
    assert html.count("data:image/png;base64,") == len(list((tmp_path / "report" / "plots").glob("*.png"))) == 4
    for limit in bundle.card.not_shown:
        assert limit.split("'")[0] in html


def test_a_difference_is_said_loudly(tmp_path: Path, bundle: Bundle) -> None:
    figures = on_card(bundle.card.document)
    figures[0]["value"] += 0.01
    write(bundle, evaluation(figures), tmp_path)
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "verdict bad" in html
    assert f"1 of {len(figures)} figures DIFFER from the card." in html
    saved = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert [row["verdict"] for row in saved].count("differs") == 1


def test_nothing_remade_is_not_called_good(tmp_path: Path, bundle: Bundle) -> None:
    write(bundle, evaluation([], "The networks of the other folds are not in the bundle."), tmp_path)
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "No figure of the card was remade." in html
    assert "other folds" in html
    assert "verdict good" not in html


def test_a_report_is_replaced_and_nothing_else(tmp_path: Path, bundle: Bundle) -> None:
    for _ in range(2):
        write(bundle, evaluation([]), tmp_path / "report")
    (tmp_path / "notes.txt").write_text("keep me")
    with pytest.raises(PlaceTaken, match="--out"):
        check_place(tmp_path)
