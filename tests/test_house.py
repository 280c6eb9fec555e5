"""The rules of the house that no other tool checks: what is committed, and that what is promised in words is there."""

from __future__ import annotations

import hashlib
import os
import re
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.checkout import ROOT, tracked_files
from tools.cli.main import COMMANDS

# Written so that they don't find themselves.
STRANGERS = {
    "a path of one machine": r"(?<![\w.])/(?:work|farm|root|home/[a-z]+)/[a-z]",
    "a package registry's host": r"pypi[.]org|pythonhosted[.]org|npmjs[.]org|deb[.]debian[.]org|docker[.]pkg[.]dev",
    "work left undone": r"\b(?:TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b",
}
TEXT = {
    ".cfg",
    ".conf",
    ".css",
    ".html",
    ".js",
    ".md",
    ".py",
    ".rules",
    ".service",
    ".sh",
    ".svg",
    ".target",
    ".toml",
    ".txt",
    "",
}
PICTURES_OF_PEOPLE = {".bmp", ".csv", ".dcm", ".h5", ".jpeg", ".jpg", ".mat", ".nii", ".npy", ".npz", ".tif", ".tiff", ".zip"}
AVERAGED = {Path("models/bundles/brain-anomaly/statistics.npz")}
"""Averages over at least a thousand slices, of which no person's can be told apart; `models.anomaly_scores` refuses fewer."""
SHARED_DATA = ROOT.parent / "shared" / "data"
LARGEST, LARGEST_IN_BUNDLES = 1_000_000, 3_000_000
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]


@pytest.mark.parametrize("what", STRANGERS)
def test_the_project_speaks_of_itself_alone(what: str) -> None:
    found = [
        f"{path}:{number}: {line.strip()[:80]}"
        for path in tracked_files()
        if path.suffix in TEXT
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(STRANGERS[what], line)
    ]
    assert not found, f"{what}: {found}"


def test_no_data_of_people_is_committed() -> None:
    suspicious = {path for path in tracked_files() if path.suffix.lower() in PICTURES_OF_PEOPLE}
    golden = {path for path in suspicious if path.match("models/bundles/*/golden/golden.npz") and len(path.parts) == 5}
    assert suspicious - golden - AVERAGED == set()


def test_pictures_are_screenshots_and_models_are_in_bundles() -> None:
    for path in tracked_files():
        if path.suffix in {".png", ".webp"}:
            assert path.is_relative_to("docs/screenshots"), path
        if path.suffix == ".tflite":
            assert path.is_relative_to("models/bundles") or path.is_relative_to("tests/models/broken"), path


def test_nothing_large_is_committed() -> None:
    def allowed(path: Path) -> int:
        return LARGEST_IN_BUNDLES if path.is_relative_to("models/bundles") else LARGEST

    assert [path for path in tracked_files() if (ROOT / path).stat().st_size > allowed(path)] == []


def test_no_file_of_the_shared_data_is_committed() -> None:
    if not SHARED_DATA.is_dir():
        pytest.skip("there is no ../shared/data beside the checkout")
    sizes = {(ROOT / path).stat().st_size: path for path in tracked_files() if (ROOT / path).stat().st_size}
    for data in SHARED_DATA.rglob("*"):
        twin = sizes.get(data.stat().st_size) if data.is_file() else None
        assert twin is None or _hash(ROOT / twin) != _hash(data), f"{twin} is {data.relative_to(SHARED_DATA)}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_points_at_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text):
        assert (document.parent / link).exists(), f"{document.name} points at {link}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_commands_of_a_document_are_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for script in set(re.findall(r"(?<![./\w])(\./[a-z]+|\.ci/run)\b", text)):
        assert os.access(ROOT / script, os.X_OK), f"{document.name} names {script}"
    for command in set(re.findall(r"(?:^ {4}|`)firstlight ([a-z]+)", text, re.MULTILINE)):
        assert command in COMMANDS, f"{document.name} names firstlight {command}"


def test_the_legacy_runtime_comes_with_what_firstlight_needs() -> None:
    legacy = _requirements((ROOT / "requirements-tflite.txt").read_text(encoding="utf-8").splitlines())
    usual = _requirements([line for line in requires("firstlight") or [] if "extra ==" not in line])
    assert legacy.keys() - {"tflite-runtime"} == usual.keys() - {"ai-edge-litert"}
    for name in legacy.keys() & usual.keys():
        assert set(usual[name].specifier) <= set(legacy[name].specifier), f"{name} may be older there"


def _requirements(lines: list[str]) -> dict[str, Requirement]:
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {requirement.name: requirement for requirement in found}


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
