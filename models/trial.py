"""The first run of a bundle, in a process of its own: what crashes, hangs or eats memory there harms nobody.

Hashes and signature say that a bundle is what its maker made; not that the inference runtime on this machine survives it. So
the golden inputs run in a child process (`models.tried`) before the process that serves the patient loads the network.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from models.bundle import Bundle
from models.errors import TrialFailed

DEADLINE_S = 30.0
"""The shipped bundles take 0.4 s on a laptop; a slow card under load may take many times that."""


def try_out(bundle: Path | Bundle, *, deadline_s: float = DEADLINE_S) -> None:
    """Run ``bundle`` once, in a child process.

    Raises `TrialFailed` saying what happened, or what `Bundle.open` raises.
    """
    with Trial(bundle if isinstance(bundle, Bundle) else Bundle.open(bundle), deadline_s=deadline_s) as trial:
        trial.finish()


class Trial:
    """A trial under way, so that something else can be done meanwhile. Leaving its context ends the child."""

    def __init__(self, bundle: Bundle, *, deadline_s: float = DEADLINE_S, command: Sequence[str] | None = None) -> None:
        """Start the child. Raises `TrialFailed` where no process can be started.

        ``command`` is for tests: what to run instead of `models.tried`.
        """
        self._path = bundle.path
        self._deadline_s = deadline_s
        self._ends_s = time.monotonic() + deadline_s
        self._output = os.memfd_create("trial")  # no pipe, which somebody would have to empty, and no disk
        isolated = ["-I"] if sys.flags.isolated else []
        child = [sys.executable, "-B", *isolated, "-m", "models.tried"]
        arguments = [str(bundle.path.absolute()), bundle.sha256, str(int(deadline_s) + 1)]
        try:
            self._child = subprocess.Popen(
                [*(command or child), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=self._output,
                start_new_session=True,
            )
        except OSError as error:
            os.close(self._output)
            raise self._failed(f"no process can be started for it ({error.strerror})") from error

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the child, if it still runs."""
        self._end()
        os.close(self._output)

    def finish(self) -> None:
        """Wait for the child, until the deadline. Raises `TrialFailed`."""
        try:
            code = self._child.wait(max(0.0, self._ends_s - time.monotonic()))
        except subprocess.TimeoutExpired as error:
            self._end()
            raise self._failed(f"it had not finished after {self._deadline_s:g} s") from error
        if code < 0:
            raise self._failed(f"it crashed the process that ran it ({_signal_name(-code)})")
        report = self._report()
        if report is None:
            raise self._failed(f"the process that ran it ended with {code} and said nothing")
        if report["fault"] is not None:
            raise self._failed(f"{report['message']} ({report['fault']})")

    def _report(self) -> dict[str, str] | None:
        os.lseek(self._output, 0, os.SEEK_SET)
        lines = os.read(self._output, 1 << 20).decode(errors="replace").splitlines()
        for line in reversed(lines):
            with suppress(ValueError):
                report = json.loads(line)
                if isinstance(report, dict) and "fault" in report:
                    return report
        return None

    def _end(self) -> None:
        if self._child.poll() is None:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()

    def _failed(self, what: str) -> TrialFailed:
        return TrialFailed(f"the trial of {self._path} failed: {what}. It is not used; ask its maker for another one")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
