"""What the benches do with their numbers. The numbers themselves belong to the machine, and are asserted nowhere."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from device.process.time import SystemTimekeeper, VirtualTimekeeper
from device.store.database import Store
from device.store.keys import load_site_key
from device.store.patients import Patient as StoredPatient
from device.store.records import Lane, NewRecord, new_record_id
from device.visit.patients import card_reference
from drivers.protocols import Card, CardTechnology
from tests.tools.test_commands import firstlight
from tools.bench.figure import Figure, percentile
from tools.bench.kill import Tally, count
from tools.bench.patient import Patient

MOMENT = VirtualTimekeeper(100.0).now()
CARDS = [f"04{number:012X}" for number in range(3)]


def test_a_figure_stands_beside_its_peer_and_its_bar() -> None:
    figure = Figure("one frame", 50.0, "µs", "≥ 20 × faster", True, "a peer", 2000.0, "n 15")
    assert figure.line() == "met     one frame: 50 µs  (a peer: 2000 µs, 40×)  bar ≥ 20 × faster  n 15"
    assert figure.as_dict()["ratio"] == 40.0
    alone = Figure("size", 0, "bytes", "≤ 10", False)
    assert alone.line() == "MISSED  size: 0 bytes  bar ≤ 10"
    assert alone.ratio is None


def test_a_percentile_of_few_values_leans_on_the_largest() -> None:
    assert percentile([1.0, 2.0, 3.0], 50) == 2.0
    assert percentile([*[1.0] * 9, 100.0], 99) > 90
    assert percentile([float(number) for number in range(101)], 99) == 99.0


# -- counting what kill -9 left


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Three patients with a visit each, all of it in the cloud."""
    with Store.open(tmp_path, SystemTimekeeper(), reserve_bytes=0) as store:
        for number, uid in enumerate(CARDS):
            card_ref = card_reference(load_site_key(tmp_path), Card(CardTechnology.MIFARE_ULTRALIGHT, bytes.fromhex(uid)))
            store.register(StoredPatient(reference(number), card_ref, None, False, MOMENT, "1"), record(number, "consent"))
            store.save(record(number, "thermal"))
    return synced(tmp_path)


def reference(number: int) -> str:
    return f"P-ABCD-2345-{number:02}"


def record(number: int, modality: str) -> NewRecord:
    name = new_record_id()
    document = {"id": name, "patient": reference(number), "modality": modality, "site": "home"}
    return NewRecord(name, reference(number), modality, MOMENT, Lane.ROUTINE, document, ())


def synced(data_dir: Path) -> Path:
    firstlight("sync", "--once", "--data-dir", data_dir)
    return data_dir


def test_nothing_lost_and_nothing_double(data_dir: Path) -> None:
    assert count(data_dir, CARDS) == Tally(lost=0, double=0, unreadable=0, visits=3)
    assert count(data_dir, CARDS[:1]) == Tally(lost=0, double=0, unreadable=0, visits=3), "saved before it was promised"


def test_a_promised_visit_that_is_not_there_is_lost_whatever_else_was_saved(data_dir: Path) -> None:
    assert count(data_dir, [*CARDS[:2], "04FFFFFFFFFFFF"]).lost == 1
    with sqlite3.connect(data_dir / "cloud/cloud.db") as database:
        database.execute("DELETE FROM documents WHERE seq = 6")
    assert count(data_dir, CARDS).lost == 1


def test_a_visit_that_was_saved_twice_is_double_and_so_is_a_stranger_in_the_cloud(data_dir: Path) -> None:
    with Store.open(data_dir, SystemTimekeeper(), reserve_bytes=0) as store:
        store.save(record(1, "thermal"))
    assert count(synced(data_dir), CARDS) == Tally(lost=0, double=1, unreadable=0, visits=4)
    with sqlite3.connect(data_dir / "cloud/cloud.db") as database:
        database.execute(
            "INSERT INTO documents (path, content, sha256, received_at) SELECT path || 'x', content, sha256, received_at "
            "FROM documents WHERE seq = 1"
        )
    assert count(data_dir, CARDS).double == 2


def test_what_does_not_open_is_unreadable(data_dir: Path) -> None:
    with sqlite3.connect(data_dir / "store/store.db") as database:
        database.execute("DROP TRIGGER parts_are_immutable")
        database.execute("UPDATE parts SET sealed = zeroblob(length(sealed)) WHERE record = 1")
    with sqlite3.connect(data_dir / "cloud/cloud.db") as database:
        database.execute("UPDATE documents SET sha256 = printf('%064d', 0) WHERE seq = 2")
    assert count(data_dir, CARDS).unreadable == 2


# -- somebody at a kiosk that does not come to an end


class _Alive(BaseHTTPRequestHandler):
    """Says that it is alive, for ever, and shows nothing new."""

    def do_POST(self) -> None:
        self.send_response(204)
        self.end_headers()

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"data: {}\n\n")
        except OSError:  # nobody listens any more
            return

    def log_message(self, format: str, *values: object) -> None:
        """Nothing: this is a test."""


@pytest.fixture
def stuck_kiosk() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Alive) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_a_kiosk_that_is_alive_but_stuck_is_given_up(stuck_kiosk: int) -> None:
    with pytest.raises(TimeoutError, match="its screen does not come to an end"):
        Patient(stuck_kiosk).visit(timeout_s=0.05)
