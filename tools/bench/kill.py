"""Visits and sync, killed (kill -9) at random moments, then counted: nothing lost, nothing twice, nothing unreadable.

The kiosk and the sync process are real ones; somebody makes visits at the kiosk over HTTP. A visit counts as promised once
its result page was shown. In the end everything is carried to the embedded cloud, and store and cloud are compared.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from device.store.catalogue import list_records, open_record
from device.store.errors import StoreError
from device.store.keys import load_opener
from tools.bench.figure import Figure
from tools.bench.patient import Patient, VisitEnded
from tools.bench.processes import Process, free_port, write_config

ROUNDS = 30
SEED = 20260
LONGEST_LIFE_S = 5.0
TARGET_NOISE = '[capture]\ntarget_noise = "0.3 K"\n'
"""Short captures, so that more of the random moments fall into saving."""


def measure() -> Iterator[Figure]:
    """Yield the three counts over `ROUNDS` kills."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        promised, killed = _live_dangerously(folder)
        lost, double, unreadable, saved = _count(folder, promised)
    detail = f"{killed} kills, {promised} results shown, {saved} records saved and synced"
    yield Figure("saved visits lost", lost, "", "0", lost == 0, detail=detail)
    yield Figure("records twice, in store or cloud", double, "", "0", double == 0)
    yield Figure("records unreadable, in store or cloud", unreadable, "", "0", unreadable == 0)


def _live_dangerously(folder: Path) -> tuple[int, int]:
    """Kill kiosk and sync in turn while somebody makes visits; return how many results were shown, and the kills."""
    rng = random.Random(SEED)
    port = free_port()
    config = write_config(folder, screen_port=port)
    config.write_text(config.read_text() + TARGET_NOISE)
    common = ["--data-dir", str(folder / "data"), "--config", str(config)]
    kiosk = Process(["device.kiosk", *common, "--sim"], folder)
    sync = Process(["cloud_sync", *common], folder)
    patient = _TirelessPatient(port)
    try:
        for number in range(ROUNDS):
            time.sleep(rng.uniform(0, LONGEST_LIFE_S))
            if number % 2:
                sync.kill()
                sync = Process(["cloud_sync", *common], folder)
            else:
                kiosk.kill()
                kiosk = Process(["device.kiosk", *common, "--sim"], folder)
        patient.stop()
    finally:
        patient.stop()
        kiosk.stop()
        sync.stop()
    once = [sys.executable, "-m", "cloud_sync", *common, "--once"]
    subprocess.run(once, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
    return patient.promised, ROUNDS


class _TirelessPatient:
    """Makes one visit after another; a kiosk that dies in the middle promised nothing."""

    def __init__(self, port: int) -> None:
        self.promised = 0
        self._port = port
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._visit_again_and_again)
        self._thread.start()

    def _visit_again_and_again(self) -> None:
        while not self._stopped.is_set():
            with suppress(OSError, http.client.HTTPException, VisitEnded, ValueError):
                Patient(self._port).visit()
                self.promised += 1
            self._stopped.wait(0.05)

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()


def _count(folder: Path, promised: int) -> tuple[int, int, int, int]:
    """Return lost, double and unreadable records, and how many thermal ones there are."""
    data_dir = folder / "data"
    opener = load_opener(data_dir)
    captures, unreadable = [], 0
    for listed in list_records(data_dir):
        try:
            document = open_record(data_dir, listed.id, opener).document
        except StoreError:
            unreadable += 1
            continue
        if document["modality"] == "thermal":
            captures.append((document["boot_id"], document["monotonic_s"]))
    stored = {listed.id for listed in list_records(data_dir)}
    held, damaged = _in_cloud(data_dir / "cloud")
    lost = max(0, promised - len(captures)) + len(stored - set(held))
    double = len(captures) - len(set(captures)) + len(held) - len(set(held)) + len(set(held) - stored)
    return lost, double, unreadable + damaged, len(captures)


def _in_cloud(folder: Path) -> tuple[list[str], int]:
    """Return the ids of the documents that the cloud holds, and how many things in it are not what their hash says."""
    with closing(sqlite3.connect(folder / "cloud.db")) as database:
        documents = database.execute("SELECT content, sha256 FROM documents").fetchall()
        objects = [sha256 for (sha256,) in database.execute("SELECT sha256 FROM objects")]
    files = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "objects").rglob("*") if path.is_file()}
    damaged = sum(hashlib.sha256(content).hexdigest() != sha256 for content, sha256 in documents)
    return [json.loads(content)["id"] for content, _ in documents], damaged + sum(sha256 not in files for sha256 in objects)
