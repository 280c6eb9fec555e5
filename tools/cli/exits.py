"""Exit codes of ``firstlight``, and the fault that leads to each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from device.visit.reasons import Reason

EXIT_CODES = {
    0: "done",
    1: "a fault of the program itself (please report it)",
    2: "wrong usage or configuration",
    3: "hardware, or the scene that stands in for it, is missing or broken",
    4: "the visit ended without a record (a gate, or the patient)",
    5: "the store is full, unreadable or of another version",
    6: "a model bundle is missing, damaged, incomplete, not trusted, or failed its trial",
    7: "the cloud did not confirm everything",
    8: "a key is missing, or is no key",
    9: "another program holds the port, or another kiosk the data directory",
    10: "records were laid aside, because the cloud refuses them",
    11: "the cloud does not answer, and cannot be made to let go",
    12: "the output cannot be written",
    13: "a remade figure differs from the model's card",
    14: "a USB stick, or a bundle on it, cannot be used",
    15: "the Firebase project, its service account or the extra 'cloud' is missing, or not taken",
    16: "the cloud has no such site, kiosk, person or patient, or has one that would be replaced",
}
OUTPUT_FAILED = 12


class Explanation(NamedTuple):
    """What to print, and with which code to leave."""

    code: int
    message: str


def explain(error: Exception) -> Explanation | None:
    """Return how to end for a fault that is known, ``None`` for one that is a bug."""
    from cloud_sync.firebase.admin import errors as admin
    from cloud_sync.remote import RemoteError
    from cloud_sync.usb.errors import BadUsbKey, UsbError
    from device.process.config import ConfigError
    from device.process.ports import PortRefused, PortTaken
    from device.store.errors import BadKey, KeyMissing, StoreError
    from device.visit.errors import VisitError, VisitNotFinished
    from drivers.errors import DriverError
    from models.errors import BadSigningKey, ModelError

    if isinstance(error, VisitNotFinished):
        return Explanation(_code_of(error.reason), str(error))
    codes: list[tuple[type[Exception], int]] = [
        (ConfigError, 2),
        (PortTaken, 9),
        (PortRefused, 9),
        (KeyMissing, 8),
        (BadKey, 8),
        (StoreError, 5),
        (VisitError, 4),
        (DriverError, 3),
        (BadSigningKey, 8),
        (BadUsbKey, 8),
        (UsbError, 14),
        (ModelError, 6),
        (RemoteError, 7),
        (admin.AccessFault, 15),
        (admin.NotThere, 16),
        (admin.AlreadyThere, 16),
        (admin.BadRequest, 2),
        (admin.OutputFailed, 12),
        (admin.AdminError, 7),
    ]
    for kind, code in codes:
        if isinstance(error, kind):
            return Explanation(code, str(error))
    return None


def _code_of(reason: Reason) -> int:
    """A visit that was ended by a broken part leads to the same code as that part alone."""
    from device.visit.reasons import Reason

    match reason:
        case Reason.DISK_FULL | Reason.STORE_FAULTY:
            return 5
        case Reason.READER_MISSING | Reason.SENSOR_MISSING | Reason.SENSOR_FAULTY:
            return 3
        case Reason.INTERNAL:
            return 1
        case _:
            return 4
