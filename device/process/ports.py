"""Taking a TCP port, and who holds it where that fails: the answer that a person needs when a page cannot be served."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from pathlib import Path

LOOPBACK = "127.0.0.1"
_LISTEN = "0A"
"""State TCP_LISTEN in /proc/net/tcp (Linux: include/net/tcp_states.h)."""


class PortTaken(OSError):
    """Another program listens there; the message names it where that can be known."""


class PortRefused(OSError):
    """The port or the address cannot be used at all: a privileged number, an address of another machine."""


def listen_on(port: int, *, host: str = LOOPBACK) -> socket.socket:
    """Return a socket that listens on ``host``; ``port`` 0 takes any free one. Raises `PortTaken` or `PortRefused`."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        # Without it, a restart waits for the last connection's TIME_WAIT. It does not let two processes listen.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(64)
    except (OSError, OverflowError) as error:
        listener.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            holder = holder_of(port) or "another program"
            raise PortTaken(f"port {port} is held by {holder}: stop it, or choose another port") from error
        what = error.strerror if isinstance(error, OSError) else "no such port"
        remedy = "choose a port from 1024 to 65535 on an address of this machine"
        raise PortRefused(f"cannot listen on {host}, port {port} ({what}): {remedy}") from error
    listener.setblocking(False)
    return listener


def holder_of(port: int, *, proc: Path = Path("/proc")) -> str | None:
    """Return who listens on TCP ``port`` on any address, such as ``python -m device.kiosk (process 1234)``.

    ``None`` where nobody listens, or where the listener belongs to another user and may not be looked at.
    """
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port, proc)}
    if not sockets:
        return None
    for process in sorted(proc.glob("[0-9]*"), key=lambda path: int(path.name)):
        if sockets.intersection(_open_files(process)):
            return f"{_command_of(process)} (process {process.name})"
    return None


def _listening_inodes(port: int, proc: Path) -> Iterator[str]:
    for table in (proc / "net" / "tcp", proc / "net" / "tcp6"):
        try:
            rows = table.read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            # proc(5): sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode ...
            fields = row.split()
            if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def _open_files(process: Path) -> Iterator[str]:
    try:
        for descriptor in (process / "fd").iterdir():
            yield str(descriptor.readlink())
    except OSError:  # it ended meanwhile, or belongs to somebody else
        return


def _command_of(process: Path) -> str:
    """Return the program and what it was started as; never the arguments after that, which may hold a path or a secret."""
    try:
        words = [word.decode(errors="replace") for word in (process / "cmdline").read_bytes().split(b"\0") if word]
    except OSError:
        words = []
    if not words:
        return "a program"
    program = Path(words[0]).name
    if "-m" in words[1:-1]:
        return f"{program} -m {words[words.index('-m') + 1]}"
    if program.startswith("python") and len(words) > 1 and not words[1].startswith("-"):
        return f"{program} {Path(words[1]).name}"
    return program
