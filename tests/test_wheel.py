"""What `pip install` gives to somebody who has no checkout."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.checkout import ROOMS, ROOT, tracked_files

NOT_PACKAGED = {Path("tools/aarch64.sh"), Path("tools/setup.sh")}
"""Set-up of a checkout."""
PORTAL = Path("cloud_sync/portal")
"""Its sources are no part of the wheel; what was built of them is."""
BUILT = {PORTAL / "dist/index.html", PORTAL / "dist/sw.js", PORTAL / "dist/assets/index-1a2b3c.js"}
LEFT_BY_THE_BUILD = {PORTAL / "dist/.set-up", PORTAL / "dist/.vite/manifest.json", PORTAL / "node_modules/preact/index.js"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the tracked files and a built portal, without internet."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    for path in tracked_files():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, source / path)
    for path in BUILT | LEFT_BY_THE_BUILD:
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_text("built")
    pip("wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", built, source)
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install it into an environment of its own, which borrows this one's dependencies but not its Firstlight."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True, timeout=120)
    pip("--python", environment / "bin/python", "install", "--no-deps", "--no-index", wheel)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    borrowed = environment / "lib" / version / "site-packages/borrowed.pth"
    borrowed.write_text(sysconfig.get_path("purelib") + "\n")
    return environment


def pip(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr


def run(environment: Path, *command: str) -> str:
    path = str(environment / "bin" / command[0])
    done = subprocess.run([path, *command[1:]], cwd=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_holds_every_file_of_the_rooms_and_nothing_else(wheel: Path) -> None:
    packaged = {Path(name) for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    ours = {path for path in tracked_files() if path.parts[0] in ROOMS and not path.is_relative_to(PORTAL)}
    assert packaged == (ours - NOT_PACKAGED) | BUILT


def test_it_carries_its_licence(wheel: Path) -> None:
    assert any(name.endswith("LICENSE") for name in zipfile.ZipFile(wheel).namelist())


def test_the_command_runs_without_a_checkout(installed: Path) -> None:
    assert run(installed, "python", "-c", "import tools; print(tools.__file__)").startswith(str(installed))
    assert "It screens; it does not diagnose." in run(installed, "firstlight", "--help")
    assert run(installed, "firstlight", "--version").startswith("firstlight")


def test_the_shipped_models_are_found_without_a_checkout(installed: Path) -> None:
    assert {model["name"] for model in json.loads(run(installed, "firstlight", "models", "list", "--json"))} >= {"breast"}
