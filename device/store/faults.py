"""What the operating system and SQLite call a fault, in the store's own words."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from device.store.errors import (
    StoreBusy,
    StoreCorrupt,
    StoreError,
    StoreFailing,
    StoreFull,
    StoreMissing,
    StoreReadOnly,
)
from device.store.files import free_bytes, on_read_only_disk

NEARLY_NOTHING = 256 * 1024
"""Free bytes below which an input/output error means "full": SQLite then cannot grow its shared memory file."""

_PRIMARY = 0xFF
"""The low byte of an extended result code is the primary one (sqlite.org/rescode.html)."""


@contextmanager
def disk_faults(path: Path) -> Iterator[None]:
    """Turn `OSError` while using ``path`` into a `StoreError`."""
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        raise _from_errno(error, path) from error


@contextmanager
def sqlite_faults(path: Path) -> Iterator[None]:
    """Turn SQLite's faults of disk and file while using the database at ``path`` into a `StoreError`.

    A violated constraint or a wrong statement is a fault of the program and passes unchanged.
    """
    try:
        yield
    except UnicodeDecodeError as error:  # SQLite quotes the damage in its message, and Python cannot read that
        raise StoreCorrupt(f"the store {path} is damaged ({error}); its next use salvages what can be read") from error
    except sqlite3.DatabaseError as error:
        fault = _from_sqlite(error, path)
        if fault is None:
            raise
        raise fault from error


def _from_errno(error: OSError, path: Path) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(f"the disk is full: {path} cannot be written; free some space")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return StoreReadOnly(f"{path} cannot be written ({error.strerror}); {_permission_remedy(path)}")
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EEXIST):
        return StoreMissing(f"{path} cannot be used ({error.strerror}); check the data directory")
    return StoreFailing(f"the disk fails at {path} ({error.strerror}); check it, and replace the card if it happens again")


def _from_sqlite(error: sqlite3.DatabaseError, path: Path) -> StoreError | None:
    code = getattr(error, "sqlite_errorcode", None)
    name = getattr(error, "sqlite_errorname", "text that is not UTF-8")
    match code & _PRIMARY if code is not None else None:
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StoreCorrupt(f"the store {path} is damaged ({name}: {error}); its next use salvages what can be read")
        case sqlite3.SQLITE_FULL:
            return StoreFull(f"the disk is full: {path} cannot be written; free some space")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return StoreReadOnly(f"the store {path} cannot be written ({name}); {_permission_remedy(path)}")
        case sqlite3.SQLITE_CANTOPEN:
            return _cannot_open(path, name)
        case sqlite3.SQLITE_IOERR:
            return _input_output(path, name)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | sqlite3.SQLITE_PROTOCOL:
            return StoreBusy(f"another process holds the store {path} ({name}); try again, or see which with `fuser {path}`")
        case None if str(error).startswith("Could not decode"):  # raised by Python's module, without a code
            return StoreCorrupt(f"the store {path} is damaged ({name}); its next use salvages what can be read")
        case _:
            return None


def _cannot_open(path: Path, name: str) -> StoreError:
    """SQLite says the same for a missing folder, a forbidden one, and one where it cannot create its log."""
    folder = path.parent
    if not folder.exists():
        return StoreMissing(f"there is no folder {folder}; check the data directory")
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        return StoreReadOnly(f"the store {path} cannot be written ({name}); {_permission_remedy(path)}")
    return _input_output(path, name)


def _input_output(path: Path, name: str) -> StoreError:
    """Tell a disk that has no room from one that is broken."""
    if free_bytes(path.parent) < NEARLY_NOTHING:
        return StoreFull(f"the disk is full: {path} cannot be written ({name}); free some space")
    return StoreFailing(f"the disk fails at {path} ({name}); check it, and replace the card if it happens again")


def _permission_remedy(path: Path) -> str:
    folder = path.parent
    with suppress(OSError):  # not even allowed to look
        if on_read_only_disk(folder):
            return "the disk is mounted read-only: a worn SD card does that to itself; check it with dmesg"
    return f"run as a user who may write to {folder}, or correct its owner, group and mode"
