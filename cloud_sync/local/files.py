"""Files that are named by the hash of what is in them, and are there whole or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from pathlib import Path

_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600


class FileDamaged(ValueError):
    """A file no longer holds the bytes that its name promises, or the disk gave back others than were written."""


def private_folder(folder: Path) -> Path:
    """Make ``folder`` and its parents if they are missing, each durable and, where it is new, for this user alone."""
    if not folder.is_dir():
        private_folder(folder.parent)
        folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
        flush_folder(folder.parent)
    return folder


def flush_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_private(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path``, whole or not at all, readable by this user alone."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE_FILE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


class HashedFiles:
    """A folder of immutable files. Any number of processes may write to it at once.

    No name that came from a device becomes a file name, so none can lead out of the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"

    def put(self, content: bytes) -> str:
        """Store ``content``, durably, and return the SHA-256 of what was read back from the file.

        Raises `OSError` (full, read-only) and `FileDamaged`.
        """
        digest = hashlib.sha256(content).hexdigest()
        path = self._path_of(digest)
        if not self._holds(path, digest):
            private_folder(self._incoming)
            private_folder(path.parent)
            self._write(path, content, digest)
        return digest

    def get(self, digest: str) -> bytes:
        """Return the bytes whose SHA-256 is ``digest``; raises `FileNotFoundError` and `FileDamaged`."""
        content = self._path_of(digest).read_bytes()
        if hashlib.sha256(content).hexdigest() != digest:
            raise FileDamaged(
                f"the file {digest[:12]}… no longer holds what was stored: restore it from a backup, or sync its record again"
            )
        return content

    def sweep(self) -> None:
        """Remove what writers that were killed left unfinished."""
        if not self._incoming.is_dir():
            return
        for leftover in self._incoming.iterdir():
            with leftover.open("rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:  # its writer lives
                    continue
                leftover.unlink(missing_ok=True)

    def _path_of(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest

    def _holds(self, path: Path, digest: str) -> bool:
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest

    def _write(self, path: Path, content: bytes, digest: str) -> None:
        temporary = self._incoming / secrets.token_hex(16)
        descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR, _PRIVATE_FILE)
        try:
            with os.fdopen(descriptor, "r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # tells `sweep` that somebody is still at work
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                if not self._holds(temporary, digest):
                    raise FileDamaged("the disk gave back other bytes than were written: replace it")
                temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        flush_folder(path.parent)
