"""The kiosk as a process of its own: started as systemd starts it, talked to as a browser talks to it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from device.process.ports import listen_on
from device.store.keys import create_keys

ROOT = Path(__file__).parents[2]
LIMIT_S = 60.0


@contextlib.contextmanager
def kiosk(
    data_dir: Path, config: Path, *arguments: str, notify: Path | None = None
) -> Iterator[tuple[subprocess.Popen[str], socket.socket]]:
    """Start the process with a socket for what it tells systemd."""
    address = notify or data_dir.parent / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(address))
        listener.settimeout(LIMIT_S)
        environment = {**os.environ, "NOTIFY_SOCKET": str(address), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "device.kiosk", "--data-dir", str(data_dir), "--config", str(config), *arguments]
        process = subprocess.Popen(command, env=environment, cwd=data_dir.parent, stderr=subprocess.PIPE, text=True)
        try:
            yield process, listener
        finally:
            process.kill()
            process.communicate()
            address.unlink()


def heard(listener: socket.socket, message: str) -> None:
    while listener.recv(4096).decode() != message:
        pass


def until_shown(events: IO[bytes], process: subprocess.Popen[str], *words: str) -> None:
    """Read the screen's events until one holds all of ``words``."""
    view = ""
    while not all(word in view for word in words):
        view = events.readline().decode()
        assert view or process.poll() is None


def write_config(folder: Path, text: str = "", port: int | None = None) -> Path:
    path = folder / "firstlight.toml"
    path.write_text(f"[screen]\nport = {port or free_port()}\n{text}")
    return path


def free_port() -> int:
    with listen_on(0) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_is_ready_feeds_its_watchdog_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    port = free_port()
    with kiosk(tmp_path / "data", write_config(tmp_path, port=port), "--sim") as (process, listener):
        heard(listener, "READY=1")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=LIMIT_S) as page:
            assert page.status == 200
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/bench", timeout=LIMIT_S) as page:
            assert page.status == 200
        heard(listener, "WATCHDOG=1")
        process.send_signal(number)
        heard(listener, "STOPPING=1")
        _, log = process.communicate(timeout=LIMIT_S)
        assert process.returncode == 0
        assert "kiosk stopped" in log
        assert "Traceback" not in log
    assert oct((tmp_path / "data" / "keys" / "site.key").stat().st_mode & 0o777) == "0o600"


def test_it_says_sorry_on_its_screen_where_there_is_no_hardware(tmp_path: Path) -> None:
    port = free_port()
    config = write_config(tmp_path, '[reader]\nurl = "spi:9.9"\n[sensor]\nurl = "i2c:99@0x33"\n', port)
    with kiosk(tmp_path / "data", config) as (process, listener):
        heard(listener, "READY=1")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/events", timeout=LIMIT_S) as events:
            until_shown(events, process, '"accepting":false', "_missing")
        process.terminate()
        process.communicate(timeout=LIMIT_S)
        assert process.returncode == 0


def test_a_port_that_is_taken_is_said_with_who_holds_it(tmp_path: Path) -> None:
    with listen_on(0) as other:
        config = write_config(tmp_path, port=other.getsockname()[1])
        with kiosk(tmp_path / "data", config, "--sim") as (process, _):
            _, log = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 9
    assert f"process {os.getpid()}" in log
    assert "Traceback" not in log


@pytest.mark.parametrize(
    ("text", "words"),
    [("prot = 8600\n", "did you mean 'port'"), ('[sensor]\nurl = "carrier-pigeon:1"\n', "carrier-pigeon")],
)
def test_a_wrong_configuration_is_said_with_its_remedy(tmp_path: Path, text: str, words: str) -> None:
    with kiosk(tmp_path / "data", write_config(tmp_path, text)) as (process, _):
        _, log = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 2
    assert words in log
    assert "Traceback" not in log


def test_a_data_directory_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("this is a file")
    with kiosk(tmp_path / "data", write_config(tmp_path), "--sim") as (process, _):
        _, log = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 5
    assert str(tmp_path / "data") in log
    assert "Traceback" not in log


def test_a_kiosk_that_starts_on_a_read_only_disk_says_so_and_goes_on_once_it_is_mended(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", disk], capture_output=True, check=False, timeout=30)
    if mounted.returncode != 0:
        pytest.skip(f"this user may not mount a disk: {mounted.stderr.decode().strip()}")
    try:
        create_keys(disk / "data")
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True, timeout=30)
        port = free_port()
        config = write_config(tmp_path, port=port)
        with kiosk(disk / "data", config, "--sim", notify=tmp_path / "notify") as (process, listener):
            heard(listener, "READY=1")
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/events", timeout=LIMIT_S) as events:
                until_shown(events, process, '"accepting":false', '"store_faulty"')
                subprocess.run(["mount", "-o", "remount,rw", disk], check=True, timeout=30)
                until_shown(events, process, '"accepting":true')
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True, timeout=30)
