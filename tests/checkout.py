"""The files that belong to the project, as git knows them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("drivers", "models", "device", "cloud_sync", "tools")


def tracked_files() -> list[Path]:
    """Return the tracked files that are there, relative to `ROOT`; skip the test outside a git checkout."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout, so nobody knows which files belong to the project")
    # A checkout that root made is tested by others too.
    git = ["git", "-c", "safe.directory=*", "-C", str(ROOT)]
    listed = subprocess.run([*git, "ls-files", "-z"], capture_output=True, text=True, timeout=60, check=True).stdout
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]
