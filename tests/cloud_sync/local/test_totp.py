"""The second factor: the codes of RFC 6238, each good for once."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from cloud_sync.local import totp
from cloud_sync.local.accounts import Accounts, Role
from cloud_sync.local.faults import CodeWrong, NotAllowed, Paused, SignedOut
from cloud_sync.local.ledger import open_ledger
from cloud_sync.local.second_factor import TICKET_S, SecondFactor
from cloud_sync.local.signing_in import CodeWanted, SignedIn, SigningIn

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """RFC 6238, appendix B, SHA-1, of whose eight digits an app shows the last six."""
    assert totp.code_of(SECRET, seconds // totp.STEP_S) == code
    assert totp.step_of(SECRET, code, seconds) == seconds // 30
    assert totp.step_of(SECRET, f"{code[:3]} {code[3:]}", seconds) == seconds // 30


def test_a_phone_may_be_a_step_early_or_late_and_no_more() -> None:
    code = totp.code_of(SECRET, 100)
    assert [totp.step_of(SECRET, code, 30 * step) for step in (98, 99, 100, 101, 102)] == [None, 100, 100, 100, None]
    assert totp.step_of(SECRET, code, 3000, after=100) is None
    assert totp.step_of(SECRET, code, 3000, after=99) == 100


@pytest.mark.parametrize("code", ["", "0", "1234567", "abcdef", "１２３４５６", "\x00" * 6])
def test_what_is_no_code_is_wrong(code: str) -> None:
    assert totp.step_of(SECRET, code, 59) is None


def test_an_app_can_read_the_address() -> None:
    parts = urlsplit(totp.address(SECRET, "dr. weiß", "Firstlight"))
    values = parse_qs(parts.query)
    assert (parts.scheme, parts.netloc, parts.path) == ("otpauth", "totp", "/Firstlight%3Adr.%20wei%C3%9F")
    assert base64.b32decode(values["secret"][0]) == SECRET
    assert (values["period"], values["digits"], values["algorithm"]) == (["30"], ["6"], ["SHA1"])
    assert len(totp.new_secret()) == 20


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    ledger = open_ledger(tmp_path)
    yield ledger
    ledger.close()


def test_the_first_factor_alone_opens_nothing_once_there_is_a_second(ledger: sqlite3.Connection, tmp_path: Path) -> None:
    accounts, clock = Accounts(ledger, tmp_path), Clock()
    passphrase = accounts.add("a", Role.DOCTOR, "home").passphrase
    signing_in = SigningIn(accounts, ledger, clock)
    signing_in.second_factor = factor = SecondFactor(ledger, clock, clock)
    first = signing_in.with_passphrase("a", passphrase)
    assert isinstance(first, SignedIn)
    begun = signing_in.begin_totp(first.person)
    secret = base64.b32decode(begun["secret"] + "=" * (-len(begun["secret"]) % 8))
    assert isinstance(signing_in.with_passphrase("a", passphrase), SignedIn)  # not before it was confirmed
    with pytest.raises(CodeWrong):
        signing_in.confirm_totp(first.person, "000000" if totp.code_of(secret, 33) != "000000" else "000001")
    signing_in.confirm_totp(first.person, totp.code_of(secret, 33))
    with pytest.raises(NotAllowed):  # a session that was left open is not enough to replace it
        signing_in.begin_totp(first.person)
    wanted = signing_in.with_passphrase("a", passphrase)
    assert isinstance(wanted, CodeWanted)
    with pytest.raises(CodeWrong):  # it was used to confirm
        signing_in.with_code(wanted.ticket, totp.code_of(secret, 33))
    clock.now += 30
    second = signing_in.with_code(wanted.ticket, totp.code_of(secret, 34))
    assert signing_in.person_of(second.token, used=True) == first.person
    with pytest.raises(SignedOut):  # a ticket is good for once
        signing_in.with_code(wanted.ticket, totp.code_of(secret, 35))
    again = signing_in.with_passphrase("a", passphrase)
    assert isinstance(again, CodeWanted)
    with pytest.raises(CodeWrong):  # seen over the shoulder
        signing_in.with_code(again.ticket, totp.code_of(secret, 34))
    clock.now += TICKET_S
    with pytest.raises(SignedOut):
        signing_in.with_code(again.ticket, totp.code_of(secret, int(clock.now // 30)))
    factor.take_off("a")
    assert isinstance(signing_in.with_passphrase("a", passphrase), SignedIn)


def test_codes_cannot_be_tried_out(ledger: sqlite3.Connection, tmp_path: Path) -> None:
    accounts, clock = Accounts(ledger, tmp_path), Clock()
    passphrase = accounts.add("a", Role.DOCTOR, "home").passphrase
    signing_in = SigningIn(accounts, ledger, clock)
    ledger.execute("UPDATE accounts SET totp_secret = ?", (SECRET,))
    wanted = signing_in.with_passphrase("a", passphrase)
    assert isinstance(wanted, CodeWanted)
    for _ in range(5):
        with pytest.raises(CodeWrong):
            signing_in.with_code(wanted.ticket, "abcdef")
    with pytest.raises(Paused) as paused:
        signing_in.with_code(wanted.ticket, "abcdef")
    assert paused.value.retry_after_s == 5.0
    other = signing_in.with_passphrase("a", passphrase)
    assert isinstance(other, CodeWanted)
    with pytest.raises(Paused):  # a new ticket brings no new tries
        signing_in.with_code(other.ticket, "abcdef")
