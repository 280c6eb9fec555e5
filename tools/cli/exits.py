"""Exit codes of ``firstlight``, and the fault that leads to each."""

from __future__ import annotations

from typing import NamedTuple

EXIT_CODES = {
    0: "done",
    1: "a fault of the program itself (please report it)",
    2: "wrong usage or configuration",
    3: "hardware is missing or broken",
    4: "the visit ended without a record (a gate, or the patient)",
    5: "the store is full, unreadable or of another version",
    6: "a model bundle is missing, damaged or incomplete",
    7: "the cloud did not confirm everything",
    8: "a key is missing",
    9: "another program holds the port",
    10: "records were laid aside, because the cloud refuses them",
    11: "the cloud does not answer, and cannot be made to let go",
}


class Explanation(NamedTuple):
    """What to print, and with which code to leave."""

    code: int
    message: str


def explain(error: Exception) -> Explanation | None:
    """Return how to end for a fault that is known, ``None`` for one that is a bug."""
    from cloud_sync.remote import RemoteError
    from device.process.config import ConfigError
    from device.process.ports import PortTaken
    from device.store.errors import KeyMissing, StoreError
    from device.visit.errors import VisitError
    from drivers.errors import DriverError
    from models.errors import ModelError

    codes: list[tuple[type[Exception], int]] = [
        (ConfigError, 2),
        (PortTaken, 9),
        (KeyMissing, 8),
        (StoreError, 5),
        (VisitError, 4),
        (DriverError, 3),
        (ModelError, 6),
        (RemoteError, 7),
    ]
    for kind, code in codes:
        if isinstance(error, kind):
            return Explanation(code, str(error))
    return None
