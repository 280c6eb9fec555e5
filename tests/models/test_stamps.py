"""A trial that was passed is remembered, for this runtime and this machine alone."""

from __future__ import annotations

import importlib.metadata
import platform
from pathlib import Path

import pytest

from models.stamps import Stamps

ONE, OTHER = "1" * 64, "2" * 64


def test_what_has_passed_is_remembered(tmp_path: Path) -> None:
    Stamps(tmp_path / "stamps").keep(ONE)
    assert Stamps(tmp_path / "stamps").has(ONE)
    assert not Stamps(tmp_path / "stamps").has(OTHER)


@pytest.mark.parametrize("what", ["runtime", "machine"])
def test_another_runtime_or_machine_has_to_pass_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    stamps = Stamps(tmp_path)
    stamps.keep(ONE)
    if what == "runtime":
        monkeypatch.setattr(importlib.metadata, "version", lambda package: "99.0")
    else:
        monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert not stamps.has(ONE)
    stamps.keep(ONE)
    assert len(list(tmp_path.iterdir())) == 1, "the stamp of the earlier one is worth nothing any more"


def test_a_stamp_in_any_of_the_folders_counts(tmp_path: Path) -> None:
    """An activation by root and a start of the kiosk keep theirs in different places."""
    Stamps(tmp_path / "second").keep(ONE)
    assert Stamps(tmp_path / "first", tmp_path / "second").has(ONE)


def test_where_nothing_can_be_kept_nothing_is_remembered(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    stamps = Stamps(tmp_path / "file" / "stamps", tmp_path / "nosuch" / "stamps")
    stamps.keep(ONE)
    assert not stamps.has(ONE)
    Stamps(tmp_path / "file" / "stamps", tmp_path / "stamps").keep(ONE)
    assert Stamps(tmp_path / "stamps").has(ONE)
