"""Who is signed in. Kept in memory: a restart of the server signs everybody out."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass

IDLE_S = 30 * 60.0
LONGEST_S = 12 * 3600.0
_PER_ACCOUNT = 20


@dataclass
class _Session:
    account: str
    began_s: float
    used_s: float


class Sessions:
    """Random tokens for browsers, of which only the hash is kept."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._sessions: dict[str, _Session] = {}

    def begin(self, account: str) -> str:
        """Return a new token of 256 random bits for ``account``; its oldest session ends when it has too many."""
        self._drop_expired()
        own = [key for key, session in self._sessions.items() if session.account == account]
        for key in own[: max(0, len(own) - _PER_ACCOUNT + 1)]:
            del self._sessions[key]
        token = secrets.token_urlsafe(32)
        now = self._monotonic()
        self._sessions[_key(token)] = _Session(account, now, now)
        return token

    def account_of(self, token: str, *, used: bool) -> str | None:
        """Return whose session this is, ``None`` when it ended; ``used`` says that a person did something just now."""
        self._drop_expired()
        session = self._sessions.get(_key(token))
        if session is None:
            return None
        if used:
            session.used_s = self._monotonic()
        return session.account

    def end(self, token: str) -> None:
        self._sessions.pop(_key(token), None)

    def _drop_expired(self) -> None:
        now = self._monotonic()
        for key, session in list(self._sessions.items()):
            if now - session.used_s > IDLE_S or now - session.began_s > LONGEST_S:
                del self._sessions[key]


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
