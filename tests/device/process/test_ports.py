"""Taking a port, and who holds it where that fails."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from device.process.ports import PortRefused, PortTaken, holder_of, listen_on

LISTEN = """
import socket, sys
family = socket.AF_INET6 if sys.argv[1] == "6" else socket.AF_INET
listener = socket.create_server(("", 0), family=family)
print(listener.getsockname()[1], flush=True)
input()
"""


def test_a_free_port_is_taken_and_answers() -> None:
    listener = listen_on(0)
    with socket.create_connection(listener.getsockname()):
        pass
    listener.close()


@pytest.mark.parametrize("family", ["4", "6"])
def test_the_holder_is_named_without_its_arguments(tmp_path: Path, family: str) -> None:
    script = tmp_path / "holder.py"
    script.write_text(LISTEN)
    process = subprocess.Popen(
        [sys.executable, script, family, "secret"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    port = int(process.stdout.readline() or pytest.skip("there is no IPv6 here"))
    assert holder_of(port) == f"{Path(sys.executable).name} holder.py (process {process.pid})"
    if family == "4":
        with pytest.raises(PortTaken, match=rf"port {port} is held by .* holder\.py \(process {process.pid}\): stop it"):
            listen_on(port)
    process.communicate("\n")
    assert holder_of(port) is None


def test_a_holder_that_may_not_be_looked_at_is_another_program(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net/tcp").write_text("  sl ...\n   0: 0100007F:2198 00000000:0000 0A 0:0 0:0 0 1000 0 777 1\n")
    assert holder_of(0x2198, proc=tmp_path) is None
    (tmp_path / "42/fd").mkdir(parents=True)
    (tmp_path / "42/fd/3").symlink_to("socket:[777]")
    assert holder_of(0x2198, proc=tmp_path) == "a program (process 42)"
    (tmp_path / "42/cmdline").write_bytes(b"/usr/bin/python3\0-m\0device.kiosk\0--data-dir\0/secret\0")
    assert holder_of(0x2198, proc=tmp_path) == "python3 -m device.kiosk (process 42)"
    (tmp_path / "42/cmdline").write_bytes(b"/usr/sbin/nginx\0-g\0daemon off;\0")
    assert holder_of(0x2198, proc=tmp_path) == "nginx (process 42)"
    assert holder_of(0x2199, proc=tmp_path) is None


@pytest.mark.parametrize(("port", "host"), [(70_000, "127.0.0.1"), (-1, "127.0.0.1"), (0, "192.0.2.1")])
def test_what_can_never_be_a_port_here_is_refused(port: int, host: str) -> None:
    with pytest.raises(PortRefused, match="choose a port from 1024 to 65535"):
        listen_on(port, host=host)
