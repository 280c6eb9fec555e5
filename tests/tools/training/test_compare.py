"""``firstlight compare`` from the outside: what needs no training."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from tests.checkout import ROOT
from tools.cli.main import cli


def firstlight(*words: object) -> Result:
    return CliRunner().invoke(cli, ["compare", *map(str, words)])


def test_the_page_is_made_from_cards_and_tables(tmp_path: Path) -> None:
    table = {"protocol": {"note": "Made up."}, "rows": [{"network": "small one", "accuracy": [0.5, 0.4, 0.6]}]}
    (tmp_path / "backbones.json").write_text(json.dumps(table), encoding="utf-8")
    said = firstlight("page", "--measurements", tmp_path, "--out", tmp_path / "page.md")
    assert said.exit_code == 0, said.output
    page = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert "| small one | **0.500** [0.400, 0.600] |" in page
    assert "## breast" in page


def test_latency_is_measured_on_one_and_two_threads(tmp_path: Path) -> None:
    said = firstlight("latency", "--out", tmp_path)
    assert said.exit_code == 0, said.output
    rows = {row["model"]: row["latency_ms"] for row in json.loads((tmp_path / "latency.json").read_text())["rows"]}
    assert rows["breast"]["threads_1"] > 0
    assert rows["breast"]["threads_2"] > 0


def test_an_unknown_model_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    options = ("--trained", tmp_path, "--data", tmp_path, "--work", tmp_path / "work", "--out", tmp_path / "out")
    refused = firstlight("compression", "crystal-ball", *options)
    assert refused.exit_code == 2
    assert "brain-type" in refused.output
    assert not (tmp_path / "work").exists()
    assert not (tmp_path / "out").exists()


def test_the_documents_name_every_comparison() -> None:
    text = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    listed = firstlight("--help").output.partition("Commands:")[2]
    names = [line.split()[0] for line in listed.splitlines() if line.strip()]
    assert len(names) >= 5
    assert all(f"firstlight compare {name}" in text for name in names)
