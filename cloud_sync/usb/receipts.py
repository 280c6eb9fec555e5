"""What the cloud has confirmed of a stick's records, carried back to the kiosk: without it a kiosk without a network would
never know, keep everything, and be full one day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from cloud_sync.usb.errors import BundleDamaged, UsbError, stick_faults
from cloud_sync.usb.signed import read_table
from cloud_sync.usb.writing import write_whole
from device.store.errors import UnknownRecord, WrongHash
from device.store.outbox import Outbox

MAGIC = b"FLRCP\0\0\1"
SUFFIX = ".flreceipt"


@dataclass
class Receipts:
    """What became of the receipts on a stick."""

    acknowledged: int = 0
    problems: list[str] = field(default_factory=list)
    """One sentence for each receipt that could not be used, and each record in one."""


def write_receipt(bundle: Path, site: str, kiosk: str, confirmed: Mapping[str, str], key: Ed25519PrivateKey) -> Path:
    """Write the hashes that the cloud confirmed, by record, beside ``bundle``. Raises `StickUnusable`."""
    path = bundle.with_suffix(SUFFIX)
    write_whole(path, MAGIC, {"site": site, "kiosk": kiosk, "confirmed": dict(confirmed)}, key)
    return path


def apply_receipts(stick: Path, outbox: Outbox, site: str, kiosk: str, trusted: Mapping[str, Ed25519PublicKey]) -> Receipts:
    """Acknowledge what the receipts in the folder ``stick`` confirm to this kiosk, and remove each with its bundle.

    Those of other kiosks are left alone. Raises `StickUnusable` and `StoreError`.
    """
    found = Receipts()
    with stick_faults(stick):
        paths = sorted(stick.glob(f"*{SUFFIX}"))
    for path in paths:
        try:
            confirmed = _confirmed(path, site, kiosk, trusted)
        except UsbError as error:
            found.problems.append(str(error))
            continue
        if confirmed is not None:
            _acknowledge(confirmed, outbox, found)
            with stick_faults(path):
                path.with_suffix(".flusb").unlink(missing_ok=True)
                path.unlink(missing_ok=True)
    return found


def _confirmed(path: Path, site: str, kiosk: str, trusted: Mapping[str, Ed25519PublicKey]) -> dict[str, str] | None:
    table, _ = read_table(path, MAGIC, trusted)
    confirmed: Any = table.get("confirmed")
    if not isinstance(confirmed, dict) or not all(isinstance(text, str) for pair in confirmed.items() for text in pair):
        raise BundleDamaged(f"the table of {path.name} lacks something, though it is signed: report it")
    return confirmed if (table.get("site"), table.get("kiosk")) == (site, kiosk) else None


def _acknowledge(confirmed: Mapping[str, str], outbox: Outbox, found: Receipts) -> None:
    for record_id, sha256 in confirmed.items():
        try:
            outbox.acknowledge(record_id, sha256)
            found.acknowledged += 1
        except (UnknownRecord, WrongHash) as error:
            found.problems.append(str(error))
