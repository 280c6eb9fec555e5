"""Tell systemd how this process fares (sd_notify(3)), without libsystemd. Does nothing where nobody listens."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from types import TracebackType


class Notifier:
    """One datagram socket to the service manager.

    systemd restarts a unit whose `watchdog` stays silent; call it where work was done (a good frame, a finished sync
    attempt), never from a timer of its own.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """Read ``NOTIFY_SOCKET``, ``WATCHDOG_USEC`` and ``WATCHDOG_PID``. A missing listener is no error."""
        self._address = _address(environment.get("NOTIFY_SOCKET", ""))
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) if self._address else None
        if self._socket is not None:
            self._socket.setblocking(False)
        self.watchdog_s = _watchdog_s(environment)
        """Seconds within which systemd wants to hear `watchdog`, ``None`` without one. Feed it at half of that."""

    def ready(self) -> None:
        """The unit is up; what waits for it may start."""
        self._send("READY=1")

    def watchdog(self) -> None:
        """Some work was done."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """Show one line in ``systemctl status``. Nothing about a patient belongs there."""
        self._send(f"STATUS={' '.join(text.split())}")

    def stopping(self) -> None:
        """The unit is going down on purpose."""
        self._send("STOPPING=1")

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def __enter__(self) -> Notifier:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _send(self, message: str) -> None:
        if self._socket is None:
            return
        try:
            self._socket.sendto(message.encode(), self._address)
        except OSError:  # a manager that is gone or too busy must not take a visit down with it
            return


def _address(value: str) -> str:
    """Turn systemd's ``@name`` into the abstract address that it means; other kinds (vsock) are not for a unit."""
    if value.startswith("@"):
        return "\0" + value[1:]
    return value if value.startswith("/") else ""


def _watchdog_s(environment: Mapping[str, str]) -> float | None:
    try:
        microseconds = int(environment["WATCHDOG_USEC"])
        meant_for = int(environment.get("WATCHDOG_PID", os.getpid()))
    except (KeyError, ValueError):
        return None
    return microseconds / 1e6 if microseconds > 0 and meant_for == os.getpid() else None
