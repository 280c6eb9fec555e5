"""The arrows between the rooms: they hold, and the contracts in pyproject.toml would notice one that does not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import ROOMS, ROOT

LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
# Of a module in the kiosk's process, these are too heavy to import at its start, or belong to another process.
TOO_HEAVY = ("cv2", "scipy", "pandas", "matplotlib", "tensorflow", "requests", "tools", "cloud_sync")


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LINT]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", root)
    for room in ROOMS:
        shutil.copytree(ROOT / room, root / room, ignore=shutil.ignore_patterns("__pycache__", "bundles", "static"))
    return root


def test_every_arrow_holds() -> None:
    verdict = lint_imports(ROOT)
    assert verdict.returncode == 0, verdict.stdout


@pytest.mark.parametrize(
    ("module", "imported", "contract"),
    [
        ("drivers/wrong.py", "device.process.moment", "The rooms"),
        ("models/wrong.py", "drivers.clock", "The rooms"),
        ("device/store/wrong.py", "cloud_sync.remote", "The rooms"),
        ("cloud_sync/wrong.py", "tools.cli.main", "The rooms"),
        ("cloud_sync/wrong.py", "device.visit.reasons", "cloud_sync knows"),
        ("cloud_sync/wrong.py", "models.errors", "cloud_sync knows"),
        ("device/process/wrong.py", "drivers.clock", "device.store and device.process"),
        ("device/process/wrong.py", "device.store.records", "Inside device"),
        ("device/screen/wrong.py", "device.visit.reasons", "Inside device"),
        ("device/visit/wrong.py", "device.screen.server", "device.visit knows"),
    ],
)
def test_a_wrong_arrow_would_be_noticed(module: str, imported: str, contract: str, copy: Path) -> None:
    wrong = copy / module
    wrong.write_text(f"import {imported}\n")
    try:
        verdict = lint_imports(copy)
    finally:
        wrong.unlink()
    assert verdict.returncode != 0
    assert any(line.startswith(contract) and " BROKEN" in line for line in verdict.stdout.splitlines()), verdict.stdout


@pytest.mark.parametrize("entry", ["device.kiosk", "drivers.sim.world", "device.screen.server", "models.breast"])
def test_the_kiosk_starts_without_what_is_heavy(entry: str) -> None:
    command = [sys.executable, "-c", f"import sys, {entry}; print(*(name for name in {TOO_HEAVY} if name in sys.modules))"]
    verdict = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (verdict.returncode, verdict.stdout.split()) == (0, []), verdict.stderr
