"""The service manager hears what it should, through a real datagram socket; nobody listening is no error."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.process.notify import Notifier


@pytest.fixture
def manager() -> Iterator[tuple[socket.socket, str]]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0firstlight-test-{os.getpid()}")
        listener.settimeout(5.0)
        yield listener, f"@firstlight-test-{os.getpid()}"


def test_each_message_arrives_as_systemd_wants_it(manager: tuple[socket.socket, str]) -> None:
    listener, address = manager
    with Notifier({"NOTIFY_SOCKET": address}) as notifier:
        notifier.ready()
        notifier.watchdog()
        notifier.status("3 records\nwait")
        notifier.stopping()
    assert [listener.recv(256) for _ in range(4)] == [b"READY=1", b"WATCHDOG=1", b"STATUS=3 records wait", b"STOPPING=1"]


def test_a_socket_in_the_file_system_works_too(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5.0)
        Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify")}).ready()
        assert listener.recv(256) == b"READY=1"


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "/nowhere/notify"], ids=["none", "other kind", "gone"])
def test_nobody_listening_is_no_error(address: str) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": address})
    notifier.ready()
    notifier.close()
    notifier.watchdog()
    notifier.close()


def test_a_manager_that_does_not_read_blocks_nobody(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify")})
        for _ in range(5000):  # more than any receive queue holds
            notifier.watchdog()


def test_the_watchdogs_time_is_read_for_this_process_alone() -> None:
    assert Notifier({"WATCHDOG_USEC": "10000000"}).watchdog_s == 10.0
    assert Notifier({"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": str(os.getpid())}).watchdog_s == 10.0
    assert Notifier({"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "1"}).watchdog_s is None
    assert Notifier({"WATCHDOG_USEC": "often"}).watchdog_s is None
    assert Notifier({}).watchdog_s is None
