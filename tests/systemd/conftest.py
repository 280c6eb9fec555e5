from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.systemd.units import make_root

Tool = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root file system in which our units are installed."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed on this machine (./test does it, given root or sudo)")
    return make_root(tmp_path / "root")


@pytest.fixture
def tool() -> Tool:
    """Run one of systemd's tools; skip where it is not installed."""

    def run(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        path = shutil.which(name, path="/usr/bin:/bin:/usr/sbin:/sbin")
        if path is None:
            pytest.skip(f"{name} is not installed on this machine (./test does it, given root or sudo)")
        return subprocess.run([path, *arguments], capture_output=True, text=True, timeout=60, check=False)

    return run
