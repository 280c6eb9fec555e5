"""``firstlight train`` and ``firstlight evaluate`` from the outside, with a made-up model in the registry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from models.bundle import Bundle, default_bundle
from tools.cli.exits import EXIT_CODES
from tools.cli.main import cli
from tools.training import registry
from tools.training.errors import TrainingDataMissing
from tools.training.evaluation import Evaluation, on_card
from tools.training.registry import MODELS, Entry

calls: list[dict[str, Any]] = []
wrong: list[float] = []


def train(data_dir: Path, out_dir: Path, *, seed: int, work_dir: Path, progress: Any) -> None:
    if not data_dir.is_dir():
        raise TrainingDataMissing(f"{data_dir} is missing")
    calls.append({"out": out_dir, "seed": seed, "work": work_dir})
    progress("trained")


def evaluate(bundle_path: Path, data_dir: Path, *, progress: Any) -> Evaluation:
    figures = on_card(Bundle.open(bundle_path).card.document)
    for row, by in zip(figures, wrong, strict=False):
        row["value"] += by
    return Evaluation(figures)


@pytest.fixture(autouse=True)
def made_up_model(monkeypatch: pytest.MonkeyPatch) -> None:
    calls.clear()
    wrong.clear()
    monkeypatch.setitem(registry.MODELS, "breast", Entry("breast", f"{__name__}:train", f"{__name__}:evaluate", "nothing"))


def firstlight(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def test_training_gets_a_folder_for_its_work(tmp_path: Path) -> None:
    said = firstlight("train", "breast", "--data", tmp_path, "--out", tmp_path / "bundle", "--seed", "7")
    assert said.exit_code == 0, said.output
    assert "trained" in said.output
    firstlight("train", "breast", "--data", tmp_path, "--out", tmp_path / "bundle", "--work", tmp_path / "w")
    assert calls == [
        {"out": tmp_path / "bundle", "seed": 7, "work": tmp_path / "bundle.work"},
        {"out": tmp_path / "bundle", "seed": 1, "work": tmp_path / "w"},
    ]


def test_missing_data_is_one_sentence(tmp_path: Path) -> None:
    refused = firstlight("train", "breast", "--data", tmp_path / "nosuch", "--out", tmp_path / "bundle")
    assert refused.exit_code == 2
    assert "nosuch is missing" in refused.output


def test_every_model_of_the_issue_can_be_trained() -> None:
    listed = firstlight("train", "--help").output
    assert {"breast", "chest-gate", "brain-type", "brain-lesion", "brain-anomaly", "brain-gate"} == MODELS.keys()
    assert all(f"\n  {name} " in listed for name in MODELS)
    assert firstlight("train", "crystal-ball").exit_code == 2


def test_an_evaluation_that_agrees_ends_well(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib comes with the training extra only")
    said = firstlight("evaluate", "breast", "--data", tmp_path, "--out", tmp_path / "report")
    assert said.exit_code == 0, said.output
    assert "are the same" in said.output
    assert (tmp_path / "report" / "report.html").is_file()


def test_an_evaluation_that_differs_is_loud(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib comes with the training extra only")
    wrong.extend([0.01, 0.0, -0.2])
    said = firstlight("evaluate", default_bundle("breast"), "--data", tmp_path, "--out", tmp_path / "report")
    assert said.exit_code == 13
    assert said.output.count("DIFFERS: ") == 2
    assert "differs" in EXIT_CODES[13]


def test_a_bundle_that_is_not_there(tmp_path: Path) -> None:
    refused = firstlight("evaluate", "nosuch", "--data", tmp_path, "--out", tmp_path / "report")
    assert refused.exit_code == 2
    assert "no model bundle" in refused.output
    assert not (tmp_path / "report").exists()
