"""Signing in: accounts, sessions, and how often a passphrase may be tried."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cloud_sync.local.accounts import NAME, PASSPHRASE_FILE, Accounts, first_sign_in
from cloud_sync.local.sessions import IDLE_S, LONGEST_S, Sessions
from cloud_sync.local.throttle import FREE_TRIES, LONGEST_PAUSE_S, Throttle


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_first_start_makes_one_account_whose_passphrase_can_be_read_again(tmp_path: Path) -> None:
    assert first_sign_in(tmp_path / "cloud") is None
    accounts = Accounts(tmp_path / "cloud")
    accounts.ensure_first()
    first = first_sign_in(tmp_path / "cloud")
    assert first is not None
    assert re.fullmatch(r"([a-z2-9]{5}-){3}[a-z2-9]{5}", first.passphrase)
    assert first.passphrase not in repr(first)
    accounts.ensure_first()
    assert first_sign_in(tmp_path / "cloud") == first
    assert accounts.verify("doctor", first.passphrase)
    assert (tmp_path / "cloud" / PASSPHRASE_FILE).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "cloud" / NAME).stat().st_mode & 0o777 == 0o600
    assert first.passphrase.encode() not in (tmp_path / "cloud" / NAME).read_bytes()
    accounts.close()


def test_wrong_names_and_passphrases(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path)
    accounts.ensure_first()
    first = first_sign_in(tmp_path)
    assert first is not None
    assert not accounts.verify("doctor", first.passphrase + "x")
    assert not accounts.verify("doctor", "")
    assert not accounts.verify("Doctor", first.passphrase)
    assert not accounts.verify("doctor' OR 1=1 --", first.passphrase)
    accounts.close()


def test_a_new_passphrase_ends_the_old_one(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path)
    accounts.ensure_first()
    old = first_sign_in(tmp_path)
    accounts.reset()
    new = first_sign_in(tmp_path)
    assert old is not None
    assert new is not None
    assert not accounts.verify("doctor", old.passphrase)
    assert accounts.verify("doctor", new.passphrase)
    accounts.close()


def test_what_was_opened_is_remembered_for_each_account(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path)
    accounts.mark_opened("doctor", "sites/home/records/1")
    at = accounts.opened("doctor")
    accounts.mark_opened("doctor", "sites/home/records/1")
    accounts.close()
    accounts = Accounts(tmp_path)
    assert accounts.opened("doctor") == at
    assert at.keys() == {"sites/home/records/1"}
    assert accounts.opened("somebody") == {}
    accounts.close()


def test_sessions_end_after_idling_after_a_day_and_on_signing_out() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    idle, busy, out = sessions.begin("a"), sessions.begin("b"), sessions.begin("c")
    sessions.end(out)
    assert sessions.account_of(out, used=True) is None
    assert sessions.account_of("no such token", used=True) is None
    for _ in range(3):
        clock.now += IDLE_S * 0.9
        assert sessions.account_of(busy, used=True) == "b"
        sessions.account_of(idle, used=False)  # a timer of the page keeps nothing alive
    assert sessions.account_of(idle, used=True) is None
    while clock.now < LONGEST_S:
        assert sessions.account_of(busy, used=True) == "b"
        clock.now += IDLE_S / 2
    clock.now += 1.0
    assert sessions.account_of(busy, used=True) is None


def test_an_account_has_so_many_sessions_at_most() -> None:
    sessions = Sessions(Clock())
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
def test_an_unknown_name_costs_a_hash_too(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the time of the answer tells which names exist."""
    accounts = Accounts(tmp_path)
    accounts.ensure_first()
    checked: list[str] = []

    class Spy:
        @staticmethod
        def verify_phc_encoded(passphrase: bytes, phc: str) -> None:
            checked.append(phc)

    monkeypatch.setattr("cloud_sync.local.accounts.Argon2id", Spy)
    assert accounts.verify(name, "anything") is (name == "doctor")
    assert [phc.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for phc in checked] == [True]
    accounts.close()
