"""Starting Firstlight's processes from outside, as systemd does: with a socket to say "ready" on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

READY_TIMEOUT_S = 30.0


class Process:
    """One ``python -m ...`` that has said that it is ready."""

    def __init__(self, arguments: Sequence[str], folder: Path) -> None:
        """Start it and wait. Raises `TimeoutError`, or `ChildProcessError` where it ends instead; its log is ``folder/log``."""
        path = folder / f"notify-{os.urandom(4).hex()}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifications, (folder / "log").open("ab") as log:
            notifications.bind(str(path))
            notifications.settimeout(0.02)
            began_s = time.monotonic()
            self._process = subprocess.Popen(
                [sys.executable, "-m", *arguments], env={**os.environ, "NOTIFY_SOCKET": str(path)}, stdout=log, stderr=log
            )
            while not self._is_ready(notifications):
                if self._process.poll() is not None:
                    raise ChildProcessError(f"{arguments[0]} ended with {self._process.returncode}; see {folder / 'log'}")
                if time.monotonic() - began_s > READY_TIMEOUT_S:
                    self.kill()
                    raise TimeoutError(f"{arguments[0]} was not ready within {READY_TIMEOUT_S:g} s")
            self.start_to_ready_s = time.monotonic() - began_s
        path.unlink(missing_ok=True)

    @staticmethod
    def _is_ready(notifications: socket.socket) -> bool:
        try:
            return b"READY=1" in notifications.recv(4096).split(b"\n")
        except TimeoutError:
            return False

    @property
    def resident_bytes(self) -> int:
        """VmRSS now."""
        for line in Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise ProcessLookupError("the process has ended")

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait()

    def stop(self, timeout_s: float = 15.0) -> int:
        """Ask it to end and return its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout_s)

    def __enter__(self) -> Process:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process.poll() is None:
            self.stop()


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def write_config(folder: Path, *, screen_port: int, portal_port: int | None = None) -> Path:
    """Write a configuration with ports of its own and return its path."""
    path = folder / "firstlight.toml"
    path.write_text(f'[screen]\nport = {screen_port}\n[sync]\ninterval = "1 s"\nportal_port = {portal_port or free_port()}\n')
    return path
