"""Which bundles have passed their trial here, with the inference runtime that is installed now."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from contextlib import suppress
from pathlib import Path

import numpy as np

from models.interpreter import Runtime, available_runtime


class Stamps:
    """One empty file for each bundle that has passed; another runtime, another numpy or another machine make it worthless."""

    def __init__(self, *folders: Path) -> None:
        """Stamps are looked for in each of ``folders`` and kept in the first of them that can be written to."""
        self._folders = folders

    def has(self, bundle_sha256: str) -> bool:
        """Raises `RuntimeMissing`."""
        name = _name(bundle_sha256)
        return any((folder / name).is_file() for folder in self._folders)

    def keep(self, bundle_sha256: str) -> None:
        """Remember that the bundle has passed; where nothing can be written, it is tried out again next time."""
        name = _name(bundle_sha256)
        for folder in self._folders:
            with suppress(OSError):
                folder.mkdir(exist_ok=True)
                (folder / name).touch()
                _forget_others(folder, name.rpartition("-")[2])
                return


def _name(bundle_sha256: str) -> str:
    return f"{bundle_sha256}-{_here(available_runtime())}"


def _here(runtime: Runtime) -> str:
    """Return 16 hexadecimal digits for what a trial's outcome depends on, besides the bundle."""
    package = runtime.partition(".")[0]
    try:
        version = importlib.metadata.version(package.replace("_", "-"))
    except importlib.metadata.PackageNotFoundError:
        version = "unknown"
    what = f"{package} {version} numpy {np.__version__} {platform.machine()} python {platform.python_version()}"
    return hashlib.sha256(what.encode()).hexdigest()[:16]


def _forget_others(folder: Path, here: str) -> None:
    """Remove what an earlier runtime was stamped for."""
    for stamp in folder.iterdir():
        if not stamp.name.endswith(f"-{here}"):
            stamp.unlink()
