"""From what somebody types to a session: passphrase, second factor, and how often either may be tried."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from cloud_sync.local import totp
from cloud_sync.local.accounts import LONGEST_PASSPHRASE, Accounts, Person
from cloud_sync.local.faults import CodeWrong, Paused, SignedOut, SignInFailed
from cloud_sync.local.second_factor import ISSUER, SecondFactor
from cloud_sync.local.sessions import Sessions
from cloud_sync.local.throttle import Throttle


@dataclass(frozen=True)
class SignedIn:
    person: Person
    token: str


@dataclass(frozen=True)
class CodeWanted:
    """The passphrase was right; a code of the authenticator app is wanted, together with this ticket."""

    ticket: str


class SigningIn:
    """Belongs to one thread at a time."""

    def __init__(self, accounts: Accounts, ledger: sqlite3.Connection, monotonic: Callable[[], float]) -> None:
        self._accounts = accounts
        self._sessions = Sessions(ledger, monotonic)
        self._passphrases, self._codes, self._first_codes = Throttle(monotonic), Throttle(monotonic), Throttle(monotonic)
        self.second_factor = SecondFactor(ledger, monotonic)

    def with_passphrase(self, name: str, passphrase: str) -> SignedIn | CodeWanted:
        """Try the first factor. Raises `SignInFailed` and `Paused`."""
        _require_patience(self._passphrases, name)
        person = None if len(passphrase) > LONGEST_PASSPHRASE else self._accounts.verify(name, passphrase)
        if person is None:
            self._passphrases.failed(name)
            raise SignInFailed
        self._passphrases.succeeded(name)
        if self.second_factor.is_on(person.uid):
            return CodeWanted(self.second_factor.ticket(person.uid))
        return SignedIn(person, self._sessions.begin(person.uid))

    def with_code(self, ticket: str, code: str) -> SignedIn:
        """Try the second factor. Raises `CodeWrong`, `Paused`, and `SignedOut` where the ticket ended."""
        account = self.second_factor.account_of(ticket)
        _require_patience(self._codes, account)
        try:
            self.second_factor.redeem(ticket, code)
        except CodeWrong:
            self._codes.failed(account)
            raise
        self._codes.succeeded(account)
        person = self._accounts.find(account)
        if person is None:
            raise SignedOut
        return SignedIn(person, self._sessions.begin(account))

    def person_of(self, token: str, *, used: bool) -> Person | None:
        """Return who is signed in with ``token``; ``used``: because of something that a person did, not of a timer."""
        account = self._sessions.account_of(token, used=used)
        return None if account is None else self._accounts.find(account)

    def sign_out(self, token: str) -> None:
        self._sessions.end(token)

    def begin_totp(self, person: Person) -> dict[str, str]:
        """Return a new secret for an app, to be confirmed by a code of it. Raises `NotAllowed`."""
        secret = self.second_factor.begin(person.uid)
        return {"uri": totp.address(secret, person.name, ISSUER), "secret": totp.typed(secret)}

    def confirm_totp(self, person: Person, code: str) -> None:
        """Switch the second factor on. Raises `CodeWrong` and `Paused`."""
        _require_patience(self._first_codes, person.uid)
        try:
            self.second_factor.confirm(person.uid, code)
        except CodeWrong:
            self._first_codes.failed(person.uid)
            raise
        self._first_codes.succeeded(person.uid)


def _require_patience(throttle: Throttle, tried: str) -> None:
    wait_s = throttle.wait_s(tried)
    if wait_s > 0:
        raise Paused(wait_s)
