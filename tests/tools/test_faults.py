"""What a technician reads, and what a script gets, when something is wrong with keys, disk, store, files or output."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud_sync import __main__ as cloud_sync
from device.kiosk import process as kiosk
from device.process.config import ConfigError
from device.process.ports import PortRefused, PortTaken
from device.process.time import SystemTimekeeper
from device.store.database import Store
from device.store.errors import BadKey, KeyMissing, StoreFull
from device.store.keys import create_keys
from device.store.outbox import Outbox
from device.visit.errors import VisitNotFinished
from device.visit.reasons import Reason
from tests.cloud_sync.samples import new_record, record_id
from tests.device.store.samples import sync_all
from tests.tools.test_commands import CARD, firstlight
from tools.bench.processes import free_port, write_config
from tools.cli.exits import EXIT_CODES, OUTPUT_FAILED, explain

VISIT = ("visit", "--sim", "--fast", "--card", CARD, "--data-dir")


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Three records in a store."""
    folder = tmp_path / "data"
    with Store.open(folder, SystemTimekeeper(), reserve_bytes=0) as store:
        for number in range(3):
            store.save(new_record(number))
    return folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", folder], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("only root may mount a small file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_one_record_that_cannot_be_read_does_not_hide_the_others(data_dir: Path) -> None:
    with sqlite3.connect(data_dir / "store/store.db") as database:
        database.execute("DROP TRIGGER parts_are_immutable")
        database.execute("UPDATE parts SET sealed = zeroblob(length(sealed)) WHERE record = 2")
    listed = firstlight("records", "list", "--data-dir", data_dir, "--json", code=5)
    assert [(row["id"], row["patient"] is None) for row in json.loads(listed.stdout)] == [
        (record_id(0), False), (record_id(1), True), (record_id(2), False)
    ]  # fmt: skip
    assert f"1 of 3 records cannot be read: record.json of record {record_id(1)} does not open" in listed.stderr


def test_a_purged_record_is_listed_and_says_where_it_is(data_dir: Path) -> None:
    with Outbox.open(data_dir, SystemTimekeeper()) as outbox:
        sync_all(outbox)
        outbox.purge(0)
    rows = json.loads(firstlight("records", "list", "--data-dir", data_dir, "--json").stdout)
    assert {(row["state"], row["patient"], row["problem"]) for row in rows} == {("purged", None, None)}
    for words in (["show"], ["export", "--out", str(data_dir / "out.npz")]):
        refused = firstlight("records", *words, record_id(1), "--data-dir", data_dir, code=5)
        assert "is in the cloud and was removed here" in refused.stderr


@pytest.mark.parametrize("words", [("records", "list"), ("sync", "--once")])
def test_another_kiosks_key_and_a_key_that_is_none(data_dir: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    create_keys(tmp_path / "other")
    key = data_dir / "keys/recipient.key"
    key.write_bytes((tmp_path / "other/keys/recipient.key").read_bytes())
    refused = firstlight(*words, "--data-dir", data_dir, code=5 if words[0] == "records" else 7)
    assert "sealed to another key" in refused.stdout + refused.stderr
    key.write_text("garbage")
    assert "is no X25519 private key" in firstlight(*words, "--data-dir", data_dir, code=8).stderr


def test_a_site_key_that_is_none_ends_kiosk_visit_and_enrolment_alike(data_dir: Path) -> None:
    (data_dir / "keys/site.key").write_bytes(b"short")
    says = "holds 5 bytes, a site key has 32; restore it from the backup"
    assert says in firstlight(*VISIT, data_dir, code=8).stderr
    assert says in firstlight("enrol", "--sim", "--card", CARD, "--data-dir", data_dir, code=8).stderr
    config = write_config(data_dir, screen_port=free_port())
    arguments = [sys.executable, "-m", "device.kiosk", "--sim", "--data-dir", str(data_dir), "--config", str(config)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, says in done.stderr) == (8, True), done.stderr


def test_a_read_only_disk(small_disk: Path) -> None:
    data_dir = small_disk / "data"
    with Store.open(data_dir, SystemTimekeeper(), reserve_bytes=0) as store:
        store.save(new_record(1))
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    for words in (["sync", "--once", "--data-dir"], VISIT, ["enrol", "--sim", "--card", CARD, "--data-dir"]):
        assert "the disk is mounted read-only" in firstlight(*words, data_dir, code=5).stderr
    assert "Read-only file system" in firstlight(*VISIT, small_disk / "fresh", code=5).stderr


def test_a_full_disk(small_disk: Path) -> None:
    data_dir = small_disk / "data"
    with Store.open(data_dir, SystemTimekeeper(), reserve_bytes=0) as store:
        store.save(new_record(1))
    with pytest.raises(OSError, match="No space"):
        (small_disk / "fill").write_bytes(bytes(4 << 20))
    assert "disk_full" in firstlight(*VISIT, data_dir, code=5).stderr
    assert "the disk is full" in firstlight("enrol", "--sim", "--card", CARD, "--data-dir", data_dir, code=5).stderr


def test_a_store_of_a_newer_version(data_dir: Path) -> None:
    with sqlite3.connect(data_dir / "store/store.db") as database:
        database.execute("PRAGMA user_version = 99")
    for words in (["records", "list", "--data-dir"], ["sync", "--once", "--data-dir"], VISIT):
        assert "has version 99" in firstlight(*words, data_dir, code=5).stderr


def test_files_that_are_not_there(data_dir: Path, tmp_path: Path) -> None:
    out = ("records", "export", record_id(1), "--data-dir", data_dir, "--out", tmp_path / "nowhere/out.npz")
    assert "there is no folder" in firstlight(*out, code=2).stderr
    assert "does not exist" in firstlight(*VISIT, data_dir, "--scene", tmp_path / "none.npy", code=2).stderr
    assert "there is no such file" in firstlight(*VISIT, data_dir, "--config", tmp_path / "none.toml", code=2).stderr
    assert "there is no store at" in firstlight("records", "list", "--data-dir", _keys_alone(tmp_path), code=5).stderr


def _keys_alone(tmp_path: Path) -> Path:
    create_keys(tmp_path / "keys-alone")
    return tmp_path / "keys-alone"


def test_nothing_to_send_is_no_fault_and_no_store_is_made_for_it(tmp_path: Path) -> None:
    said = firstlight("sync", "--once", "--data-dir", tmp_path / "none", code=8).stderr
    assert "start the kiosk once to make it" in said
    assert not (tmp_path / "none").exists()
    said = firstlight("sync", "--once", "--data-dir", _keys_alone(tmp_path)).stdout
    assert said == "0 confirmed, 0 waiting, 0 laid aside\n"
    assert "give that, too" in firstlight("sync", "--json", "--data-dir", tmp_path, code=2).stderr


def test_output_that_a_full_disk_cannot_take_is_no_bug(data_dir: Path) -> None:
    arguments = [sys.executable, "-m", "tools.cli.main", "records", "list", "--data-dir", str(data_dir)]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(arguments, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == OUTPUT_FAILED
    assert done.stderr == "firstlight: the output cannot be written (No space left on device)\n"


def test_a_reader_that_has_read_enough_is_no_bug(data_dir: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    arguments = [sys.executable, "-m", "tools.cli.main", "records", "list", "--data-dir", str(data_dir)]
    with os.fdopen(write, "wb") as nobody:
        done = subprocess.run(arguments, stdout=nobody, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("no such key", file=Path("firstlight.toml")), 2),
        (StoreFull("full"), 5),
        (KeyMissing("no key"), 8),
        (BadKey("no key either"), 8),
        (PortTaken("taken"), 9),
        (PortRefused("refused"), 9),
        (VisitNotFinished(Reason.DISK_FULL, "failed"), 5),
        (VisitNotFinished(Reason.STORE_FAULTY, "failed"), 5),
        (VisitNotFinished(Reason.SENSOR_MISSING, "failed"), 3),
        (VisitNotFinished(Reason.INTERNAL, "failed"), 1),
        (VisitNotFinished(Reason.CARD_REMOVED, "cancelled"), 4),
    ],
)
def test_each_fault_has_its_code(error: Exception, code: int) -> None:
    explanation = explain(error)
    assert explanation is not None
    assert explanation == (code, str(error))
    assert code in EXIT_CODES


def test_a_bug_is_not_explained_away() -> None:
    assert explain(ZeroDivisionError("division by zero")) is None


def test_the_processes_use_the_codes_of_the_command() -> None:
    """A script that knows `firstlight --help` knows what systemd's journal says, too."""
    assert (cloud_sync.USAGE, kiosk.EXIT_CONFIG) == (2, 2)
    assert (cloud_sync.STORE, kiosk.EXIT_STORE) == (5, 5)
    assert (cloud_sync.KEY, kiosk.EXIT_KEY) == (8, 8)
    assert kiosk.EXIT_TAKEN == 9
    for code in (cloud_sync.WAITING, cloud_sync.LAID_ASIDE, cloud_sync.STUCK):
        assert f"\n    {code} " in (cloud_sync.__doc__ or "")
        assert code in EXIT_CODES
