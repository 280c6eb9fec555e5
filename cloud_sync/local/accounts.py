"""Doctors' accounts of the embedded cloud, and what each has opened."""

from __future__ import annotations

import os
import secrets
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from cloud_sync.local.files import private_folder, write_private

NAME = "portal.db"
PASSPHRASE_FILE = "doctor-passphrase.txt"
FIRST_ACCOUNT = "doctor"
LONGEST_PASSPHRASE = 256
_SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, phc TEXT NOT NULL, created_at TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS opened (
    account TEXT NOT NULL, path TEXT NOT NULL, opened_at TEXT NOT NULL, PRIMARY KEY (account, path)
) STRICT, WITHOUT ROWID;
"""
_ITERATIONS, _LANES, _MEMORY_KIB = 2, 1, 19 * 1024
"""OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, t = 2, p = 1."""
_SALT_BYTES, _KEY_BYTES = 16, 32
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without the letters and digits that look alike (i, l, o, 0, 1)."""


@dataclass(frozen=True)
class SignIn:
    """What a doctor types."""

    name: str
    passphrase: str = field(repr=False)


def first_sign_in(folder: Path) -> SignIn | None:
    """Return the sign-in that was made on first start, ``None`` before that or once somebody removed `PASSPHRASE_FILE`.

    Raises `OSError` where the file belongs to another user.
    """
    try:
        return SignIn(FIRST_ACCOUNT, (folder / PASSPHRASE_FILE).read_text().strip())
    except FileNotFoundError:
        return None


class Accounts:
    """The portal's own database, beside the cloud's: nothing of what is in a record. Belongs to one thread at a time."""

    def __init__(self, folder: Path) -> None:
        """Open or make it in ``folder``. Raises `OSError` and `sqlite3.Error`."""
        private_folder(folder)
        path = folder / NAME
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._folder = folder
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.executescript(_SCHEMA)
        self._nobody = _hash(secrets.token_hex(16))

    def ensure_first(self) -> None:
        """Make the account `FIRST_ACCOUNT` if there is none at all; see `reset` for where its passphrase is kept."""
        if self._database.execute("SELECT 1 FROM accounts").fetchone() is None:
            self.reset()

    def reset(self) -> None:
        """Give `FIRST_ACCOUNT` a new random passphrase, kept in `PASSPHRASE_FILE` (mode 0600) so that it can be read again."""
        passphrase = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))  # 99 bits
        # The file first: were the process killed in between, the next start would make both again.
        write_private(self._folder / PASSPHRASE_FILE, f"{passphrase}\n".encode())
        row = (FIRST_ACCOUNT, _hash(passphrase), _now())
        self._database.execute("INSERT INTO accounts VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET phc = excluded.phc", row)

    def verify(self, name: str, passphrase: str) -> bool:
        """Return whether this is the account's passphrase; an unknown name takes as long as a known one."""
        row = self._database.execute("SELECT phc FROM accounts WHERE name = ?", (name,)).fetchone()
        try:
            Argon2id.verify_phc_encoded(passphrase.encode(), row[0] if row else self._nobody)
        except InvalidKey:
            return False
        return row is not None

    def mark_opened(self, account: str, path: str) -> None:
        """Remember that ``account`` has looked at the record at ``path``; the first time stands."""
        self._database.execute("INSERT INTO opened VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (account, path, _now()))

    def opened(self, account: str) -> dict[str, str]:
        """Return the paths of the records that ``account`` has looked at, and when it first did."""
        return dict(self._database.execute("SELECT path, opened_at FROM opened WHERE account = ?", (account,)))

    def close(self) -> None:
        self._database.close()


def _hash(passphrase: str) -> str:
    kdf = Argon2id(
        salt=secrets.token_bytes(_SALT_BYTES),
        length=_KEY_BYTES,
        iterations=_ITERATIONS,
        lanes=_LANES,
        memory_cost=_MEMORY_KIB,
    )
    return kdf.derive_phc_encoded(passphrase.encode())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
