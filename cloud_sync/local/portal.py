"""What the doctor's page can do, behind the HTTP server: each method is one request of it, and may take a while."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cloud_sync.local import views
from cloud_sync.local.accounts import LONGEST_PASSPHRASE, Accounts
from cloud_sync.local.capture import images_of
from cloud_sync.local.cards import ModelCards
from cloud_sync.local.reader import CloudReader
from cloud_sync.local.sessions import Sessions
from cloud_sync.local.throttle import Throttle
from cloud_sync.local.worklist import Worklist
from cloud_sync.paths import object_path

LONGEST_LIST = 500
CAPTURE = "capture.npz"


class SignInFailed(PermissionError):
    """Name and passphrase do not belong together."""


class SignInPaused(PermissionError):
    """Too many wrong passphrases; see `wait_s`."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("too many wrong passphrases")
        self.wait_s = wait_s


class Portal:
    """Thread-safe: one request at a time, which is enough for the doctors of one kiosk."""

    def __init__(self, folder: Path, models: Sequence[Path], monotonic: Callable[[], float]) -> None:
        """``folder``: the embedded cloud's; ``models``: folders of the bundles whose cards can be shown.

        Raises `OSError` and `sqlite3.Error`.
        """
        self._lock = threading.Lock()
        self.accounts = Accounts(folder)
        self.accounts.ensure_first()
        self._sessions = Sessions(monotonic)
        self._throttle = Throttle(monotonic)
        self._reader = CloudReader(folder)
        self._worklist = Worklist(self._reader)
        self._cards = ModelCards(models)

    def sign_in(self, name: str, passphrase: str) -> str:
        """Return the token of a new session. Raises `SignInFailed` or `SignInPaused`."""
        with self._lock:
            wait_s = self._throttle.wait_s(name)
            if wait_s > 0:
                raise SignInPaused(wait_s)
            if len(passphrase) > LONGEST_PASSPHRASE or not self.accounts.verify(name, passphrase):
                self._throttle.failed(name)
                raise SignInFailed("name or passphrase is wrong")
            self._throttle.succeeded(name)
            return self._sessions.begin(name)

    def account_of(self, token: str, *, used: bool) -> str | None:
        """Return who is signed in with ``token``; ``used``: because of something that a person did, not of a timer."""
        with self._lock:
            return self._sessions.account_of(token, used=used)

    def sign_out(self, token: str) -> None:
        with self._lock:
            self._sessions.end(token)

    def records(self, account: str, find: str = "") -> dict[str, Any]:
        """Return the worklist, or its lines whose patient or id contains ``find``. Raises `OSError` and `sqlite3.Error`."""
        with self._lock:
            self._worklist.refresh()
            opened = self.accounts.opened(account)
            entries = self._worklist.examinations(find)
            return {
                "total": len(entries),
                "unread": sum(entry.path not in opened for entry in entries),
                "records": [views.line(entry, opened) for entry in entries[:LONGEST_LIST]],
            }

    def record(self, account: str, path: str) -> dict[str, Any]:
        """Return one record for its page. Raises `NotHeld`, `OSError` and `sqlite3.Error`."""
        with self._lock:
            self._worklist.refresh()
            entry = self._worklist.entry(path)
            held, history = self._reader.document(path), self._worklist.history(entry)
            return views.record(held, entry, history, self.accounts.opened(account))

    def mark_opened(self, account: str, path: str) -> None:
        """Remember that ``account`` has seen the record. Raises `NotHeld` and `sqlite3.Error`."""
        with self._lock:
            self.accounts.mark_opened(account, self._worklist.entry(path).path)

    def images(self, site: str, record_id: str) -> dict[str, Any]:
        """Return the pictures of a record. Raises `BadCapture`, `NotHeld`, `FileDamaged`, `OSError` and `sqlite3.Error`."""
        content, _ = self.part(site, record_id, CAPTURE)
        return images_of(content)

    def part(self, site: str, record_id: str, name: str) -> tuple[bytes, str]:
        """Return a file of a record and its media type. Raises `NotHeld`, `FileDamaged`, `OSError` and `sqlite3.Error`."""
        with self._lock:
            return self._reader.read_object(object_path(site, record_id, name))

    def card(self, bundle_sha256: str) -> dict[str, Any]:
        """Return a model's card. Raises `CardMissing` or `CardDamaged`."""
        return self._cards.card(bundle_sha256)

    def close(self) -> None:
        with self._lock:
            self._reader.close()
            self.accounts.close()
