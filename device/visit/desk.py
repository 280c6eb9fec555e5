"""What every action of a visit works with: the parts of the kiosk, the session, and the time that a page still has."""

from __future__ import annotations

from device.process.config import Config
from device.process.logs import Log
from device.process.moment import Timekeeper
from device.screen.view import Screen, View
from device.visit import pages
from device.visit.archive import Archive
from device.visit.drift import DriftWatch
from device.visit.photo import Photographer
from device.visit.reader import ReaderWatch
from device.visit.reading import Model
from device.visit.reasons import Reason
from device.visit.sensor import SensorWatch
from device.visit.session import Session
from drivers.errors import DriverError
from drivers.protocols import Indicator, Signal

LOG = Log(__name__)
RETRY = frozenset(
    {
        *(Reason.NOBODY_THERE, Reason.COME_CLOSER, Reason.STEP_BACK, Reason.MOVE_LEFT, Reason.MOVE_RIGHT),
        *(Reason.TOO_MUCH_MOTION, Reason.TOO_NOISY, Reason.SENSOR_NOT_STABLE),
    }
)
"""After these the patient, who is still known, may try again."""
LOOK_S = 10.0
"""How often the alarms are read while the kiosk rests."""


class Timer:
    """How long the present state or page may last."""

    def __init__(self, time: Timekeeper) -> None:
        self._time = time
        self._end_s: float | None = None

    def start(self, seconds: float | None) -> None:
        """Run for ``seconds`` from now; ``None`` stops it."""
        self._end_s = None if seconds is None else self._time.monotonic() + seconds

    @property
    def left_s(self) -> float:
        """Seconds left; 0 where it does not run."""
        return 0.0 if self._end_s is None else max(0.0, self._end_s - self._time.monotonic())

    @property
    def expired(self) -> bool:
        return self._end_s is not None and self._time.monotonic() >= self._end_s


class Desk:
    """Everything around one visit."""

    def __init__(
        self,
        config: Config,
        site_key: bytes,
        time: Timekeeper,
        *,
        screen: Screen,
        indicator: Indicator,
        archive: Archive,
        model: Model | None,
        reader: ReaderWatch,
        sensor: SensorWatch,
        drift: DriftWatch,
        photographer: Photographer | None = None,
    ) -> None:
        """``photographer``: ``None`` where this kiosk takes no photographs."""
        self.config = config
        self.site_key = site_key
        self.time = time
        self.screen = screen
        self.archive = archive
        self.model = model
        self.reader = reader
        self.sensor = sensor
        self.drift = drift
        self.photographer = photographer
        self.session = Session()
        self.timer = Timer(time)
        self.shown: View | None = None
        """What the screen shows now."""
        self._indicator = indicator
        self._alarmed = False
        self._look_s = time.monotonic()

    def show(self, view: View) -> None:
        """Show ``view``, unless it is there already."""
        if view != self.shown:
            self.screen.show(view)
            self.shown = view

    def signal(self, signal: Signal) -> None:
        """Light and sound. Without them the kiosk still works, so a fault is noted and no more."""
        try:
            self._indicator.show(signal)
        except DriverError as error:
            LOG.warning("indicator fails", fault=type(error).__name__, detail=str(error))

    def refusal(self) -> Reason | None:
        """Return why no visit can begin now, ``None`` where one can."""
        if self.reader.lost:
            return Reason.READER_MISSING
        return self.sensor.reason if self.sensor.lost else self.archive.refusal()

    def show_rest(self) -> None:
        """Show how the kiosk is. A card that still lies there from the last visit does not begin another one."""
        if self.time.monotonic() >= self._look_s:
            self._look_s = self.time.monotonic() + LOOK_S
            self._alarmed = self.archive.alarmed()
        refusal = self.refusal()
        notice = refusal or (Reason.TAKE_YOUR_CARD if self.reader.presence.occupied else None)
        self.show(pages.rest(notice=notice, accepting=refusal is None, health=self._health(refusal)))

    def _health(self, refusal: Reason | None) -> str:
        if refusal:
            return "fault"
        photo_fault = self.photographer.fault if self.photographer else None
        worrying = self._alarmed or self.model is None or self.sensor.fault or photo_fault
        return "warning" if worrying else "ok"

    def apologise(self, reason: Reason) -> None:
        """Show that the visit has ended without a result, and why."""
        again = reason in RETRY and self.session.patient is not None and self.reader.presence.occupied
        self.signal(Signal.ATTENTION)
        self.show(pages.sorry(reason, self.timer.left_s, lost=self.session.lost, retry=again))
