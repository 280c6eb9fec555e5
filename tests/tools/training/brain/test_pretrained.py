from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tools.cli.train import command
from tools.training import registry
from tools.training.brain.pretrained import WEIGHTS, find
from tools.training.errors import TrainingDataMissing
from tools.training.registry import Entry


def put(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / WEIGHTS).write_bytes(b"weights")
    return folder / WEIGHTS


def test_what_is_given_is_taken(tmp_path: Path) -> None:
    put(tmp_path / "weights")
    given = put(tmp_path / "elsewhere")
    assert find(tmp_path, given) == given


def test_the_datas_own_folder_comes_before_the_one_beside_it(tmp_path: Path) -> None:
    beside = put(tmp_path / "weights")
    assert find(tmp_path / "data" / "mri") == beside
    own = put(tmp_path / "data" / "mri" / "weights")
    assert find(tmp_path / "data" / "mri") == own


@pytest.mark.parametrize("given", [None, Path("nowhere.h5")])
def test_weights_that_are_nowhere_are_named(tmp_path: Path, given: Path | None) -> None:
    with pytest.raises(TrainingDataMissing, match=r"\.h5.*ImageNet"):
        find(tmp_path, given)


def train(data_dir: Path, out_dir: Path, *, weights: Path | None = None, **_others: object) -> None:
    """A made-up training that starts from pretrained weights."""
    find(data_dir, weights)


@pytest.mark.parametrize(("option", "said"), [([], "there is no"), (["--weights", "nowhere.h5"], "nowhere.h5 is missing")])
def test_the_command_line_says_where_it_has_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: list[str], said: str
) -> None:
    entry = Entry("brain-type", f"{__name__}:train", f"{__name__}:evaluate", "nothing", pretrained=True)
    monkeypatch.setitem(registry.MODELS, "brain-type", entry)
    result = CliRunner().invoke(command, ["brain-type", "--data", str(tmp_path), "--out", str(tmp_path / "bundle"), *option])
    assert result.exit_code == 2
    assert said in result.output
