"""The bundles that were installed on a device, and which of them is active.

    models/
        .lock
        breast/
            state.json       {"active": SHA256, "previous": SHA256, "unsigned": [SHA256]}; null: the shipped bundle
            <SHA256>/        one bundle, as it was verified; never changed again

A bundle is written beside the others, brought to the disk, and renamed into its place; then ``state.json`` is replaced in one
step. A power cut or a kill at any moment leaves the earlier bundle active or the new one, and nothing in between. Old bundles
stay: the doctor's page shows their cards beside the records that they have made.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from models.bundle import SIGNATURE, SUMS, Bundle
from models.errors import ActivationBusy, ActivationFailed, BundleCorrupt, ModelError

STATE, LOCK, DRAFT = "state.json", ".lock", ".draft-"
FOLDER_MODE, FILE_MODE = 0o755, 0o644
"""A bundle is no secret, and whoever runs the kiosk must be able to read it."""


_REMEDIES = {
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room on the disk",
    errno.EROFS: "make the disk writable",
    errno.EACCES: "run this as the user whom the folder belongs to (sudo)",
    errno.EPERM: "run this as the user whom the folder belongs to (sudo)",
}


@dataclass(frozen=True)
class State:
    """Hashes of bundles (of their ``SHA256SUMS``); ``None`` stands for the shipped one."""

    active: str | None = None
    previous: str | None = None
    unsigned: tuple[str, ...] = ()
    """Bundles that nobody has signed, and that were activated with ``--allow-unsigned``."""


class Installed:
    """The models folder of one device. Reading needs no lock; writing happens inside `locked`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """Return the names of the models of which some bundle was installed."""
        return sorted(path.parent.name for path in self.folder.glob(f"*/{STATE}"))

    def path(self, name: str, sha256: str) -> Path:
        return self.folder / name / sha256

    def state(self, name: str) -> State:
        """Raises `BundleCorrupt` for a state that cannot be read."""
        path = self.folder / name / STATE
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return State(_sha256(found["active"]), _sha256(found["previous"]), tuple(map(str, found["unsigned"])))
        except FileNotFoundError:
            return State()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BundleCorrupt(
                f"{path} does not say which bundle is active ({error}); activate one again, or remove the file"
            ) from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep others from activating meanwhile. Raises `ActivationBusy` at once where somebody else does."""
        with _disk_faults(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(FOLDER_MODE)
            descriptor = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ActivationBusy(
                    f"another activation is at work in {self.folder}; wait until it has ended, then try again"
                ) from error
            yield
        finally:
            os.close(descriptor)

    def put(self, bundle: Bundle) -> Bundle:
        """Write what ``bundle`` holds in memory to its place here, and return what is there. Raises `ActivationFailed`."""
        name, place = bundle.card.name, self.path(bundle.card.name, bundle.sha256)
        with _disk_faults(self.folder):
            (self.folder / name).mkdir(exist_ok=True)
            (self.folder / name).chmod(FOLDER_MODE)
            _sync(self.folder)
            for left_over in (self.folder / name).glob(f"{DRAFT}*"):
                shutil.rmtree(left_over) if left_over.is_dir() else left_over.unlink()
            there = _opened(place)
            if there is None:
                self._write(bundle, place)
            elif there.signature != bundle.signature:
                _replace_signature(place, bundle.signature)
        return Bundle.open(place)

    def _write(self, bundle: Bundle, place: Path) -> None:
        draft = place.with_name(f"{DRAFT}{secrets.token_hex(8)}")
        files = {**bundle.files, SUMS: bundle.sums}
        if bundle.signature is not None:
            files[SIGNATURE] = bundle.signature
        try:
            draft.mkdir()
            draft.chmod(FOLDER_MODE)
            for file, content in files.items():
                _write_file(draft, file, content)
            for folder in (*(path for path in draft.rglob("*") if path.is_dir()), draft):
                _sync(folder)
            if place.exists():  # damaged, so that nobody uses it
                place.rename(place.with_name(f"{DRAFT}{secrets.token_hex(8)}"))
            draft.rename(place)
        except OSError:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        _sync(place.parent)

    def switch(self, name: str, sha256: str | None, *, unsigned: bool = False) -> State:
        """Make the bundle ``sha256`` active (``None``: the shipped one), and what was active the previous one.

        Raises `ActivationFailed`; the earlier one is active then.
        """
        try:
            before = self.state(name)
        except BundleCorrupt:
            before = State()  # this replaces it
        others = tuple(other for other in before.unsigned if other != sha256)
        allowed = (*others, sha256) if unsigned and sha256 is not None else others
        previous = before.previous if sha256 == before.active else before.active
        after = State(sha256, previous, allowed)
        with _disk_faults(self.folder):
            _replace(self.folder / name / STATE, (json.dumps(asdict(after)) + "\n").encode())
        return after


def _sha256(value: object) -> str | None:
    if value is None or (isinstance(value, str) and len(value) == 64 and value.isalnum()):
        return value
    raise ValueError(f"{value!r} is no hash")


def _opened(place: Path) -> Bundle | None:
    try:
        return Bundle.open(place)
    except ModelError:
        return None


def _replace_signature(place: Path, signature: bytes | None) -> None:
    """The same bundle with other signatures: everything else stays as it is."""
    if signature is None:
        (place / SIGNATURE).unlink()
        _sync(place)
    else:
        _replace(place / SIGNATURE, signature)


def _replace(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of ``path`` in one step, and make it last."""
    draft = path.with_name(f"{DRAFT}{secrets.token_hex(8)}")
    try:
        _write_file(path.parent, draft.name, content)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _write_file(folder: Path, name: str, content: bytes) -> None:
    """Write one file so that its content lasts; the folder's own entry is the caller's to sync."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.parent != folder:
        path.parent.chmod(FOLDER_MODE)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), FILE_MODE)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _disk_faults(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "look at the disk")
        raise ActivationFailed(
            f"{error.filename or folder} cannot be written ({error.strerror}); nothing was changed: {remedy}, then try again"
        ) from error
