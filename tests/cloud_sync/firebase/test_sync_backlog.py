"""A kiosk that was offline for months: thousands of visits leave it without more memory than a dozen takes."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from cloud_sync.firebase.credential import Credential
from device.process.time import SystemTimekeeper
from device.store.catalogue import list_records
from device.store.database import Store
from device.store.records import Lane, NewRecord, Part
from tests.cloud_sync.firebase.peer import Peer, Request, committed, stored
from tests.cloud_sync.samples import document, record_id

VISITS = 5_000
LARGEST_RSS = 60 << 20
"""Bytes; what docs/sync.md promises for thermal visits."""
LARGEST_GROWTH = 6 << 20
CAPTURE = 20_000


def fill(data_dir: Path) -> None:
    time_ = SystemTimekeeper()
    content = random.Random(1).randbytes(CAPTURE)
    whole = {key: value for key, value in document(1, None).items() if key != "parts"}
    with Store.open(data_dir, time_, reserve_bytes=0) as store:
        for number in range(VISITS):
            part = Part("capture.npz", "application/x-npz", number.to_bytes(4) + content)
            plain = {**whole, "id": record_id(number)}
            store.save(NewRecord(record_id(number), plain["patient"], "thermal", time_.now(), Lane.ROUTINE, plain, (part,)))


def memory_of(pid: int, key: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024
    return 0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_five_thousand_visits_leave_without_growing_memory(tmp_path: Path) -> None:
    data_dir, credential, config = tmp_path / "data", tmp_path / "firebase", tmp_path / "firstlight.toml"
    fill(data_dir)
    Credential("demo", "key", "demo.appspot.com", "home", "kiosk-1", "refresh").write(credential)
    config.write_text(f'[sync]\nremote = "firebase:{credential}"\n[store]\nkeep = "0 B"\n')
    documents: set[str] = set()
    lock = threading.Lock()

    def cloud(request: Request, connection: object) -> bytes:
        peer.requests.clear()  # the peer itself must not grow, either
        if "/o?" in request.target:
            return stored(request, connection)  # type: ignore[arg-type]
        if request.target.endswith(":runQuery"):
            return b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
        with lock:
            for write in json.loads(request.body)["writes"]:
                if "/records/" in (name := write["update"]["name"]):
                    documents.add(name.rpartition("/")[2])
        return committed(request, connection)  # type: ignore[arg-type]

    with Peer(usual=cloud) as peer:
        host = f"127.0.0.1:{peer.port}"
        names = ("FIREBASE_AUTH_EMULATOR_HOST", "FIRESTORE_EMULATOR_HOST", "FIREBASE_STORAGE_EMULATOR_HOST")
        command = [sys.executable, "-m", "cloud_sync", "--data-dir", str(data_dir), "--config", str(config), "--once", "--json"]
        began = time.monotonic()
        process = subprocess.Popen(
            command, env=os.environ | dict.fromkeys(names, host), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        early = 0
        peak = 0
        while process.poll() is None:
            peak = memory_of(process.pid, "VmHWM") or peak
            if not early and len(documents) >= VISITS // 20:
                early = peak
            time.sleep(0.05)
        took_s = time.monotonic() - began
    print(f"{VISITS} visits in {took_s:.0f} s, {peak / 2**20:.1f} MiB at most, {early / 2**20:.1f} MiB after a twentieth")
    assert process.returncode == 0
    assert len(documents) == VISITS
    assert {record.state for record in list_records(data_dir)} <= {"synced", "purged"}
    assert early > 0
    assert peak - early < LARGEST_GROWTH
    assert peak <= LARGEST_RSS
