"""The second factor of an account: a secret that an authenticator app shares, and what stands between the two factors."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Callable

from cloud_sync.local import totp
from cloud_sync.local.faults import CodeWrong, NotAllowed, SignedOut

ISSUER = "Firstlight"
TICKET_S = 5 * 60.0
"""How long somebody may look for their phone."""
_MOST_TICKETS = 100


class SecondFactor:
    """Belongs to one thread at a time."""

    def __init__(
        self, ledger: sqlite3.Connection, monotonic: Callable[[], float], wall: Callable[[], float] = time.time
    ) -> None:
        self._ledger = ledger
        self._monotonic = monotonic
        self._wall = wall
        self._tickets: dict[str, tuple[str, float]] = {}

    def is_on(self, account: str) -> bool:
        return self._secret(account) is not None

    def ticket(self, account: str) -> str:
        """Return what proves, together with a code, that the first factor was right a moment ago."""
        now = self._monotonic()
        living = [(key, held) for key, held in self._tickets.items() if held[1] > now]
        self._tickets = dict(living[-_MOST_TICKETS + 1 :])
        ticket = secrets.token_urlsafe(32)
        self._tickets[ticket] = (account, now + TICKET_S)
        return ticket

    def account_of(self, ticket: str) -> str:
        """Return whose ticket it is. Raises `SignedOut` where it is none or ended."""
        account, until = self._tickets.get(ticket, ("", 0.0))
        if not account or until <= self._monotonic():
            raise SignedOut
        return account

    def redeem(self, ticket: str, code: str) -> str:
        """Return whose ticket it is, and end it. Raises `SignedOut` and `CodeWrong`."""
        account = self.account_of(ticket)
        self._take(account, self._secret(account), code)
        del self._tickets[ticket]
        return account

    def begin(self, account: str) -> bytes:
        """Return a new secret, which counts once `confirm` had a code of it. Raises `NotAllowed` where there is one already."""
        if self.is_on(account):
            raise NotAllowed("This account has a second factor. Who lost theirs asks the technician to take it off.")
        secret = totp.new_secret()
        self._ledger.execute("UPDATE accounts SET totp_pending = ? WHERE name = ?", (secret, account))
        return secret

    def confirm(self, account: str, code: str) -> None:
        """Switch the second factor on. Raises `CodeWrong`."""
        (pending,) = self._ledger.execute("SELECT totp_pending FROM accounts WHERE name = ?", (account,)).fetchone()
        self._take(account, pending, code)
        self._ledger.execute("UPDATE accounts SET totp_secret = totp_pending, totp_pending = NULL WHERE name = ?", (account,))

    def take_off(self, account: str) -> None:
        self._ledger.execute(
            "UPDATE accounts SET totp_secret = NULL, totp_pending = NULL, totp_used_step = NULL WHERE name = ?", (account,)
        )

    def _secret(self, account: str) -> bytes | None:
        row = self._ledger.execute("SELECT totp_secret FROM accounts WHERE name = ?", (account,)).fetchone()
        return row[0] if row else None

    def _take(self, account: str, secret: bytes | None, code: str) -> None:
        """Accept ``code`` once. Raises `CodeWrong`."""
        (used,) = self._ledger.execute("SELECT totp_used_step FROM accounts WHERE name = ?", (account,)).fetchone()
        step = None if secret is None else totp.step_of(secret, code, self._wall(), after=used)
        if step is None:
            raise CodeWrong
        self._ledger.execute("UPDATE accounts SET totp_used_step = ? WHERE name = ?", (step, account))
