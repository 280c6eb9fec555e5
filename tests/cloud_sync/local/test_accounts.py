"""Signing in: accounts, sessions, and how often a passphrase may be tried."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud_sync.local import people
from cloud_sync.local.accounts import (
    PASSPHRASE_FILE,
    Accounts,
    AccountTaken,
    NoSuchAccount,
    Person,
    Role,
    first_sign_in,
    passphrase_file,
)
from cloud_sync.local.ledger import NAME, open_ledger
from cloud_sync.local.sessions import IDLE_S, LONGEST_S, Sessions
from cloud_sync.local.throttle import FREE_TRIES, LONGEST_PAUSE_S, Throttle
from cloud_sync.paths import BadPath


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    ledger = open_ledger(tmp_path)
    yield ledger
    ledger.close()


@pytest.fixture
def accounts(ledger: sqlite3.Connection, tmp_path: Path) -> Accounts:
    accounts = Accounts(ledger, tmp_path)
    accounts.ensure_first("home")
    return accounts


def test_the_first_start_makes_two_accounts_whose_passphrases_can_be_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "cloud"
    assert first_sign_in(folder) is None
    ledger = open_ledger(folder)
    accounts = Accounts(ledger, folder)
    accounts.ensure_first("home")
    for name in ("doctor", "administrator"):
        first = first_sign_in(folder, name)
        assert first is not None
        assert re.fullmatch(r"([a-z2-9]{5}-){3}[a-z2-9]{5}", first.passphrase)
        assert first.passphrase not in repr(first)
        assert accounts.verify(name, first.passphrase) == Person(name, name, Role(name), "home")
        assert (folder / passphrase_file(name)).stat().st_mode & 0o777 == 0o600
        assert not any(first.passphrase.encode() in path.read_bytes() for path in folder.glob(f"{NAME}*"))
        accounts.ensure_first("elsewhere")  # there are accounts: nothing is made, nobody moves
        assert first_sign_in(folder, name) == first
        assert accounts.verify(name, first.passphrase) == Person(name, name, Role(name), "home")
    assert passphrase_file("doctor") == PASSPHRASE_FILE
    assert (folder / NAME).stat().st_mode & 0o777 == 0o600
    ledger.close()


def test_wrong_names_and_passphrases(accounts: Accounts, tmp_path: Path) -> None:
    first = first_sign_in(tmp_path)
    assert first is not None
    for name, passphrase in [
        ("doctor", first.passphrase + "x"),
        ("doctor", ""),
        ("Doctor", first.passphrase),
        ("administrator", first.passphrase),
        ("doctor' OR 1=1 --", first.passphrase),
    ]:
        assert accounts.verify(name, passphrase) is None


def test_new_passphrases_end_the_old_ones_and_their_sessions(
    accounts: Accounts, ledger: sqlite3.Connection, tmp_path: Path
) -> None:
    sessions = Sessions(ledger, Clock())
    token = sessions.begin("doctor")
    old = first_sign_in(tmp_path)
    accounts.reset_first()
    new = first_sign_in(tmp_path)
    assert old is not None
    assert new is not None
    assert accounts.verify("doctor", old.passphrase) is None
    assert accounts.verify("doctor", new.passphrase) is not None
    assert sessions.account_of(token, used=True) is None


def test_accounts_come_and_go(accounts: Accounts, ledger: sqlite3.Connection) -> None:
    sign_in = accounts.add("dr. weiß", Role.DOCTOR, "north")
    assert accounts.verify("dr. weiß", sign_in.passphrase) == Person("dr. weiß", "dr. weiß", Role.DOCTOR, "north")
    with pytest.raises(AccountTaken):
        accounts.add("dr. weiß", Role.ADMINISTRATOR, "home")
    with pytest.raises(BadPath):
        accounts.add("a/b", Role.DOCTOR, "home")
    sessions = Sessions(ledger, Clock())
    token = sessions.begin("dr. weiß")
    accounts.disable("dr. weiß")
    assert accounts.verify("dr. weiß", sign_in.passphrase) is None
    assert sessions.account_of(token, used=True) is None
    with pytest.raises(NoSuchAccount):
        accounts.disable("nobody")
    with pytest.raises(AccountTaken):  # a name that was somebody's stays theirs
        accounts.add("dr. weiß", Role.DOCTOR, "north")


def test_a_patient_is_assigned_to_a_doctor(accounts: Accounts) -> None:
    doctor = accounts.find("doctor")
    assert doctor is not None
    accounts.assign("P-1", "doctor")
    accounts.assign("P-1", "doctor")
    assert accounts.patients_of(doctor) == {"P-1"}
    with pytest.raises(NoSuchAccount):
        accounts.assign("P-1", "nobody")


def test_people_are_looked_after_from_the_command_line(
    accounts: Accounts, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ["--folder", str(tmp_path)]
    assert people.main([*folder, "add", "second", "--role", "administrator", "--site", "north"]) == 0
    passphrase = capsys.readouterr().out.split()[4].rstrip(";")
    assert accounts.verify("second", passphrase) == Person("second", "second", Role.ADMINISTRATOR, "north")
    assert people.main([*folder, "add", "second"]) == 1
    assert "already" in capsys.readouterr().err
    assert people.main([*folder, "assign", "P-1", "doctor"]) == 0
    assert people.main([*folder, "reset-code", "doctor"]) == 0
    assert people.main([*folder, "reset-code", "nobody"]) == 1
    assert people.main([*folder, "disable", "second"]) == 0
    capsys.readouterr()
    assert people.main([*folder, "list"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "administrator\tadministrator\thome\tpassphrase alone",
        "doctor\tdoctor\thome\tpassphrase alone",
    ]
    (tmp_path / "file").write_text("in the way")
    assert people.main(["--folder", str(tmp_path / "file"), "list"]) == 5


def test_sessions_end_after_idling_after_a_day_and_on_signing_out(ledger: sqlite3.Connection) -> None:
    clock = Clock()
    sessions = Sessions(ledger, clock)
    idle, busy, out = sessions.begin("a"), sessions.begin("b"), sessions.begin("c")
    sessions.end(out)
    assert sessions.account_of(out, used=True) is None
    assert sessions.account_of("no such token", used=True) is None
    for _ in range(3):
        clock.now += IDLE_S * 0.9
        assert sessions.account_of(busy, used=True) == "b"
        sessions.account_of(idle, used=False)  # a timer of the page must not keep a session alive
    assert sessions.account_of(idle, used=True) is None
    while clock.now < LONGEST_S:
        assert sessions.account_of(busy, used=True) == "b"
        clock.now += IDLE_S / 2
    clock.now += 1.0
    assert sessions.account_of(busy, used=True) is None


def test_a_session_outlives_the_server_but_not_the_boot(ledger: sqlite3.Connection) -> None:
    clock = Clock()
    token = Sessions(ledger, clock).begin("a")
    assert Sessions(ledger, clock).account_of(token, used=True) == "a"
    ledger.execute("UPDATE sessions SET boot_id = 'another'")
    assert Sessions(ledger, clock).account_of(token, used=True) is None
    assert token not in "".join(map(str, ledger.execute("SELECT * FROM sessions").fetchall()))


def test_an_account_has_so_many_sessions_at_most(ledger: sqlite3.Connection) -> None:
    sessions = Sessions(ledger, Clock())
    tokens = [sessions.begin("a") for _ in range(25)]
    assert [token for token in tokens if sessions.account_of(token, used=True)] == tokens[5:]


def test_pauses_grow_up_to_a_limit_and_end_with_success() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for _ in range(FREE_TRIES - 1):
        throttle.failed("doctor")
    assert throttle.wait_s("doctor") == 0.0
    pauses = []
    for _ in range(12):
        throttle.failed("doctor")
        pauses.append(throttle.wait_s("doctor"))
        clock.now += pauses[-1]
        assert throttle.wait_s("doctor") == 0.0
    assert pauses[:4] == [5.0, 10.0, 20.0, 40.0]
    assert pauses[-1] == LONGEST_PAUSE_S
    assert throttle.wait_s("somebody else") == 0.0
    throttle.succeeded("doctor")
    throttle.failed("doctor")
    assert throttle.wait_s("doctor") == 0.0


def test_made_up_names_do_not_fill_the_memory() -> None:
    throttle = Throttle(Clock())
    for number in range(5000):
        throttle.failed(f"name {number}")
    assert len(throttle._failures) == 1000


@pytest.mark.parametrize("name", ["doctor", "nobody"])
def test_an_unknown_name_costs_a_hash_too(accounts: Accounts, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the time of the answer tells which names exist."""
    checked: list[str] = []

    class Spy:
        @staticmethod
        def verify_phc_encoded(passphrase: bytes, phc: str) -> None:
            checked.append(phc)

    monkeypatch.setattr("cloud_sync.local.accounts.Argon2id", Spy)
    assert (accounts.verify(name, "anything") is not None) is (name == "doctor")
    assert [phc.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for phc in checked] == [True]
