"""The card reader as the kiosk watches it: polled at a steady rate, tried again after a fault."""

from __future__ import annotations

from device.process.logs import Log
from device.visit.backoff import Backoff
from device.visit.presence import Presence, Sighting
from device.visit.table import Event
from drivers.clock import Clock
from drivers.errors import CardError, DriverError
from drivers.protocols import CardReader

LOG = Log(__name__)
PERIOD_S = 0.01
"""At least that between two polls. With 7 ms for one that finds a card, and at worst the 40 ms that a subpage of the sensor
takes on the bus before it, a card is seen within 0.06 s."""
RECENT_S = 0.3
"""Older polls say nothing about when a card came."""
LOST_AFTER_S = 0.5
"""Faults for so long in a row are more than one bad transfer."""


class ReaderWatch:
    """Polls one reader and turns what it finds into events."""

    def __init__(self, reader: CardReader, clock: Clock) -> None:
        self.presence = Presence()
        self.fault: DriverError | None = None
        self.lost = False
        self._reader = reader
        self._clock = clock
        self._began_s: float | None = None
        self._before_s: float | None = None
        self._faulty_since_s = 0.0
        self._backoff = Backoff()

    @property
    def tapped_s(self) -> float:
        """Since when at the latest the card seen last has been lying there: the poll before had begun without it."""
        if self._began_s is None:
            return self._clock.monotonic()
        recent = self._before_s is not None and self._began_s - self._before_s < RECENT_S
        return self._before_s if recent and self._before_s is not None else self._began_s

    def poll(self) -> Sighting | None:
        """Poll if it is time to; return what changed."""
        now_s = self._clock.monotonic()
        if (self._began_s is not None and now_s - self._began_s < PERIOD_S) or not self._backoff.due(now_s):
            return None
        self._before_s, self._began_s = self._began_s, now_s
        try:
            card = self._reader.poll()
        except CardError as error:
            self._works()
            return self.presence.trouble(error, now_s)
        except DriverError as error:
            return self._failed(error)
        self._works()
        return self.presence.found(card, now_s)

    def _failed(self, error: DriverError) -> Sighting | None:
        now_s = self._clock.monotonic()
        if self.fault is None:
            self._faulty_since_s = now_s
            LOG.warning("card reader fails", fault=type(error).__name__, detail=str(error))
        self.fault = error
        self._backoff.failed(now_s)
        if self.lost or now_s - self._faulty_since_s < LOST_AFTER_S:
            return None
        self.lost = True
        LOG.error("card reader lost", fault=type(error).__name__, detail=str(error))
        return Sighting(Event.READER_LOST)

    def _works(self) -> None:
        if self.fault is not None:
            LOG.info("card reader works again")
        self.fault, self.lost = None, False
        self._backoff.worked()
