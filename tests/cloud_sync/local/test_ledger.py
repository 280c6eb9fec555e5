"""The portal's database: brought up from what it was before, and nothing in it that was signed is ever changed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from cloud_sync.local import ledger as ledgers
from cloud_sync.local.accounts import Accounts, Person, Role
from cloud_sync.local.database import CloudTooNew
from cloud_sync.local.ledger import NAME, open_ledger, transaction
from cloud_sync.local.readings import UNREAD, Readings, State
from tests.cloud_sync.samples import record_id

BEFORE = """
CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, phc TEXT NOT NULL, created_at TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS opened (
    account TEXT NOT NULL, path TEXT NOT NULL, opened_at TEXT NOT NULL, PRIMARY KEY (account, path)
) STRICT, WITHOUT ROWID;
"""
"""What the database was before its layout had a number."""


def make_old(folder: Path) -> None:
    with sqlite3.connect(folder / NAME) as database:
        database.executescript(BEFORE)
        database.execute("INSERT INTO accounts VALUES ('doctor', 'phc', '2026-11-01T08:00:00+00:00')")
        rows = [("doctor", f"sites/home/records/{record_id(n)}", f"2026-11-0{n}T08:00:00+00:00") for n in (1, 2)]
        database.executemany("INSERT INTO opened VALUES (?, ?, ?)", [*rows, ("other", rows[0][1], "2026-11-03T08:00:00+00:00")])
    database.close()


def test_what_was_opened_before_stays_opened_and_the_account_becomes_a_doctor_of_the_site(tmp_path: Path) -> None:
    make_old(tmp_path)
    for _ in range(2):  # the second time nothing is left to do
        ledger = open_ledger(tmp_path)
        Accounts(ledger, tmp_path).ensure_first("north")
        assert Accounts(ledger, tmp_path).find("doctor") == Person("doctor", "doctor", Role.DOCTOR, "north")
        assert Accounts(ledger, tmp_path).find("administrator") is not None
        assert ledger.execute("SELECT phc FROM accounts WHERE name = 'doctor'").fetchone() == ("phc",)
        assert ledger.execute("SELECT count(*) FROM opened").fetchone() == (3,)
        readings = Readings(ledger)
        readings.refresh()
        assert [readings.of("home", record_id(n)) for n in (1, 2, 3)] == [State("opened", None)] * 2 + [UNREAD]
        ledger.close()


def test_a_newer_layout_is_not_touched(tmp_path: Path) -> None:
    open_ledger(tmp_path).close()
    with sqlite3.connect(tmp_path / NAME) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(CloudTooNew, match="layout 99, this Firstlight knows 3: update Firstlight"):
        open_ledger(tmp_path)


def test_a_step_that_fails_leaves_the_old_layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_old(tmp_path)
    monkeypatch.setattr(ledgers, "_STEPS", (*ledgers._STEPS, ("CREATE TABLE broken (",)))
    monkeypatch.setattr(ledgers, "VERSION", ledgers.VERSION + 1)
    with pytest.raises(sqlite3.Error):
        open_ledger(tmp_path)
    monkeypatch.undo()
    ledger = open_ledger(tmp_path)
    assert ledger.execute("SELECT name, role FROM accounts").fetchall() == [("doctor", "doctor")]
    ledger.close()


def test_signed_and_written_down_is_never_changed(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path)
    ledger.execute("INSERT INTO audit (id, site, uid, name, action, at) VALUES ('1', 'home', 'u', 'n', 'open_record', 'now')")
    ledger.execute(
        "INSERT INTO reviews (id, site, record, record_sha256, author, author_name, verdict, note, at) "
        "VALUES ('1', 'home', 'r', 's', 'u', 'n', 'agree', '', 'now')"
    )
    for table in ("audit", "reviews"):
        row = next(ledger.execute(f"SELECT * FROM {table}"))
        replaced = ", ".join("NULL" if value is None else f"'{value}'".replace("now", "never") for value in row[1:])
        for statement in (
            f"UPDATE {table} SET at = 'never'",
            f"DELETE FROM {table}",
            f"INSERT OR REPLACE INTO {table} VALUES (1, {replaced})",
            f"INSERT OR REPLACE INTO {table} VALUES (NULL, {replaced})",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                ledger.execute(statement)
        assert ledger.execute(f"SELECT count(*) FROM {table} WHERE at = 'now'").fetchone() == (1,)
    ledger.close()


def test_readings_follow_what_another_process_writes_and_forget_what_was_rolled_back(tmp_path: Path) -> None:
    ledger, other = open_ledger(tmp_path), open_ledger(tmp_path)
    readings, theirs = Readings(ledger), Readings(other)
    readings.refresh()
    theirs.refresh()
    before = readings.version("home")
    with transaction(other):
        theirs.opened("home", "r")
    theirs.reviewed("home", "r", "recall")
    theirs.opened("home", "r")
    assert theirs.of("home", "r") == State("reviewed", "recall")
    readings.refresh()
    assert readings.of("home", "r") == State("reviewed", "recall")
    assert readings.version("home") != before

    class Stop(Exception):
        pass

    def fail() -> None:
        with transaction(ledger):
            readings.opened("home", "s")
            raise Stop

    with pytest.raises(Stop):
        fail()
    readings.forget()
    readings.refresh()
    assert readings.of("home", "s") == UNREAD
    ledger.close()
    other.close()
