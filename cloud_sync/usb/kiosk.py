"""The kiosk's end of a stick: take the receipts that lie on it, then write what still waits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cloud_sync.usb.errors import stick_faults
from cloud_sync.usb.keys import key_id, kiosk_key, trusted_keys
from cloud_sync.usb.receipts import Receipts, apply_receipts
from cloud_sync.usb.writing import Written, write_bundles
from device.process.moment import Timekeeper
from device.store.outbox import Outbox
from device.store.waiting import waiting_records

TRUSTED = Path("/etc/firstlight/usb-keys")
"""Public keys of those whose receipts a kiosk believes."""


@dataclass(frozen=True)
class Exchanged:
    receipts: Receipts
    written: tuple[Written, ...]
    key_id: str
    """Of the kiosk's key; who imports compares it once."""


def exchange(
    data_dir: Path, stick: Path, site: str, kiosk: str, timekeeper: Timekeeper, *, trusted: Path = TRUSTED
) -> Exchanged:
    """Acknowledge what receipts on ``stick`` confirm, then write all that waits to new bundles there.

    Raises `UsbError` and `StoreError`; whatever happens, a record that no receipt confirms stays in the store.
    """
    key = kiosk_key(data_dir)
    with stick_faults(stick):
        if not stick.is_dir():
            raise FileNotFoundError(2, "No such folder", str(stick))
    with Outbox.open(data_dir, timekeeper) as outbox:
        receipts = apply_receipts(stick, outbox, site, kiosk, trusted_keys(trusted))
    written = write_bundles(waiting_records(data_dir), stick, site, kiosk, key)
    return Exchanged(receipts, tuple(written), key_id(key.public_key()))
