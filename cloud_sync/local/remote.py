"""The embedded cloud: one folder on this machine that keeps the same promises as a remote one."""

from __future__ import annotations

import errno
import hashlib
import json
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cloud_sync.local.database import CloudTooNew, open_database
from cloud_sync.local.files import FileDamaged, HashedFiles
from cloud_sync.paths import BadPath, checked_path
from cloud_sync.remote import (
    Acknowledgement,
    Command,
    Confirmation,
    Heartbeat,
    RemoteConflict,
    RemoteError,
    RemoteFull,
    RemoteGarbage,
    RemoteRefused,
    RemoteUnavailable,
)

LARGEST_DOCUMENT = 1 << 20
"""Bytes. Firestore's limit, so that what the embedded cloud takes, the other takes too."""
LARGEST_OBJECT = 256 << 20

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG}
_NO_ROOM_SQLITE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
}
_PRIMARY = 0xFF
"""The low byte of an extended result code is the primary one (sqlite.org/rescode.html)."""


class LocalRemote:
    """A `Remote` that is a folder. Any number of processes may use it at once."""

    def __init__(self, folder: Path, kiosk: str = "kiosk-1", site: str = "home") -> None:
        """``kiosk`` and ``site``: who is speaking; a heartbeat is kept under both.

        Nothing is opened or made before the first call: a folder on a disk that is not there yet is merely unavailable.
        """
        self._folder = folder
        self._kiosk, self._site = kiosk, site
        self._files = HashedFiles(folder / "objects")
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def put_object(self, path: str, content: bytes, media_type: str, timeout_s: float) -> Confirmation:
        if len(content) > LARGEST_OBJECT:
            raise RemoteRefused(f"{path} has {len(content)} bytes, more than the {LARGEST_OBJECT} that the local cloud takes")
        sha256 = hashlib.sha256(content).hexdigest()
        with self._transaction(path, timeout_s) as database:
            checked_path(*path.split("/"))
            row = (path, sha256, media_type, len(content), _now())
            database.execute("INSERT INTO objects VALUES (?, ?, ?, ?, ?) ON CONFLICT (path) DO NOTHING", row)
            (held,) = database.execute("SELECT sha256 FROM objects WHERE path = ?", (path,)).fetchone()
            if held == sha256:  # the file is durable before the row that speaks of it
                held = self._files.put(content)
        if held != sha256:
            raise RemoteConflict(
                f"the local cloud holds another file at {path} ({held[:12]}…, not {sha256[:12]}…): find out who wrote it"
            )
        return Confirmation(path, held)

    def put_document(self, path: str, content: bytes, timeout_s: float) -> Confirmation:
        _check_document(path, content)
        with self._transaction(path, timeout_s) as database:
            checked_path(*path.split("/"))
            row = (path, content, hashlib.sha256(content).hexdigest(), _now())
            database.execute(
                "INSERT INTO documents (path, content, sha256, received_at) VALUES (?, ?, ?, ?) ON CONFLICT (path) DO NOTHING",
                row,
            )
        with self._transaction(path, timeout_s) as database:
            (held,) = database.execute("SELECT content FROM documents WHERE path = ?", (path,)).fetchone()
        if held != content:
            raise RemoteConflict(f"the local cloud holds another document at {path}: find out who wrote it")
        return Confirmation(path, hashlib.sha256(held).hexdigest())

    def fetch_commands(self, timeout_s: float) -> Sequence[Command]:
        with self._transaction("the commands", timeout_s) as database:
            rows = database.execute(
                "SELECT id, kind, value FROM commands WHERE acknowledged_at IS NULL ORDER BY seq"
            ).fetchall()
        return [_command(*row) for row in rows]

    def acknowledge_command(self, acknowledgement: Acknowledgement, timeout_s: float) -> None:
        row = (_now(), acknowledgement.accepted, acknowledgement.detail, acknowledgement.command_id)
        with self._transaction("a command", timeout_s) as database:
            database.execute(
                "UPDATE commands SET acknowledged_at = ?, accepted = ?, detail = ? WHERE id = ? AND acknowledged_at IS NULL",
                row,
            )

    def queue_command(self, kind: str, value: Mapping[str, Any], timeout_s: float = 10.0) -> str:
        """Queue a command for the kiosk, as a doctor or an administrator, and return its id."""
        row = (secrets.token_hex(16), kind, json.dumps(value), _now())
        with self._transaction("a command", timeout_s) as database:
            database.execute("INSERT INTO commands (id, kind, value, queued_at) VALUES (?, ?, ?, ?)", row)
        return row[0]

    def put_heartbeat(self, heartbeat: Heartbeat, timeout_s: float) -> None:
        with self._transaction("a heartbeat", timeout_s) as database:
            path = checked_path("sites", self._site, "heartbeats", self._kiosk)
            row = (path, json.dumps({"schema": 1, **asdict(heartbeat)}), _now())
            database.execute("INSERT OR REPLACE INTO heartbeats VALUES (?, ?, ?)", row)

    def fetch_object(self, path: str, offset: int, most: int, timeout_s: float) -> bytes:
        with self._transaction(path, timeout_s) as database:
            row = database.execute("SELECT sha256 FROM objects WHERE path = ?", (path,)).fetchone()
            content = self._files.get(row[0]) if row is not None else None
        if content is None:
            raise RemoteRefused(f"the local cloud holds nothing at {path}: put it there first")
        return content[offset : offset + most]

    def close(self) -> None:
        with self._lock:
            self._disconnect()

    @contextmanager
    def _transaction(self, what: str, timeout_s: float) -> Iterator[sqlite3.Connection]:
        """One transaction, durable at its end; every fault inside becomes a `RemoteError` about ``what``."""
        with self._lock:
            try:
                database = self._connect(timeout_s)
                database.execute("BEGIN IMMEDIATE")
                yield database
                database.execute("COMMIT")
            except BaseException as error:
                self._disconnect()  # rolls back; the next call starts afresh, even when the disk was away meanwhile
                if isinstance(error, OSError | sqlite3.Error | FileDamaged | CloudTooNew | BadPath) and not isinstance(
                    error, RemoteError
                ):
                    raise _as_remote_error(error, what, self._folder) from error
                raise

    def _connect(self, timeout_s: float) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = open_database(self._folder, timeout_s)
            self._files.sweep()
        self._connection.execute(f"PRAGMA busy_timeout={round(timeout_s * 1000)}")
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _now() -> str:
    """Return the cloud's own time of receipt; nothing is measured with it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _check_document(path: str, content: bytes) -> None:
    if len(content) > LARGEST_DOCUMENT:
        raise RemoteRefused(f"{path} has {len(content)} bytes, more than the {LARGEST_DOCUMENT} that a document may have")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RemoteRefused(f"{path} is no JSON document: {error}") from error
    if not isinstance(document, dict):
        raise RemoteRefused(f"{path} is a JSON {type(document).__name__}, not an object")


def _command(command_id: str, kind: str, value: str) -> Command:
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise RemoteGarbage(f"the command {command_id} of the local cloud is no JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise RemoteGarbage(f"the command {command_id} of the local cloud is no JSON object")
    return Command(command_id, kind, parsed)


def _as_remote_error(error: Exception, what: str, folder: Path) -> RemoteError:
    match error:
        case BadPath():
            return RemoteRefused(str(error))
        case CloudTooNew():
            return RemoteUnavailable(f"the local cloud in {folder} cannot be used: {error}")
        case FileDamaged():
            return RemoteGarbage(f"the local cloud in {folder} failed at {what}: {error}")
        case OSError() if error.errno in _NO_ROOM:
            return RemoteFull(
                f"the local cloud in {folder} cannot write {what} ({error.strerror}): make room, or make it writable"
            )
        case sqlite3.Error() if getattr(error, "sqlite_errorcode", 0) & _PRIMARY in _NO_ROOM_SQLITE:
            return RemoteFull(f"the local cloud in {folder} cannot write {what} ({error}): make room, or make it writable")
        case sqlite3.Error() if getattr(error, "sqlite_errorcode", 0) & _PRIMARY in (
            sqlite3.SQLITE_CORRUPT,
            sqlite3.SQLITE_NOTADB,
        ):
            return RemoteUnavailable(
                f"the local cloud's index in {folder} is damaged ({error}): restore it from a backup, or move the folder aside"
            )
        case _:
            return RemoteUnavailable(f"the local cloud in {folder} did not take {what}: {error}")
