"""Several processes in one terminal: what systemd does on the device, in small.

Each child is a process of its own, told apart by the name before its lines. It says that it is ready in the same words
as to systemd (sd_notify), is started again when it dies, and all end together.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

RESTARTS = 5
"""A child that dies more often than this before all have been ready is given up, and with it the run."""
PAUSE_S, LONGEST_PAUSE_S, FORGET_S = 0.5, 15.0, 60.0
"""Later nobody is given up, for the others do their work meanwhile: it is tried again after a pause that doubles, and is
short again for one that has lasted."""
FATAL_EXITS = (2, 9)
"""Wrong configuration and a taken port do not heal by starting again."""
STOP_TIMEOUT_S = 10.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The last one comes when the terminal is closed; without it the children would go on alone, and hold their ports."""


class ChildFailed(Exception):
    """A child ended in a way that starting it again would not mend; it has said why on stderr."""

    def __init__(self, name: str, code: int) -> None:
        super().__init__(f"{name} ended with exit code {code}")
        self.code = code


@dataclass
class Child:
    """One process to keep running."""

    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    notifications: socket.socket | None = None
    ready: bool = False
    starts: int = 0
    """How often it was started in a row without lasting."""
    started_s: float = 0.0
    again_s: float | None = None
    """When to start it again; ``None`` while it runs."""


class Supervisor:
    """Starts children, waits until all are ready, and keeps them until asked to stop."""

    def __init__(
        self,
        children: Sequence[Child],
        on_ready: Callable[[], None],
        on_note: Callable[[str], None],
        *,
        stop_timeout_s: float = STOP_TIMEOUT_S,
        pause_s: float = PAUSE_S,
    ) -> None:
        """``on_ready`` is called once, when all are; ``on_note`` with each sentence for the person at the terminal."""
        self._stop_timeout_s = stop_timeout_s
        self._pause_s = pause_s
        self._children = children
        self._on_ready = on_ready
        self._on_note = on_note
        self._announced = False
        self._stopping = False
        self._selector = selectors.DefaultSelector()
        self._folder = tempfile.TemporaryDirectory(prefix="firstlight-")

    def run(self) -> None:
        """Run until one of `STOP_SIGNALS`; raises `ChildFailed` when a child cannot be kept running."""
        before = {number: signal.signal(number, self._stop) for number in STOP_SIGNALS}
        try:
            for child in self._children:
                self._start(child)
            while not self._stopping:
                self._listen()
                self._revive()
        finally:
            self._end_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _start(self, child: Child) -> None:
        path = Path(self._folder.name) / child.name
        if child.notifications is None:
            child.notifications = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            child.notifications.bind(str(path))
            self._selector.register(child.notifications, selectors.EVENT_READ, child)
        child.ready = False
        child.starts += 1
        child.started_s, child.again_s = time.monotonic(), None
        # A session of its own: Ctrl-C reaches the supervisor alone, which then ends the children in order.
        child.process = subprocess.Popen(
            child.arguments, env={**os.environ, "NOTIFY_SOCKET": str(path)}, stdin=subprocess.DEVNULL, start_new_session=True
        )

    def _listen(self) -> None:
        for key, _ in self._selector.select(timeout=0.2):
            child: Child = key.data
            assert child.notifications is not None
            if b"READY=1" in child.notifications.recv(4096).split(b"\n"):
                child.ready = True
        if not self._announced and all(child.ready for child in self._children):
            self._announced = True
            self._on_ready()

    def _revive(self) -> None:
        for child in self._children:
            code = child.process.poll() if child.process is not None else None
            if code is None or self._stopping:
                continue
            if child.again_s is None:
                child.again_s = time.monotonic() + self._pause_after(child, code)
            if time.monotonic() >= child.again_s:
                self._start(child)

    def _pause_after(self, child: Child, code: int) -> float:
        """Return how long to wait before another start. Raises `ChildFailed` where that would not help."""
        if time.monotonic() - child.started_s > FORGET_S:
            child.starts = 1
        if code in FATAL_EXITS or (child.starts > RESTARTS and not self._announced):
            raise ChildFailed(child.name, code)
        doublings = min(child.starts - 1, 16)
        pause_s = min(LONGEST_PAUSE_S, self._pause_s * (2.0**doublings - 1))
        when = f" in {pause_s:g} s" if pause_s else ""
        self._on_note(f"{child.name} ended with exit code {code}; starting it again{when}, the others go on")
        return pause_s

    def _end_all(self) -> None:
        for child in self._children:
            if child.process is not None and child.process.poll() is None:
                child.process.terminate()
        end = time.monotonic() + self._stop_timeout_s
        for child in self._children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
                self._on_note(
                    f"{child.name} did not end within {self._stop_timeout_s:g} s and was killed; saved records are safe"
                )
        self._selector.close()
        for child in self._children:
            if child.notifications is not None:
                child.notifications.close()
        self._folder.cleanup()
