"""A signed file: any number of bytes, then a JSON table, its signature, and where to find both.

    magic (8) | bytes that the table describes | table (JSON, UTF-8)
    | Ed25519 signature (64) | key id (16) | length of the table (8) | magic (8)

The signature covers magic and table; the table holds the SHA-256 of whatever stands before it. A file that was cut short has
no magic at its end; nothing in it is believed before the signature was checked.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from cloud_sync.usb.errors import BundleDamaged, BundleTooNew, SignerUnknown, stick_faults
from cloud_sync.usb.keys import ID_LENGTH, key_id

SCHEMA = 1
LARGEST_TABLE = 64 << 20
_SIGNATURE = 64
_LENGTH = struct.Struct(">Q")
_TAIL = _SIGNATURE + ID_LENGTH + _LENGTH.size + 8


def write_table(file: BinaryIO, magic: bytes, table: Mapping[str, Any], key: Ed25519PrivateKey) -> None:
    """Finish ``file`` with the signed ``table``. Raises `OSError`."""
    content = json.dumps({"schema": SCHEMA, **table}, ensure_ascii=False, allow_nan=False).encode()
    file.write(content)
    file.write(key.sign(magic + content))
    file.write(key_id(key.public_key()).encode())
    file.write(_LENGTH.pack(len(content)))
    file.write(magic)


def read_table(path: Path, magic: bytes, trusted: Mapping[str, Ed25519PublicKey]) -> tuple[dict[str, Any], str]:
    """Return the table of the file at ``path``, and the id of the key in ``trusted`` that it is signed with.

    Raises `BundleDamaged`, `SignerUnknown`, `BundleTooNew` and `StickUnusable`.
    """
    content, signature, signer = _tail(path, magic)
    if signer not in trusted:
        raise SignerUnknown(
            f"{path.name} is signed with key {signer}, which is not trusted here: compare it with what the kiosk prints "
            "(`firstlight sync --usb-key`), then add it to the trusted keys"
        )
    try:
        trusted[signer].verify(signature, magic + content)
    except InvalidSignature as error:
        raise BundleDamaged(f"the signature of {path.name} does not belong to it: damaged or changed; do not use it") from error
    return _parsed(path, content), signer


def _tail(path: Path, magic: bytes) -> tuple[bytes, bytes, str]:
    cut = BundleDamaged(f"{path.name} is cut short, or is no file of Firstlight: write it anew")
    with stick_faults(path), path.open("rb") as file:
        if file.read(len(magic)) != magic:
            raise cut
        size = file.seek(0, os.SEEK_END)
        if size < len(magic) + _TAIL:
            raise cut
        file.seek(size - _TAIL)
        tail = file.read(_TAIL)
        (length,) = _LENGTH.unpack(tail[_SIGNATURE + ID_LENGTH : -len(magic)])
        if tail[-len(magic) :] != magic or length > min(LARGEST_TABLE, size - len(magic) - _TAIL):
            raise cut
        file.seek(size - _TAIL - length)
        content = file.read(length)
    return content, tail[:_SIGNATURE], tail[_SIGNATURE : _SIGNATURE + ID_LENGTH].decode("ascii", "replace")


def _parsed(path: Path, content: bytes) -> dict[str, Any]:
    try:
        table = json.loads(content)
        schema = table["schema"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BundleDamaged(f"the table of {path.name} is no table, though it is signed: report it") from error
    if schema != SCHEMA:
        raise BundleTooNew(f"{path.name} has layout {schema!r}, this Firstlight knows {SCHEMA}: update Firstlight")
    return dict(table)
