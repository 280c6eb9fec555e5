"""firebase-tools, Google's own program for deploying: which one, and how it is run so that it ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from cloud_sync.firebase.admin.access import CREDENTIALS
from cloud_sync.firebase.admin.errors import DeployFailed
from cloud_sync.firebase.admin.release import SOURCE

TIMEOUT_S = 900.0
VERSION_TIMEOUT_S = 60.0
_GRACE_S = 5.0


def find() -> Path:
    """Return the ``firebase`` that is pinned beside the rules, else one on the ``PATH`` of the same major version."""
    source = SOURCE
    pinned = source / "node_modules" / ".bin" / "firebase"
    if pinned.exists():
        return pinned
    wanted = _major(str(json.loads((source / "package.json").read_text())["devDependencies"]["firebase-tools"]))
    found = shutil.which("firebase")
    if found is None:
        raise DeployFailed(f"firebase-tools is not installed: run `npm ci` in {source} (it needs Node.js 20 or newer)")
    there = version(Path(found))
    if _major(there) != wanted:
        raise DeployFailed(f"{found} is firebase-tools {there}, and {wanted} is needed: run `npm ci` in {source}")
    return Path(found)


def version(executable: Path) -> str:
    """Return what ``firebase --version`` says. Raises `DeployFailed`."""
    try:
        done = subprocess.run(
            [str(executable), "--version"], capture_output=True, text=True, timeout=VERSION_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise DeployFailed(
            f"{executable} --version does not work ({type(error).__name__}); install firebase-tools anew"
        ) from error
    return done.stdout.strip()


def deploy(
    executable: Path,
    folder: Path,
    *,
    project: str,
    targets: str,
    service_account: Path,
    said: Callable[[str], None],
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Run ``firebase deploy`` in ``folder``; ``said`` gets each line that it prints. Raises `DeployFailed`.

    It asks nothing and removes nothing: an index that the project has and these files don't stays.
    """
    words = [str(executable), "deploy", "--non-interactive", "--project", project, "--only", targets]
    environment = {**os.environ, CREDENTIALS: str(service_account.absolute()), "CI": "1", "NO_COLOR": "1"}
    code = _run(words, folder, environment, said, timeout_s)
    if code is None:
        raise DeployFailed(
            f"firebase-tools had not finished after {timeout_s:g} s and was ended; look at the project, try again"
        )
    if code != 0:
        raise DeployFailed(f"firebase-tools ended with {code}; its own words are above. What it had deployed by then stays")


def _run(
    words: Sequence[str], folder: Path, environment: dict[str, str], said: Callable[[str], None], timeout_s: float
) -> int | None:
    try:
        process = subprocess.Popen(
            words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise DeployFailed(f"{words[0]} cannot be run ({error.strerror}); install firebase-tools anew") from error
    reader = threading.Thread(target=_read, args=(process, said), daemon=True)
    reader.start()
    try:
        return process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(_GRACE_S)
        reader.join(_GRACE_S)


def _read(process: subprocess.Popen[str], said: Callable[[str], None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        said(line.rstrip())


def _major(version: str) -> str:
    found = re.search(r"\d+", version)
    return found[0] if found else version
