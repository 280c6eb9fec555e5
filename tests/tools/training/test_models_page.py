"""docs/models.md is what the cards and the measurements give, and says what a reader must not overlook."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from models.bundle import Bundle, default_bundle
from tests.checkout import ROOT
from tools.training.measured_tables import SECTIONS
from tools.training.models_page import render, render_from

PAGE, MEASUREMENTS, BUNDLES = ROOT / "docs" / "models.md", ROOT / "docs" / "measurements", default_bundle("breast").parent


@pytest.fixture
def card() -> dict[str, Any]:
    """Return a copy of the shipped breast model's card."""
    return copy.deepcopy(dict(Bundle.open(default_bundle("breast")).card.document))


def study(**changed: Any) -> dict[str, Any]:
    row = {
        "pruned": 0.0,
        "rounding": False,
        "kind": "float32",
        "bytes": 1_500_000,
        "gzip_bytes": 900_000,
        "latency_ms": {"threads_1": 1.0, "threads_2": 0.5},
        "metrics": {"auroc": 0.95},
        "calibration": {"ece": 0.02},
        "flipped": 0,
        "within_limits": True,
    }
    rows = [row, {**row, "pruned": 0.5, "kind": "int8", "rounding": True, "bytes": 99_000, "flipped": 3, **changed}]
    return {
        "model": "x",
        "population": "40 pictures",
        "n": 40,
        "fine_tuning": "none",
        "machine": "x86_64",
        "note": "",
        "rows": rows,
    }


def test_the_page_is_what_the_renderer_gives() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_from(BUNDLES, MEASUREMENTS), "run: firstlight compare page"


def test_every_table_has_a_place_on_the_page() -> None:
    for path in MEASUREMENTS.glob("*.json"):
        assert path.stem in SECTIONS or path.stem.startswith("compression-") or path.stem == "latency", path
        json.loads(path.read_text(encoding="utf-8"))


def test_a_headline_stands_beside_its_best_trivial_baseline(card: dict[str, Any]) -> None:
    first = next(row for row in card["metrics"] if row["evidence"])
    rivals = [row for row in card["baselines"] if (row["name"], row["population"]) == (first["name"], first["population"])]
    best = max(rivals, key=lambda row: float(row["value"]))
    (row,) = [line for line in render([(card, 9_000)], {}).splitlines() if line.startswith("| [breast](#breast)")]
    assert f"**{first['value']:.3f}** [{first['low']:.3f}, {first['high']:.3f}]" in row
    assert f"**{best['value']:.3f}**" in row
    assert best["subject"] in row
    assert "9 kB" in row


def test_a_baseline_on_the_whole_stands_beside_a_figure_on_a_part(card: dict[str, Any]) -> None:
    first, others = card["metrics"][0], card["baselines"]
    first["population"] = "unseen patients, three series"
    rivals = [{**others[0], "subject": name, "population": whole, "value": value} for name, whole, value in (
        ("position", "unseen patients", 0.7), ("of others", "seen patients", 0.9), ("of a longer word", "unseen patient", 0.9),
    )]  # fmt: skip
    page = render([({**card, "baselines": rivals}, 9_000)], {})
    (row,) = [line for line in page.splitlines() if line.startswith("| [breast](#breast)")]
    assert "(position)" in row


def test_what_is_no_evidence_and_what_is_not_shown_is_said(card: dict[str, Any]) -> None:
    page = render([(card, 9_000)], {})
    assert page.count("| no evidence |") == sum(not row["evidence"] for row in [*card["metrics"], *card["baselines"]])
    assert all(item in page for item in card["model"]["not_shown"])


def test_a_gate_is_judged_by_its_worst_kind(card: dict[str, Any]) -> None:
    share = {"low": 0.9, "high": 1.0, "n": 100}
    gate = {
        "model": {**card["model"], "name": "gate", "task": "gate"},
        "data": card["data"],
        "accepted": [{"population": "chests", "share": 0.995, **share}],
        "refused": [
            {"kind": "hands", "share": 1.0, "made_how": "drawn", **share},
            {"kind": "bellies", "share": 0.4, "made_how": "drawn", **share},
        ],
    }
    page = render([(gate, 0)], {})
    assert "accepted at least 99% of 1 of 1 kinds, at worst 99.5% of chests (n = 100)" in page
    assert "refused at least 99% of 1 of 2 kinds, at worst 40.0% of bellies (n = 100)" in page
    assert "a rule" in page
    assert "| bellies | 40.0% [90.0%, 100.0%] | 100 |" in page


def test_a_compressed_variant_that_loses_too_much_is_marked() -> None:
    page = render([], {"compression-x": study(within_limits=False)})
    assert "| 50% | int8, with rounding † | 99 kB | 900 kB | 1.00 / 0.50 | 0.9500 | 0.0200 | 3 of 40 |" in page
    assert "†" not in render([], {"compression-x": study()})


def test_other_tables_are_shown_with_their_intervals() -> None:
    rows = [{"split": "by image", "accuracy": [0.99, 0.98, 1.0]}, {"split": "by patient", "accuracy": [0.8, 0.7, 0.9]}]
    page = render([], {"leakage": {"protocol": {"seed": 1, "note": "One run."}, "rows": rows}})
    assert "| by patient | **0.800** [0.700, 0.900] |" in page
    assert "One run." in page
    assert "seed: 1." in page
