"""What is known about the visit that is going on. It is dropped as a whole when the kiosk goes back to rest."""

from __future__ import annotations

from dataclasses import dataclass, field

from device.store.patients import Patient
from device.store.records import NewRecord
from device.visit.capture import Capture, Captured
from device.visit.consent import Consent
from device.visit.photo import Photograph
from device.visit.reasons import Reason
from models.prediction import Prediction


@dataclass
class Session:
    """One visit, from tap to wipe. Nothing of the patient is in its `repr`."""

    card_ref: str = field(default="", repr=False)
    tapped_s: float = 0.0
    """Monotonic time by which the card lay there: an upper bound, the poll before had not seen it."""
    acknowledged_s: float = 0.0
    patient: Patient | None = field(default=None, repr=False)
    consent: Consent | None = field(default=None, repr=False)
    registered_now: bool = False
    paused: bool = False
    """PINs are not taken at the moment, because too many were wrong."""
    prepare_skipped: bool = False
    attempts: int = 0
    """How often the patient has been asked to position."""
    instruction: Reason = Reason.STAND_HERE
    capture: Capture | None = field(default=None, repr=False)
    captured: Captured | None = field(default=None, repr=False)
    photograph: Photograph | None = field(default=None, repr=False)
    prediction: Prediction | None = field(default=None, repr=False)
    record: NewRecord | None = field(default=None, repr=False)
    saved: bool = False
    saved_s: float = 0.0
    reason: Reason | None = None
    """Why the visit ended, if it did not end with a result."""
    lost: bool = False
    """A complete capture could not be saved."""

    def start_over(self) -> None:
        """Forget what was measured; the patient stays known."""
        self.capture = self.captured = self.photograph = self.prediction = self.record = self.reason = None
        self.saved = self.lost = False
        self.attempts = 0
        self.instruction = Reason.STAND_HERE
