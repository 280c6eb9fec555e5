"""Kill an activation at each of its steps, and print what each left. `tests.models.test_installed` runs it as a process.

``python -m tests.models.killed FOLDER BUNDLE`` installs the bundle into a fresh copy of the models folder in a fork of itself,
which kills itself with SIGKILL just before its n-th change of the disk; n grows until the activation gets through.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from models.bundle import Bundle
from models.choice import candidates
from models.errors import ModelError
from models.installed import Installed

CHANGES: tuple[tuple[Any, str], ...] = (
    *((os, name) for name in ("fsync", "open", "fchmod", "rename", "replace", "unlink")),
    *((Path, name) for name in ("mkdir", "chmod", "rename", "replace", "unlink")),
)


def main() -> None:
    folder, bundle = Path(sys.argv[1]), Bundle.open(sys.argv[2])
    number, through = 0, False
    while not through:
        copy = folder.with_name(f"killed-{number}")
        shutil.copytree(folder, copy, symlinks=True)
        child = os.fork()
        if child == 0:
            _die_before(number)
            _install(copy, bundle)
            os._exit(0)
        through = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        left = _usable(copy)
        _install(copy, bundle)
        print(json.dumps({"step": number, "killed": not through, "left": left, "then": _usable(copy)}))
        number += 1


def _install(folder: Path, bundle: Bundle) -> None:
    installed = Installed(folder)
    with installed.locked():
        installed.switch("breast", installed.put(bundle).sha256)


def _usable(folder: Path) -> str | None:
    """Return the hash of what the kiosk would use; ``None`` where that does not open."""
    found, faults = candidates("breast", Installed(folder))
    try:
        return None if faults else Bundle.open(found[0].path).sha256
    except ModelError:
        return None


def _die_before(number: int) -> None:
    """Let the n-th call of what changes the disk be the end of this process."""
    left = number

    def deadly(change: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return change(*arguments, **options)

        return call

    for holder, name in CHANGES:
        setattr(holder, name, deadly(getattr(holder, name)))


if __name__ == "__main__":
    main()
