"""Who a card points to, and how often its PIN was entered wrongly."""

from __future__ import annotations

from dataclasses import dataclass, field

from device.process.moment import Moment


@dataclass(frozen=True)
class Patient:
    """A patient as the kiosk knows them: a reference. The name stays at the hospital."""

    ref: str
    card_ref: str = field(repr=False)
    """HMAC of the card under the site key, never a UID."""
    pin_hash: str | None = field(repr=False)
    """Argon2id in PHC format; ``None`` where the patient chose no PIN."""
    confirmed: bool
    """The clinic has confirmed who holds the card."""
    registered: Moment
    consent_version: str


@dataclass(frozen=True)
class PinFailures:
    """Wrong PINs since the last right one. It outlives a power cut, so pulling the plug wins no further try."""

    count: int
    last: Moment | None
    """When the last one was; of another boot id, the time since then is unknown."""
