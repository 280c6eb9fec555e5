"""What comes with an event."""

from __future__ import annotations

from dataclasses import dataclass, field

from device.visit.reasons import Reason
from drivers.protocols import Card, ThermalFrame


@dataclass(frozen=True)
class Given:
    """The card that was placed, the reason why one was refused, what the patient said, or the frame that was measured."""

    card: Card | None = field(default=None, repr=False)
    reason: Reason | None = None
    pin: str = field(default="", repr=False)
    training: bool = False
    frame: ThermalFrame | None = field(default=None, repr=False)


NOTHING = Given()
