"""Creating files and folders so that they are whole, lasting, and shared with exactly who should have them."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

SHARED_FOLDER = 0o2770
"""For the user and the group; files made inside belong to the folder's group (setgid)."""
SHARED_FILE = 0o660


def make_folder(folder: Path, mode: int) -> None:
    """Create a folder with exactly ``mode``, whatever the umask; one that exists keeps its own. Raises `OSError`."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not folder.is_dir():
            raise
        return
    folder.chmod(mode)
    sync_folder(folder.parent)


def create_durably(path: Path, content: bytes, mode: int) -> bool:
    """Create a file that is either complete and on the disk, or not there; return whether it was us who made it.

    One that exists is left as it is, also where another process makes it at the same time. Raises `OSError`.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    sync_folder(path.parent)
    return True


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last. Raises `OSError`."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make a file's content last. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def free_bytes(folder: Path) -> int:
    """Return what an unprivileged user may still write to the disk that holds ``folder``. Raises `OSError`."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def on_read_only_disk(folder: Path) -> bool:
    """Return whether the disk that holds ``folder`` is mounted read-only. Raises `OSError`."""
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
