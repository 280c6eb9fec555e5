"""Visits and sync, killed (kill -9) at random moments, then counted: nothing lost, nothing twice, nothing unreadable.

The kiosk and the sync process are real ones; somebody makes visits at the kiosk over HTTP. A visit counts as promised once
its result page was shown. In the end everything is carried to the embedded cloud, and store and cloud are compared.
"""

from __future__ import annotations

import hashlib
import http.client
import itertools
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from device.process.time import SystemTimekeeper
from device.store.catalogue import list_records, open_record
from device.store.database import Store
from device.store.errors import StoreError
from device.store.keys import load_opener, load_site_key
from device.visit.patients import card_reference
from drivers.protocols import Card, CardTechnology
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
        promised = _live_dangerously(folder)
        tally = count(folder / "data", promised)
    detail = f"{ROUNDS} kills, {len(promised)} results shown, {tally.visits} visits saved and synced"
    yield Figure("saved visits lost", tally.lost, "", "0", tally.lost == 0 and bool(promised), detail=detail)
    yield Figure("records twice, in store or cloud", tally.double, "", "0", tally.double == 0)
    yield Figure("records unreadable, in store or cloud", tally.unreadable, "", "0", tally.unreadable == 0)


def _live_dangerously(folder: Path) -> list[str]:
    """Kill kiosk and sync in turn while somebody makes visits; return the cards whose results were shown."""
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
    return patient.promised


class _TirelessPatient:
    """Makes one visit after another, each with a card of its own; a kiosk that dies in the middle promised nothing."""

    def __init__(self, port: int) -> None:
        self.promised: list[str] = []
        self._port = port
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._visit_again_and_again)
        self._thread.start()

    def _visit_again_and_again(self) -> None:
        for number in itertools.count():
            if self._stopped.is_set():
                return
            card = f"04{number:012X}"
            with suppress(OSError, http.client.HTTPException, VisitEnded, ValueError):
                Patient(self._port).visit(card)
                self.promised.append(card)
            self._stopped.wait(0.05)

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()


@dataclass(frozen=True)
class Tally:
    """What became of the visits."""

    lost: int
    """Promised visits whose patient has no record, and records that the cloud does not have."""
    double: int
    """Second records of one visit, and what is in the cloud more than once or not in the store."""
    unreadable: int
    visits: int
    """Thermal records in the store."""


def count(data_dir: Path, promised: Sequence[str]) -> Tally:
    """Compare store and cloud with the visits whose result was shown. ``promised``: their cards, each used for one visit."""
    opener, stored, unreadable = load_opener(data_dir), set(), 0
    visits: Counter[str] = Counter()
    for listed in list_records(data_dir):
        stored.add(listed.id)
        try:
            document = open_record(data_dir, listed.id, opener).document
        except StoreError:
            unreadable += 1
            continue
        visits[document["patient"]] += document["modality"] == "thermal"
    held, damaged = _in_cloud(data_dir / "cloud")
    patients = _patients(data_dir, promised)
    return Tally(
        lost=sum(patient is None or not visits[patient] for patient in patients) + len(stored - set(held)),
        double=sum(number - 1 for number in visits.values() if number) + len(held) - len(set(held) & stored),
        unreadable=unreadable + damaged,
        visits=visits.total(),
    )


def _patients(data_dir: Path, cards: Sequence[str]) -> list[str | None]:
    """Return the patient behind each card, ``None`` where the store does not know it."""
    site_key = load_site_key(data_dir)
    with Store.open(data_dir, SystemTimekeeper(), reserve_bytes=0) as store:
        found = [
            store.patient_of(card_reference(site_key, Card(CardTechnology.MIFARE_ULTRALIGHT, bytes.fromhex(card))))
            for card in cards
        ]
    return [patient.ref if patient else None for patient in found]


def _in_cloud(folder: Path) -> tuple[list[str], int]:
    """Return the ids of the documents that the cloud holds, and how many things in it are not what their hash says."""
    with closing(sqlite3.connect(folder / "cloud.db")) as database:
        documents = database.execute("SELECT content, sha256 FROM documents").fetchall()
        objects = [sha256 for (sha256,) in database.execute("SELECT sha256 FROM objects")]
    files = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "objects").rglob("*") if path.is_file()}
    damaged = sum(hashlib.sha256(content).hexdigest() != sha256 for content, sha256 in documents)
    return [json.loads(content)["id"] for content, _ in documents], damaged + sum(sha256 not in files for sha256 in objects)
