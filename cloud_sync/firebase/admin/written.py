"""A folder that is either there, whole and on the disk, or not there.

What it holds is patients' data: its owner alone may read it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from cloud_sync.firebase.admin.errors import AdminError, OutputFailed
from device.store.files import sync_folder


class Draft:
    """The folder while it is being written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hashes: dict[str, str] = {}
        """SHA-256 of each file that was written, by its name."""

    def write(self, name: str, content: bytes) -> None:
        """Write one file, ``name`` relative to the folder. Raises `OSError`."""
        path = self.folder / PurePosixPath(name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        self.hashes[name] = hashlib.sha256(content).hexdigest()


@contextmanager
def new_folder(target: Path) -> Iterator[Draft]:
    """Give a folder to write into that becomes ``target`` at the end, and is gone where something fails.

    Raises `OutputFailed`: there is something at ``target``, or it cannot be written.
    """
    check_new(target)
    draft = target.absolute().with_name(f".{target.absolute().name}.{secrets.token_hex(8)}")
    try:
        draft.mkdir(mode=0o700)
        yield Draft(draft)
        for folder in (draft, *(path for path in draft.rglob("*") if path.is_dir())):
            sync_folder(folder)
        draft.rename(target)
        sync_folder(target.absolute().parent)
    except AdminError:  # some of them are an `OSError`, too
        raise
    except OSError as error:
        raise OutputFailed(f"{target} cannot be written ({error.strerror})") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def check_new(target: Path) -> None:
    """Raise `OutputFailed` unless ``target`` can be made, and is not there."""
    if os.path.lexists(target):
        raise OutputFailed(f"{target} is there already and is not overwritten; give another --out")
    parent = target.absolute().parent
    if not parent.is_dir():
        raise OutputFailed(f"there is no folder {parent}; make it first")
    if not os.access(parent, os.W_OK):
        raise OutputFailed(f"nobody may write to {parent}; choose another folder")


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file in one step. Raises `OSError`."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)
