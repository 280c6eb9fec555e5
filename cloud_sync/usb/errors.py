"""What can go wrong with a stick and what lies on it. Each message says what happened, to what, and what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class UsbError(Exception):
    """Any fault of a stick, a bundle or a key that belongs to them."""


class StickUnusable(UsbError, OSError):
    """The stick is full, write-protected, gone, or failing."""


class BundleDamaged(UsbError, ValueError):
    """The file is cut short, changed, or no bundle."""


class BundleTooNew(UsbError, ValueError):
    """It was written by a newer Firstlight."""


class SignerUnknown(UsbError, PermissionError):
    """Nobody whose key is trusted here has signed it."""


class WrongKiosk(UsbError, PermissionError):
    """It is signed with a trusted key, and says that it is of another kiosk than the one whose key that is."""


class BadUsbKey(UsbError, ValueError):
    """A key file is missing, or is no key."""


_REMEDIES = {
    errno.ENOSPC: "it is full: make room on it, or take another one",
    errno.EDQUOT: "it is full: make room on it, or take another one",
    errno.EROFS: "it is write-protected: move its switch, or take another one",
    errno.EACCES: "this user may not use it: run as root, or mount it for this user",
    errno.EPERM: "this user may not use it: run as root, or mount it for this user",
    errno.ENOENT: "it is not there: is it plugged in and mounted?",
    errno.ENOTDIR: "it is no folder: name the folder where the stick is mounted",
    errno.ENODEV: "it was pulled out: plug it in and start this again",
    errno.EFBIG: "its file system takes no file of this size: format it as exFAT",
}


@contextmanager
def stick_faults(path: Path) -> Iterator[None]:
    """Turn `OSError` while using ``path`` on a stick into `StickUnusable`."""
    try:
        yield
    except UsbError:
        raise
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, f"it fails ({error.strerror}): take another one")
        raise StickUnusable(f"{path} cannot be used, {remedy}") from error
