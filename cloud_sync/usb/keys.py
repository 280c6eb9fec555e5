"""Who has written a bundle or a receipt: Ed25519 (RFC 8032).

A kiosk's own key pair lies in ``DIR/keys`` (``usb.key``, ``usb.pub``) and is made when it is first needed. Whose receipts it
believes are the files ``*.pub`` (PEM) in one folder; whose bundles a clinic believes, `cloud_sync.usb.registry` says. A key's
id is the beginning of the SHA-256 of its 32 raw bytes.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from cloud_sync.usb.errors import BadUsbKey
from device.store.faults import disk_faults
from device.store.files import create_durably, make_folder

PRIVATE, PUBLIC = "usb.key", "usb.pub"
SUFFIX = ".pub"
ID_LENGTH = 16
_GENERATE = "openssl genpkey -algorithm Ed25519"


def key_id(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:ID_LENGTH]


def kiosk_key(data_dir: Path) -> Ed25519PrivateKey:
    """Return the kiosk's signing key, made on first use. Raises `StoreError` (disk) and `BadUsbKey`."""
    folder = data_dir / "keys"
    with disk_faults(folder):
        make_folder(folder, 0o700)
        if not (folder / PRIVATE).exists():
            create_durably(folder / PRIVATE, _private_pem(Ed25519PrivateKey.generate()), 0o600)
        key = load_private(folder / PRIVATE)  # from the file: another process may have been first
        create_durably(folder / PUBLIC, public_pem(key.public_key()), 0o644)
    return key


def load_private(path: Path) -> Ed25519PrivateKey:
    """Read a private key from PEM. Raises `BadUsbKey`."""
    with suppress(ValueError, TypeError):  # TypeError: it wants a passphrase
        key = serialization.load_pem_private_key(_read(path), password=None)
        if isinstance(key, Ed25519PrivateKey):
            return key
    raise BadUsbKey(f"{path} is no Ed25519 private key without a passphrase; make one with `{_GENERATE}`")


def trusted_keys(folder: Path) -> dict[str, Ed25519PublicKey]:
    """Return the public keys ``*.pub`` in ``folder`` by their ids; none where it is not there. Raises `BadUsbKey`."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == SUFFIX) if folder.is_dir() else []
    except OSError as error:
        raise BadUsbKey(f"the keys in {folder} cannot be read ({error.strerror}); check its permissions") from error
    keys = [load_public(path) for path in paths]
    return {key_id(key): key for key in keys}


def public_pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def load_public(path: Path) -> Ed25519PublicKey:
    """Read a public key from PEM. Raises `BadUsbKey`."""
    with suppress(ValueError):
        key = serialization.load_pem_public_key(_read(path))
        if isinstance(key, Ed25519PublicKey):
            return key
    raise BadUsbKey(f"{path} is no Ed25519 public key in PEM; remove it, or put the right one there again")


def _private_pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadUsbKey(f"the key {path} cannot be read ({error.strerror})") from error
