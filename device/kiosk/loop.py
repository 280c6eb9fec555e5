"""The one loop, in one thread, that owns hardware, visit and store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from device.process.config import Config
from device.process.moment import Timekeeper
from device.process.notify import Notifier
from device.screen.view import Screen
from device.visit.archive import Archive
from device.visit.desk import Desk
from device.visit.drift import DriftWatch
from device.visit.given import Given
from device.visit.photo import Photographer
from device.visit.reader import ReaderWatch
from device.visit.reading import Model
from device.visit.sensor import SensorWatch
from device.visit.table import Event, State
from device.visit.touches import event_of
from device.visit.visit import Visit
from drivers.protocols import CardReader, Indicator, ThermalCamera
from models.choice import Chosen
from models.drift import Reference

TURN_S = 0.01
"""How long a turn of the loop lasts at least. A subpage comes every 125 ms, and the reader is polled in each turn."""
_HURRIED = (State.CAPTURE, State.ANALYSE, State.SAVE)
FEED_S = 1.0
"""How often systemd's watchdog is fed at most."""


class Kiosk:
    """Everything between the hardware and the patient."""

    def __init__(
        self,
        config: Config,
        timekeeper: Timekeeper,
        camera: ThermalCamera,
        reader: CardReader,
        indicator: Indicator,
        model: Model | None,
        archive: Archive,
        screen: Screen,
        *,
        site_key: bytes,
        chosen: Sequence[Chosen[Any]] = (),
        reference: Reference | None = None,
        photographer: Photographer | None = None,
        notifier: Notifier | None = None,
    ) -> None:
        """``model``: ``None`` where no bundle could be loaded; pictures are then saved without an assessment.
        ``chosen``: which bundles the model and its gate are of, and why.
        ``reference``: what the model's card says about its training, to notice drift by.
        ``photographer``: ``None`` where no photographs are taken."""
        self.sensor = SensorWatch(camera, timekeeper)
        self.reader = ReaderWatch(reader, timekeeper)
        self.drift = DriftWatch(archive, timekeeper, reference)
        self.chosen = chosen
        self.reference = reference
        desk = Desk(
            config, site_key, timekeeper, screen=screen, indicator=indicator, archive=archive, model=model, reader=self.reader,
            sensor=self.sensor, drift=self.drift, photographer=photographer,
        )  # fmt: skip
        self.visit = Visit(desk)
        self.archive = archive
        self.photographer = photographer
        self._desk = desk
        self._time = timekeeper
        self._notifier = notifier
        self._fed_s = float("-inf")
        self._owned = (camera, reader, indicator, photographer, archive, screen)

    def step(self) -> None:
        """Look at everything once; takes at most the time of one subpage on the bus, or of one action."""
        sighting = self.reader.poll()
        if sighting is not None:
            self.visit.handle(sighting.event, Given(card=sighting.card, reason=sighting.reason))
        frame, event = self.sensor.poll()
        if event is not None:
            self.visit.handle(event)
        if frame is not None:
            self.visit.handle(Event.FRAME, Given(frame=frame))
            self._feed(frame.finished_s)
        for said in self._desk.screen.heard():
            meant = event_of(said, self._desk.shown)
            if meant is not None:
                self.visit.handle(*meant)
        self.visit.turn()
        if self.has_time:
            self.drift.turn()

    def run(self, stop: Callable[[], bool]) -> None:
        """Turn until ``stop`` says so. Raises `ScreenStopped` when nobody can see the pages any more."""
        while not stop():
            self.turn()

    def turn(self) -> None:
        """One step, and what is left of the turn as a pause."""
        began_s = self._time.monotonic()
        self.step()
        if not self.visit.working:
            self._time.sleep(TURN_S - (self._time.monotonic() - began_s))

    @property
    def has_model(self) -> bool:
        return self._desk.model is not None

    @property
    def resting(self) -> bool:
        return self.visit.state is State.IDLE

    @property
    def has_time(self) -> bool:
        """Whether some milliseconds matter to nobody: not while a picture is taken and kept."""
        return self.visit.state not in _HURRIED

    def close(self) -> None:
        """Close everything that was passed in."""
        for part in self._owned:
            if part is not None:
                part.close()

    def _feed(self, now_s: float) -> None:
        """A good frame is the work that the watchdog is fed by."""
        if self._notifier is not None and now_s - self._fed_s >= FEED_S:
            self._fed_s = now_s
            self._notifier.watchdog()
