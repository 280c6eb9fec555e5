"""Whose key signs for which kiosk: what an administrator has registered, one file ``SITE/KIOSK.pub`` (PEM) for each.

The place says for whom the key speaks and nobody else can: a kiosk signs whatever table it likes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cloud_sync.usb.errors import BadUsbKey
from cloud_sync.usb.keys import SUFFIX, key_id, load_public


@dataclass(frozen=True)
class RegisteredKey:
    """A key that is believed for one kiosk of one site."""

    site: str
    kiosk: str
    key: Ed25519PublicKey

    @property
    def name(self) -> str:
        return f"{self.site}/{self.kiosk}"


def registered_kiosks(folder: Path) -> dict[str, RegisteredKey]:
    """Return what is registered in ``folder``, by the keys' ids; nothing where it is not there.

    Raises `BadUsbKey` for a file that is no key, for one whose place names no kiosk, and for a key of two kiosks.
    """
    found: dict[str, RegisteredKey] = {}
    for path in _key_files(folder):
        registered = RegisteredKey(path.parent.name, path.stem, load_public(path))
        other = found.setdefault(key_id(registered.key), registered)
        if other is not registered:
            raise BadUsbKey(
                f"{folder} has the same key for {other.name} and for {registered.name}, and each kiosk has one of its own: "
                "remove it where `firstlight sync --usb-key` on that kiosk prints another one"
            )
    return found


def _key_files(folder: Path) -> list[Path]:
    try:
        stray = sorted(folder.glob(f"*{SUFFIX}"))
        paths = sorted(folder.glob(f"*/*{SUFFIX}"))
    except OSError as error:
        raise BadUsbKey(f"the keys in {folder} cannot be read ({error.strerror}); check its permissions") from error
    if stray:
        raise BadUsbKey(
            f"{stray[0]} does not say whose key it is: move it to {folder / 'SITE' / 'KIOSK'}{SUFFIX}, with that kiosk's site "
            "and name, so that it signs for that kiosk and for no other"
        )
    return paths
