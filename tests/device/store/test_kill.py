"""kill -9 at random moments, of the process that saves and of the one that sends: 0 lost, 0 double, 0 unreadable."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from device.process.time import SystemTimekeeper
from device.store.catalogue import list_records, open_record
from device.store.keys import create_keys, load_opener
from device.store.outbox import Outbox
from device.store.records import State
from tests.device.store.samples import raw, sync_all

ROOT = Path(__file__).parents[3]


def start(command: str, data_dir: Path, first: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.device.store.stress", command, str(data_dir), str(first)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def kill(process: subprocess.Popen[str], first_line: str) -> list[str]:
    """Kill a process and return every whole line that it said."""
    process.kill()
    assert process.stdout is not None
    said = first_line + process.stdout.read()
    process.wait(30)
    process.stdout.close()
    return [line.rstrip("\n") for line in said.splitlines(keepends=True) if line.endswith("\n")]


def one_round(data_dir: Path, number: int, chance: random.Random) -> tuple[list[int], list[str]]:
    """Let both work, kill both in random order at random moments; return what they said was done."""
    timekeeper = SystemTimekeeper()
    saver, sender = start("save", data_dir, number * 1_000_000), start("sync", data_dir)
    assert saver.stdout is not None
    assert sender.stdout is not None
    # the kill comes while they work: after their first line
    lines = {saver: saver.stdout.readline(), sender: sender.stdout.readline()}
    said = {}
    order = [saver, sender]
    chance.shuffle(order)
    for process in order:
        timekeeper.sleep(chance.uniform(0.0, 0.06))
        said[process] = kill(process, lines[process])
    return [int(line) for line in said[saver]], [line for line in said[sender] if line != "ready"]


def stress(data_dir: Path, rounds: int) -> tuple[list[int], list[str]]:
    chance = random.Random(20261120)
    create_keys(data_dir)
    (data_dir / "remote").mkdir()
    saved: list[int] = []
    acknowledged: list[str] = []
    for number in range(rounds):
        new_saved, new_acknowledged = one_round(data_dir, number, chance)
        saved += new_saved
        acknowledged += new_acknowledged
    return saved, acknowledged


def require_nothing_lost_double_or_unreadable(data_dir: Path, saved: list[int], acknowledged: list[str]) -> None:
    with raw(data_dir) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    opener = load_opener(data_dir)
    states = {entry.id: entry.state for entry in list_records(data_dir)}
    visits = {record_id: open_record(data_dir, record_id, opener).document["visit"] for record_id in states}
    assert max(Counter(visits.values()).values()) == 1, "a visit was saved twice"
    assert set(saved) <= set(visits.values()), "a visit that was said to be saved is lost"
    assert {states[record_id] for record_id in acknowledged} == {State.SYNCED}, "what was acknowledged is not synced"
    assert max(Counter(acknowledged).values(), default=1) == 1, "a record was acknowledged to two senders"
    sent = {path.name for path in (data_dir / "remote").iterdir() if not path.name.startswith(".")}
    assert {record_id for record_id, state in states.items() if state == State.SYNCED} <= sent, "synced, but not at the remote"
    assert sent <= set(states), "the remote holds what was never saved"
    for record_id in sent:
        assert json.loads((data_dir / "remote" / record_id).read_bytes())["visit"] == visits[record_id]
    with Outbox.open(data_dir, SystemTimekeeper()) as outbox:
        outbox.release_leases()
        rest = sync_all(outbox)
        assert len(rest) == len(set(rest))
        assert set(rest) == {record_id for record_id, state in states.items() if state == State.SAVED}
        assert outbox.alarms() == []


def test_three_kills_lose_nothing(data_dir: Path) -> None:
    require_nothing_lost_double_or_unreadable(data_dir, *stress(data_dir, 3))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_thirty_kills_lose_nothing(data_dir: Path) -> None:
    saved, acknowledged = stress(data_dir, 30)
    assert len(saved) >= 30
    assert acknowledged
    require_nothing_lost_double_or_unreadable(data_dir, saved, acknowledged)
