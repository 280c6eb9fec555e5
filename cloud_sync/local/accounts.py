"""Who may sign in to the embedded cloud's portal: doctors and administrators, each of one site."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from cloud_sync.local.files import write_private
from cloud_sync.local.ledger import now_text, transaction
from cloud_sync.paths import checked_path

LONGEST_PASSPHRASE = 256
LONGEST_NAME = 100
_ITERATIONS, _LANES, _MEMORY_KIB = 2, 1, 19 * 1024
"""OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, t = 2, p = 1."""
_SALT_BYTES, _KEY_BYTES = 16, 32
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without the letters and digits that look alike (i, l, o, 0, 1)."""


class Role(StrEnum):
    DOCTOR = "doctor"
    ADMINISTRATOR = "administrator"


FIRST_ACCOUNT, FIRST_ADMINISTRATOR = "doctor", "administrator"
_FIRST = {FIRST_ACCOUNT: Role.DOCTOR, FIRST_ADMINISTRATOR: Role.ADMINISTRATOR}
PASSPHRASE_FILE = f"{FIRST_ACCOUNT}-passphrase.txt"


class AccountTaken(ValueError):
    """There is an account of this name."""


class NoSuchAccount(LookupError):
    """There is no account of this name."""


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in."""

    uid: str
    name: str
    role: Role
    site: str


@dataclass(frozen=True)
class SignIn:
    """What somebody types."""

    name: str
    passphrase: str = field(repr=False)


def passphrase_file(name: str) -> str:
    """Return the name of the file that keeps a first account's passphrase."""
    return f"{name}-passphrase.txt"


def first_sign_in(folder: Path, name: str = FIRST_ACCOUNT) -> SignIn | None:
    """Return the sign-in that was made on first start, ``None`` before that or once somebody removed its file.

    Raises `OSError` where the file belongs to another user.
    """
    try:
        return SignIn(name, (folder / passphrase_file(name)).read_text().strip())
    except FileNotFoundError:
        return None


class Accounts:
    """Names, roles and passphrases. Belongs to one thread at a time."""

    def __init__(self, ledger: sqlite3.Connection, folder: Path) -> None:
        self._ledger = ledger
        self._folder = folder
        self._nobody = _hash(secrets.token_hex(16))

    def ensure_first(self, site: str) -> None:
        """Make the account `FIRST_ACCOUNT` if there is none at all, and `FIRST_ADMINISTRATOR` if nobody administers.

        Accounts of before there were sites become those of ``site``. See `reset` for where the passphrases are kept.
        """
        self._ledger.execute("UPDATE accounts SET site = ? WHERE site IS NULL", (site,))
        roles = {role for (role,) in self._ledger.execute("SELECT role FROM accounts")}
        if not roles:
            self._make_first(FIRST_ACCOUNT, site)
        if Role.ADMINISTRATOR not in roles and self.find(FIRST_ADMINISTRATOR) is None:
            self._make_first(FIRST_ADMINISTRATOR, site)

    def reset_first(self) -> None:
        """Give the first accounts new random passphrases, and end their sessions."""
        for name in _FIRST:
            if self.find(name) is not None:
                self.reset(name)

    def reset(self, name: str) -> None:
        """Give ``name`` a new random passphrase, kept in a file (mode 0600) so that it can be read again; ends its sessions."""
        passphrase = _random_passphrase()
        # The file first: were the process killed in between, the next start would make both again.
        write_private(self._folder / passphrase_file(name), f"{passphrase}\n".encode())
        with transaction(self._ledger):
            self._ledger.execute("UPDATE accounts SET phc = ? WHERE name = ?", (_hash(passphrase), name))
            self._ledger.execute("DELETE FROM sessions WHERE account = ?", (name,))

    def add(self, name: str, role: Role, site: str) -> SignIn:
        """Make an account and return its passphrase, which is kept nowhere. Raises `AccountTaken` and `BadPath`."""
        checked_path(name, site)
        sign_in = SignIn(name[:LONGEST_NAME], _random_passphrase())
        row = (sign_in.name, _hash(sign_in.passphrase), now_text(), role.value, site)
        try:
            self._ledger.execute("INSERT INTO accounts (name, phc, created_at, role, site) VALUES (?, ?, ?, ?, ?)", row)
        except sqlite3.IntegrityError:
            raise AccountTaken(f"there is an account {name!r} already: choose another name") from None
        return sign_in

    def disable(self, name: str) -> None:
        """Let nobody sign in as ``name`` any more; what they did keeps their name. Raises `NoSuchAccount`."""
        with transaction(self._ledger):
            changed = self._ledger.execute("UPDATE accounts SET disabled_at = ? WHERE name = ?", (now_text(), name))
            self._ledger.execute("DELETE FROM sessions WHERE account = ?", (name,))
        _require(changed, name)

    def verify(self, name: str, passphrase: str) -> Person | None:
        """Return who signs in so, or ``None``; an unknown name takes as long as a known one."""
        query = "SELECT phc FROM accounts WHERE name = ? AND disabled_at IS NULL"
        row = self._ledger.execute(query, (name,)).fetchone()
        try:
            Argon2id.verify_phc_encoded(passphrase.encode(), row[0] if row else self._nobody)
        except InvalidKey:
            return None
        return self.find(name) if row else None

    def find(self, name: str) -> Person | None:
        """Return the account ``name``, unless it is disabled."""
        query = "SELECT name, role, site FROM accounts WHERE name = ? AND disabled_at IS NULL"
        row = self._ledger.execute(query, (name,)).fetchone()
        return Person(row[0], row[0], Role(row[1]), row[2] or "") if row else None

    def everybody(self) -> Sequence[Person]:
        query = "SELECT name, role, site FROM accounts WHERE disabled_at IS NULL ORDER BY name"
        return [Person(name, name, Role(role), site or "") for name, role, site in self._ledger.execute(query)]

    def assign(self, patient: str, name: str) -> None:
        """Make ``patient`` one of those of the doctor ``name``. Raises `NoSuchAccount`."""
        person = self.find(name)
        if person is None:
            raise NoSuchAccount(f"there is no account {name!r}")
        row = (person.site, patient, person.uid, now_text())
        self._ledger.execute("INSERT OR IGNORE INTO assignments (site, patient, uid, assigned_at) VALUES (?, ?, ?, ?)", row)

    def patients_of(self, person: Person) -> frozenset[str]:
        """Return the patients that are assigned to ``person``."""
        query = "SELECT patient FROM assignments WHERE uid = ? AND site = ?"
        return frozenset(patient for (patient,) in self._ledger.execute(query, (person.uid, person.site)))

    def _make_first(self, name: str, site: str) -> None:
        row = (name, _hash(secrets.token_hex(16)), now_text(), _FIRST[name].value, site)
        self._ledger.execute("INSERT INTO accounts (name, phc, created_at, role, site) VALUES (?, ?, ?, ?, ?)", row)
        self.reset(name)


def _require(changed: sqlite3.Cursor, name: str) -> None:
    if changed.rowcount != 1:
        raise NoSuchAccount(f"there is no account {name!r}")


def _random_passphrase() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))  # 99 bits


def _hash(passphrase: str) -> str:
    kdf = Argon2id(
        salt=secrets.token_bytes(_SALT_BYTES),
        length=_KEY_BYTES,
        iterations=_ITERATIONS,
        lanes=_LANES,
        memory_cost=_MEMORY_KIB,
    )
    return kdf.derive_phc_encoded(passphrase.encode())
