"""Who has made a bundle: an Ed25519 signature (RFC 8032) over its ``SHA256SUMS``, and so over every file in it.

``SHA256SUMS.sig`` is text, one line for each signature: the id of the key and the signature in base64. The keys that a device
trusts are the files ``*.pub`` (PEM) in one folder; a key's id is the beginning of the SHA-256 of its 32 raw bytes. Whoever may
write into that folder, or into the installed package, decides what runs here anyway.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from models.bundle import SIGNATURE, Bundle
from models.errors import BadSigningKey, KeyUnknown, SignatureInvalid, SignatureMissing

ID_LENGTH = 16
"""Hexadecimal digits, 64 bits: enough to find a key, and nothing rests on it."""
MOST_SIGNATURES = 8
_LINE = re.compile(rf"([0-9a-f]{{{ID_LENGTH}}}) ([A-Za-z0-9+/]{{86}}==)")


def key_id(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:ID_LENGTH]


def verify_signature(bundle: Bundle, keys: Path) -> str:
    """Return the id of the key in the folder ``keys`` that has signed ``bundle``.

    Raises `SignatureMissing`, `SignatureInvalid` (one that a known key has not made, or no signature at all), `KeyUnknown`, or
    `BadSigningKey` for a file in ``keys`` that is no key.
    """
    if bundle.signature is None:
        raise SignatureMissing(
            f"{bundle.path} has no {SIGNATURE}: nobody answers for it. Ask its maker for a signed one, "
            "or sign it with `firstlight models sign`"
        )
    known, signatures = trusted_keys(keys), _parse(bundle.signature, bundle.path / SIGNATURE)
    for name, signature in signatures.items():
        if name in known:
            try:
                known[name].verify(signature, bundle.sums)
            except InvalidSignature as error:
                raise SignatureInvalid(
                    f"the signature of key {name} does not belong to {bundle.path}: damaged or changed; do not use it"
                ) from error
            return name
    raise KeyUnknown(
        f"{bundle.path} is signed with key {', '.join(signatures)}, which {keys} does not hold; "
        "if you trust its maker, put their public key there (NAME.pub)"
    )


def trusted_keys(folder: Path) -> dict[str, Ed25519PublicKey]:
    """Return the public keys in ``folder`` by their ids; none where it is not there. Raises `BadSigningKey`."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".pub") if folder.exists() else []
    except OSError as error:
        raise BadSigningKey(f"the keys in {folder} cannot be read ({error.strerror}); check its permissions") from error
    keys = [_load_public(path) for path in paths]
    return {key_id(key): key for key in keys}


def sign(bundle: Bundle, key_file: Path) -> tuple[str, bytes]:
    """Return the id of the private key in ``key_file``, and the ``SHA256SUMS.sig`` with its signature and those of others.

    Raises `BadSigningKey`, or `SignatureInvalid` where what is there already is no signature.
    """
    key = _load_private(key_file)
    name = key_id(key.public_key())
    lines = {} if bundle.signature is None else _parse(bundle.signature, bundle.path / SIGNATURE)
    lines[name] = key.sign(bundle.sums)
    text = "".join(f"{signer} {base64.b64encode(signature).decode()}\n" for signer, signature in lines.items())
    return name, text.encode()


def new_key(private: Path) -> tuple[str, Path]:
    """Make a pair of keys: ``private`` (0600) and, beside it, the one ending in ``.pub``; return the id and the latter's path.

    Raises `BadSigningKey` where one of them is there already, or cannot be written.
    """
    public = private.with_suffix(".pub")
    if public == private:
        raise BadSigningKey(f"{private} would be the public key's name; choose one that does not end in .pub")
    key = Ed25519PrivateKey.generate()
    _create(private, _private_pem(key), 0o600)
    try:
        _create(public, public_pem(key.public_key()), 0o644)
    except BadSigningKey:
        private.unlink()
        raise
    return key_id(key.public_key()), public


def public_pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _private_pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _parse(content: bytes, where: Path) -> dict[str, bytes]:
    lines = content.decode("ascii", errors="replace").splitlines()
    found: dict[str, bytes] = {}
    for line in lines[:MOST_SIGNATURES]:
        match = _LINE.fullmatch(line)
        with suppress(binascii.Error):
            if match is not None:
                found[match[1]] = base64.b64decode(match[2], validate=True)
                continue
        raise SignatureInvalid(f"{where} is no signature file; ask the bundle's maker for it again")
    if not found or len(lines) > MOST_SIGNATURES:
        raise SignatureInvalid(f"{where} must hold 1 to {MOST_SIGNATURES} signatures; ask the bundle's maker for it again")
    return found


def _load_public(path: Path) -> Ed25519PublicKey:
    content = _read(path)
    with suppress(ValueError):
        key = serialization.load_pem_public_key(content)
        if isinstance(key, Ed25519PublicKey):
            return key
    raise BadSigningKey(f"{path} is no Ed25519 public key in PEM; remove it, or make a pair with `firstlight models new-key`")


def _load_private(path: Path) -> Ed25519PrivateKey:
    content = _read(path)
    with suppress(ValueError, TypeError):  # TypeError: it wants a passphrase
        key = serialization.load_pem_private_key(content, password=None)
        if isinstance(key, Ed25519PrivateKey):
            return key
    raise BadSigningKey(f"{path} is no Ed25519 private key without a passphrase; make one with `firstlight models new-key`")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadSigningKey(f"{path} cannot be read ({error.strerror}); check path and permissions") from error


def _create(path: Path, content: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
    except FileExistsError as error:
        raise BadSigningKey(f"{path} is there already and is not replaced; choose another name") from error
    except OSError as error:
        raise BadSigningKey(f"{path} cannot be written ({error.strerror}); choose another place") from error
