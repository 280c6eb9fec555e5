"""The sync process itself: real processes on real files, killed, doubled and blocked."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from device.process.time import SystemTimekeeper
from device.store.catalogue import list_records
from device.store.database import Store
from device.store.keys import RECIPIENT_KEY
from device.store.records import Lane
from tests.cloud_sync.samples import new_record, record_id
from tests.cloud_sync.test_sync import ids_in

KILLS, RECORDS = 12, 300
HANG = """
import sys
from cloud_sync.__main__ import main
from cloud_sync.local.remote import LocalRemote
LocalRemote.put_document = lambda self, path, content, timeout_s: __import__("time").sleep(3600)
sys.exit(main(sys.argv[1:]))
"""
LOADED = """
import sys
from cloud_sync.__main__ import main
code = main(sys.argv[1:])
unwanted = {"numpy", "aiohttp", "asyncio", "click", "models", "drivers", "ai_edge_litert"}
print(*sorted(unwanted & sys.modules.keys()), file=sys.stderr)
sys.exit(code)
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data", SystemTimekeeper(), reserve_bytes=0) as store:
        yield store


def command(data_dir: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "cloud_sync", "--data-dir", str(data_dir), *options]


def once(data_dir: Path, *options: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        command(data_dir, "--once", "--json", *options), capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, json.loads(done.stdout)


def test_once_prints_what_was_confirmed(store: Store, tmp_path: Path) -> None:
    saved = [store.save(new_record(number, Lane.URGENT if number == 2 else Lane.ROUTINE)) for number in range(3)]
    code, report = once(tmp_path / "data")
    expected = [{"id": saved[n].id, "sha256": saved[n].document_sha256} for n in (2, 0, 1)]
    assert (code, report) == (0, {"confirmed": expected, "failed": [], "remaining": 0, "dead": 0})
    assert {record.state for record in list_records(tmp_path / "data")} == {"synced"}
    assert once(tmp_path / "data") == (0, {"confirmed": [], "failed": [], "remaining": 0, "dead": 0})


def test_text_output_names_what_waits(store: Store, tmp_path: Path) -> None:
    store.save(new_record(1))
    (tmp_path / "data/cloud").write_text("in the way")
    done = subprocess.run(command(tmp_path / "data", "--once"), capture_output=True, text=True, check=False)
    assert done.returncode == 7
    assert f"to retry   {record_id(1)}  RemoteUnavailable: the local cloud in" in done.stdout
    assert "0 confirmed, 1 waiting, 0 laid aside" in done.stdout


def test_exit_codes_of_what_cannot_even_start(store: Store, tmp_path: Path) -> None:
    def ends_with(*options: str, data_dir: Path = tmp_path / "data") -> tuple[int, str]:
        done = subprocess.run(command(data_dir, "--once", *options), capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    config = tmp_path / "firstlight.toml"
    config.write_text('[sync]\nremote = "gopher:hole"\n')
    code, said = ends_with("--config", str(config))
    assert code == 2
    assert "gopher" in said
    config.write_text("[sync]\nremot = 1\n")
    assert ends_with("--config", str(config))[0] == 2
    (tmp_path / "data/keys" / RECIPIENT_KEY).unlink()
    code, said = ends_with()
    assert (code, "there is no key at" in said) == (8, True)
    assert "Traceback" not in said


def test_a_damaged_store_of_a_newer_version_ends_with_a_sentence(store: Store, tmp_path: Path) -> None:
    store.close()
    with sqlite3.connect(tmp_path / "data/store/store.db") as database:
        database.execute("PRAGMA user_version = 99")
    done = subprocess.run(command(tmp_path / "data", "--once"), capture_output=True, text=True, check=False)
    assert (done.returncode, "has version 99" in done.stderr) == (5, True)


def test_laid_aside_records_have_an_exit_code(store: Store, tmp_path: Path) -> None:
    store.save(new_record(1))
    once(tmp_path / "data")
    with sqlite3.connect(tmp_path / "data/cloud/cloud.db") as database:
        database.execute("UPDATE documents SET path = replace(path, ?, ?)", (record_id(1), record_id(2)))
    store.save(new_record(2))
    code, report = once(tmp_path / "data")
    assert (code, report["dead"], report["remaining"]) == (10, 1, 0)
    with sqlite3.connect(tmp_path / "data/cloud/cloud.db") as database:
        database.execute("DELETE FROM documents")
    assert once(tmp_path / "data")[0] == 10, "somebody must say that the cause was removed"
    code, report = once(tmp_path / "data", "--again")
    assert (code, report["dead"], [entry["id"] for entry in report["confirmed"]]) == (0, 0, [record_id(2)])


def test_a_call_that_never_returns_ends_the_process(store: Store, tmp_path: Path) -> None:
    store.save(new_record(1))
    config = tmp_path / "firstlight.toml"
    config.write_text('[sync]\ncall_deadline = "100 ms"\n')
    arguments = ["--data-dir", str(tmp_path / "data"), "--config", str(config)]
    for options in (["--once", "--json"], []):
        done = subprocess.run(
            [sys.executable, "-c", HANG, *arguments, *options], capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 11
        assert "must be started anew" in done.stderr
    assert once(tmp_path / "data")[1]["confirmed"][0]["id"] == record_id(1)


def test_the_process_loads_neither_numpy_nor_a_server(store: Store, tmp_path: Path) -> None:
    store.save(new_record(1))
    arguments = ["--data-dir", str(tmp_path / "data"), "--once"]
    done = subprocess.run([sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == ""


def test_systemd_hears_that_it_is_ready_alive_and_stopping(store: Store, tmp_path: Path) -> None:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(str(tmp_path / "notify"))
    listener.settimeout(60.0)
    process = subprocess.Popen(command(tmp_path / "data"), env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")})
    assert listener.recv(100) == b"READY=1"
    assert listener.recv(100) == b"WATCHDOG=1"
    store.save(new_record(1))
    heard = {listener.recv(100) for _ in range(4)}
    while b"STATUS=0 waiting, 1 synced, 0 laid aside" not in heard:
        heard.add(listener.recv(100))
    process.send_signal(signal.SIGTERM)
    while b"STOPPING=1" not in heard:
        heard.add(listener.recv(100))
    assert process.wait(60.0) == 0
    listener.close()


@pytest.mark.slow
def test_killed_at_random_moments_nothing_is_lost_and_nothing_doubled(store: Store, tmp_path: Path) -> None:
    rng, data_dir = random.Random(20261120), tmp_path / "data"
    for number in range(RECORDS):
        store.save(new_record(number, rng.choice(list(Lane)), size=rng.randrange(20_000)))
    for _ in range(KILLS):
        process = subprocess.Popen(command(data_dir), stderr=subprocess.DEVNULL)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(rng.uniform(0.1, 0.5))
        process.kill()
        process.wait()
    code, report = once(data_dir)
    assert (code, report["failed"], report["remaining"], report["dead"]) == (0, [], 0, 0)
    assert sorted(ids_in(data_dir / "cloud")) == [record_id(number) for number in range(RECORDS)]
    with sqlite3.connect(data_dir / "cloud/cloud.db") as database:
        assert database.execute("SELECT count(*) FROM objects").fetchone() == (RECORDS,)


def test_two_processes_at_once_share_the_work(store: Store, tmp_path: Path) -> None:
    saved = {store.save(new_record(number)).id for number in range(60)}
    processes = [subprocess.Popen(command(tmp_path / "data", "--once", "--json"), stdout=subprocess.PIPE) for _ in range(2)]
    reports = [json.loads(process.communicate(timeout=60)[0]) for process in processes]
    confirmed = [entry["id"] for report in reports for entry in report["confirmed"]]
    assert sorted(confirmed) == sorted(saved)
    assert sorted(ids_in(tmp_path / "data/cloud")) == sorted(saved)
    assert not any(report["failed"] for report in reports)


def test_the_store_is_only_read_by_the_kiosk_while_it_runs_on(store: Store, tmp_path: Path) -> None:
    """Killing the sync process leaves the kiosk's side working, and the other way round."""
    process = subprocess.Popen(command(tmp_path / "data"), stderr=subprocess.DEVNULL)
    store.save(new_record(1))
    process.kill()
    process.wait()
    store.save(new_record(2))
    store.close()
    code, report = once(tmp_path / "data")
    assert (code, report["remaining"]) == (0, 0)
    assert ids_in(tmp_path / "data/cloud") == [record_id(1), record_id(2)]
