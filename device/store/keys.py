"""The keys of a kiosk: made on first start, kept in files that only their owner can read.

`site.key` (32 random bytes) names patients by their cards; `recipient.pub` is what records are sealed to; `recipient.key`
opens them, and belongs to the sync process (or to a clinic, then it is not on the kiosk at all). systemd hands them to the
units as credentials; where ``$CREDENTIALS_DIRECTORY/<name>`` exists it wins over the file in the data directory.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from device.store.errors import BadKey, KeyMissing
from device.store.faults import disk_faults
from device.store.files import create_durably, make_folder
from device.store.sealing import RecordOpener

SITE_KEY = "site.key"
RECIPIENT = "recipient.pub"
RECIPIENT_KEY = "recipient.key"
SITE_KEY_BYTES = 32
_GENERATE = "openssl genpkey -algorithm X25519"


def key_path(data_dir: Path, name: str) -> Path:
    """Return where the key is, or would be: systemd's credential, else ``DIR/keys/NAME``."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if folder and (Path(folder) / name).exists():
        return Path(folder) / name
    return data_dir / "keys" / name


def create_keys(data_dir: Path) -> None:
    """Create the keys that are missing. Several processes may do so at once: all end up with the same ones.

    A recipient that was put there by hand (a clinic's public key without its private one) stays alone.
    """
    folder = data_dir / "keys"
    with disk_faults(folder):
        missing = [name for name in (SITE_KEY, RECIPIENT) if not key_path(data_dir, name).exists()]
        if not missing:
            return  # a process whose keys are systemd's credentials may not even look into the folder
        make_folder(folder, 0o700)
        if SITE_KEY in missing:
            create_durably(folder / SITE_KEY, secrets.token_bytes(SITE_KEY_BYTES), 0o600)
        if RECIPIENT in missing:
            if not key_path(data_dir, RECIPIENT_KEY).exists():
                create_durably(folder / RECIPIENT_KEY, _private_pem(X25519PrivateKey.generate()), 0o600)
            # from the file, not from memory: another process may have been first
            public = load_recipient_key(data_dir).public_key()
            create_durably(folder / RECIPIENT, public_pem(public), 0o600)


def load_site_key(data_dir: Path) -> bytes:
    """Return the 32 bytes of the site key. Raises `KeyMissing` or `BadKey`."""
    path = key_path(data_dir, SITE_KEY)
    key = _read(path)
    if len(key) != SITE_KEY_BYTES:
        raise BadKey(
            f"{path} holds {len(key)} bytes, a site key has {SITE_KEY_BYTES}; restore it from the backup of this kiosk"
        )
    return key


def load_recipient(data_dir: Path) -> X25519PublicKey:
    """Return the public key that records are sealed to. Raises `KeyMissing` or `BadKey`."""
    path = key_path(data_dir, RECIPIENT)
    return parse_recipient(_read(path), str(path))


def parse_recipient(content: bytes, source: str = "the recipient's public key") -> X25519PublicKey:
    """Read a public key from PEM (SubjectPublicKeyInfo) or from its 32 raw bytes. Raises `BadKey`, naming ``source``."""
    with suppress(ValueError):
        if len(content) == 32:
            return X25519PublicKey.from_public_bytes(content)
        key = serialization.load_pem_public_key(content)
        if isinstance(key, X25519PublicKey):
            return key
    raise BadKey(f"{source} is no X25519 public key; make a pair with `{_GENERATE}` and `openssl pkey -pubout`")


def load_recipient_key(data_dir: Path) -> X25519PrivateKey:
    """Return the private key that opens records. Raises `KeyMissing` or `BadKey`."""
    path = key_path(data_dir, RECIPIENT_KEY)
    return parse_recipient_key(_read(path), str(path))


def parse_recipient_key(content: bytes, source: str) -> X25519PrivateKey:
    """Read a private key from PEM. Raises `BadKey`, naming ``source``."""
    with suppress(ValueError, TypeError):  # TypeError: it wants a passphrase
        key = serialization.load_pem_private_key(content, password=None)
        if isinstance(key, X25519PrivateKey):
            return key
    raise BadKey(f"{source} is no X25519 private key without a passphrase; make one with `{_GENERATE}`")


def load_opener(data_dir: Path) -> RecordOpener:
    """Return what opens this kiosk's records. Raises `KeyMissing` or `BadKey`."""
    return RecordOpener(load_recipient_key(data_dir))


def public_pem(key: X25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _private_pem(key: X25519PrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise KeyMissing(f"there is no key at {path}; start the kiosk once to make it, or copy it there") from error
    except OSError as error:
        raise KeyMissing(f"{path} cannot be read ({error.strerror}); run as the user it belongs to") from error
