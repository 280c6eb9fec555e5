"""How ./test aarch64 sets its Python up, on machines that lack something. Nothing is downloaded: scripts play apt and pip."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.checkout import ROOT

TOOLS = ("cat", "chmod", "cp", "dirname", "flock", "grep", "id", "ln", "mkdir", "readlink", "rm", "sh", "sha256sum")
PYTHON = """#!/bin/sh
case "$*" in
    *freeze*) printf 'aiohttp==3.11\\nai-edge-litert==2.3.0\\nnumpy==2.4.6\\n' ;;
    *install*) echo "pip $*" >>"$LOG" ;;
esac
"""
APT_GET = """#!/bin/sh
echo "apt-get $*" >>"$LOG"
case "$*" in *download-only*) [ ! -e "$OFFLINE" ] || exit 100
    for word; do case $word in Dir::Cache=*) touch "${word#Dir::Cache=}/archives/python3.deb" ;; esac; done ;; esac
"""
DPKG_DEB = """#!/bin/sh
echo "dpkg-deb $*" >>"$LOG"
mkdir -p "$3/usr/bin" "$3/usr/lib" "$3/lib" && ln -sf python3.11 "$3/usr/bin/python3" && touch "$3/lib/ld-linux-aarch64.so.1"
"""
QEMU = """#!/bin/sh
echo "Python 3.11.2"
"""


class Machine:
    """A computer with a checkout and nothing but a shell and what is put there."""

    def __init__(self, folder: Path) -> None:
        self.checkout, self._bin, self._log, self.offline = (
            folder / "checkout",
            folder / "bin",
            folder / "log",
            folder / "offline",
        )
        (self.checkout / "tools").mkdir(parents=True)
        self._bin.mkdir()
        for name in ("setup.py", "pyproject.toml", "requirements-peers.txt", "tools/setup.sh", "tools/aarch64.sh"):
            shutil.copy(ROOT / name, self.checkout / name)
        for tool in (*TOOLS, "touch"):
            (self._bin / tool).symlink_to(shutil.which(tool, path="/usr/bin:/bin") or "/nowhere")
        self.install("python", PYTHON)

    @property
    def arm(self) -> Path:
        return self.checkout / ".venv-aarch64"

    def install(self, name: str, program: str) -> None:
        (self._bin / name).write_text(program)
        (self._bin / name).chmod(0o755)

    def set_up(self) -> subprocess.CompletedProcess[str]:
        script = 'root=$1; . "$1/tools/setup.sh"; . "$1/tools/aarch64.sh"; ensure_aarch64 "$1/.venv-aarch64" python'
        environment = {"PATH": str(self._bin), "LOG": str(self._log), "OFFLINE": str(self.offline), "HOME": "/nowhere"}
        command = [str(self._bin / "sh"), "-c", script, "sh", str(self.checkout)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    def done(self) -> list[str]:
        """Return the programs that were run since the last question, without their arguments."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        self._log.unlink(missing_ok=True)
        return [line.split()[0] for line in lines]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    for name, program in (("apt-get", APT_GET), ("dpkg-deb", DPKG_DEB), ("qemu-aarch64", QEMU)):
        machine.install(name, program)
    return machine


def test_it_is_set_up_once(machine: Machine) -> None:
    first = machine.set_up()
    assert first.returncode == 0, first.stderr
    assert machine.done() == ["apt-get", "apt-get", "dpkg-deb", "pip"]
    assert os.access(machine.arm / "bin/python", os.X_OK)
    assert (machine.arm / "root/lib/ld-linux-aarch64.so.1").exists(), "whichever way a package is laid out"
    assert "Features : fp asimd" in (machine.arm / "root/proc/cpuinfo").read_text()
    second = machine.set_up()
    assert (second.returncode, second.stderr, machine.done()) == (0, "", [])


def test_what_failed_is_tried_again(machine: Machine) -> None:
    machine.offline.touch()
    assert machine.set_up().returncode != 0
    assert not (machine.arm / ".set-up").exists()
    machine.offline.unlink()
    assert machine.set_up().returncode == 0


def test_other_versions_of_the_runtime_are_set_up_anew(machine: Machine) -> None:
    machine.set_up()
    machine.done()
    machine.install("python", PYTHON.replace("2.3.0", "2.4.0"))
    assert machine.set_up().returncode == 0
    assert machine.done() == ["apt-get", "apt-get", "dpkg-deb", "pip"]


def test_without_debians_packages_it_says_so(tmp_path: Path) -> None:
    refused = Machine(tmp_path).set_up()
    assert refused.returncode != 0
    assert "this system has no apt-get" in refused.stderr
