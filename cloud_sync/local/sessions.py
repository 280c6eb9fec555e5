"""Who is signed in. A restart of the server changes nothing; one of the machine signs everybody out."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Callable

from device.process.time import boot_id

IDLE_S = 30 * 60.0
LONGEST_S = 12 * 3600.0
_PER_ACCOUNT = 20
_PRECISION_S = 15.0
"""How old the written time of use may be: not every request writes to the disk."""


class Sessions:
    """Random tokens for browsers, of which only the hash is kept; times are those of the monotonic clock of this boot."""

    def __init__(self, ledger: sqlite3.Connection, monotonic: Callable[[], float]) -> None:
        self._ledger = ledger
        self._monotonic = monotonic
        self._ledger.execute("DELETE FROM sessions WHERE boot_id <> ?", (boot_id(),))

    def begin(self, account: str) -> str:
        """Return a new token of 256 random bits for ``account``; its oldest session ends when it has too many."""
        self._drop_expired()
        token, now = secrets.token_urlsafe(32), self._monotonic()
        row = (_key(token), account, boot_id(), now, now)
        self._ledger.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", row)
        newest = "SELECT token_sha256 FROM sessions WHERE account = ? ORDER BY began_s DESC, rowid DESC LIMIT ?"
        self._ledger.execute(
            f"DELETE FROM sessions WHERE account = ? AND token_sha256 NOT IN ({newest})", (account, account, _PER_ACCOUNT)
        )
        return token

    def account_of(self, token: str, *, used: bool) -> str | None:
        """Return whose session this is, ``None`` when it ended; ``used`` says that a person did something just now."""
        row = self._ledger.execute(
            "SELECT account, began_s, used_s FROM sessions WHERE token_sha256 = ?", (_key(token),)
        ).fetchone()
        if row is None:
            return None
        account, began_s, used_s = row
        now = self._monotonic()
        if now - used_s > IDLE_S or now - began_s > LONGEST_S:
            self.end(token)
            return None
        if used and now - used_s > _PRECISION_S:
            self._ledger.execute("UPDATE sessions SET used_s = ? WHERE token_sha256 = ?", (now, _key(token)))
        return str(account)

    def end(self, token: str) -> None:
        self._ledger.execute("DELETE FROM sessions WHERE token_sha256 = ?", (_key(token),))

    def end_all(self, account: str) -> None:
        self._ledger.execute("DELETE FROM sessions WHERE account = ?", (account,))

    def _drop_expired(self) -> None:
        now = self._monotonic()
        self._ledger.execute("DELETE FROM sessions WHERE used_s < ? OR began_s < ?", (now - IDLE_S, now - LONGEST_S))


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
