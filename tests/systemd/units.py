"""The files in systemd/, read as data, and a root file system for systemd's own tools to look at them in."""

from __future__ import annotations

import shutil
import stat
from collections import defaultdict
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "systemd"
SERVICES = sorted(path.name for path in FOLDER.glob("*.service"))
PYTHON = Path("/opt/firstlight/bin/python")
"""The interpreter of the virtual environment on the device."""

_OWN_UNITS_OF_SYSTEMD = Path("/usr/lib/systemd/system")


def settings(unit: str, section: str = "Service") -> dict[str, list[str]]:
    """Return the settings of a unit's section; a key that stands several times has several values."""
    found: dict[str, list[str]] = defaultdict(list)
    current = ""
    for line in (FOLDER / unit).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            current = line.strip("[]")
        elif current == section and "=" in line and not line.startswith(("#", ";")):
            key, value = line.split("=", 1)
            found[key].append(value)
    return found


def option(unit: str, name: str) -> str:
    """Return the value of a command line option of the unit's ``ExecStart``."""
    words = settings(unit)["ExecStart"][0].split()
    return words[words.index(name) + 1]


def words(unit: str, key: str) -> list[str]:
    """Return the space-separated words of all values of a setting."""
    return [word for value in settings(unit)[key] for word in value.split()]


def make_root(root: Path) -> Path:
    """Build a root file system with our units, systemd's own, and something executable where Python will be."""
    units = root / "usr/lib/systemd/system"
    shutil.copytree(_OWN_UNITS_OF_SYSTEMD, units, symlinks=True, ignore=_keep_units)
    for path in FOLDER.iterdir():
        if path.is_file():
            shutil.copy(path, units)
    for folder, target in (("sysusers.d", "usr/lib/sysusers.d"), ("tmpfiles.d", "usr/lib/tmpfiles.d")):
        shutil.copytree(FOLDER / folder, root / target)
    (root / "etc").mkdir()
    for command in commands():
        executable = root / command.relative_to("/")
        executable.parent.mkdir(parents=True, exist_ok=True)
        executable.write_text("#!/bin/sh\n")
        executable.chmod(executable.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return root


def commands() -> set[Path]:
    return {
        Path(value.split()[0]) for unit in SERVICES for key in ("ExecStart", "ExecStartPost") for value in settings(unit)[key]
    }


def _keep_units(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not name.endswith((".target", ".service", ".mount", ".slice", ".socket", ".path"))]
