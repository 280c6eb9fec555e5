"""The thermal camera as the kiosk watches it: always running, re-opened after a fault, with a memory of the last frames."""

from __future__ import annotations

from collections import deque

from device.process.logs import Log
from device.visit.backoff import Backoff
from device.visit.gates import Warmth
from device.visit.reasons import Reason
from device.visit.table import Event
from drivers.clock import Clock
from drivers.errors import BusForbidden, BusMissing, DeviceMissing, DriverError, DriverNotInstalled, NotAcknowledged
from drivers.protocols import ThermalCamera, ThermalFrame

LOG = Log(__name__)
LOST_AFTER_S = 2.0
"""Without one good frame after a fault: re-opening takes 0.1 s, the first frame then comes within 0.4 s."""
RECENT_S = 1.0
_ABSENT = (BusForbidden, BusMissing, DeviceMissing, DriverNotInstalled, NotAcknowledged)


class SensorWatch:
    """Polls one camera and heals it. Called from one thread, as often as possible."""

    def __init__(self, camera: ThermalCamera, clock: Clock) -> None:
        self.camera = camera
        self.warmth = Warmth()
        self.fault: DriverError | None = None
        """What is wrong now; ``None`` as long as good frames come."""
        self.lost = False
        self.last_good_s: float | None = None
        self._clock = clock
        self._recent: deque[ThermalFrame] = deque(maxlen=2)
        self._faulty_since_s = 0.0
        self._backoff = Backoff()
        self._closed = False

    @property
    def reason(self) -> Reason:
        """What to say about `fault`."""
        return Reason.SENSOR_MISSING if isinstance(self.fault, _ABSENT) else Reason.SENSOR_FAULTY

    def recent(self) -> tuple[ThermalFrame, ...]:
        """Return up to two frames of the last second, oldest first, none from before a fault."""
        oldest_s = self._clock.monotonic() - RECENT_S
        return tuple(frame for frame in self._recent if frame.finished_s >= oldest_s)

    def poll(self) -> tuple[ThermalFrame | None, Event | None]:
        """Return a new frame if there is one, and what happened to the sensor if anything did."""
        try:
            if self._closed and not self._reopened():
                return None, self._judge()
            frame = self.camera.poll()
        except DriverError as error:
            self._failed(error)
            return None, self._judge() or Event.SENSOR_RESET
        if frame is None:
            return None, self._judge()
        self._good(frame)
        return frame, None

    def _reopened(self) -> bool:
        """Try to open the camera again if it is time to. Raises `DriverError`."""
        if not self._backoff.due(self._clock.monotonic()):
            return False
        self.camera.reopen()
        self._closed = False
        return True

    def _failed(self, error: DriverError) -> None:
        now_s = self._clock.monotonic()
        if self.fault is None:
            self._faulty_since_s = now_s
        if type(error) is not type(self.fault):
            LOG.warning("thermal sensor fails", fault=type(error).__name__, detail=str(error))
        self.fault, self._closed = error, True
        self._recent.clear()
        self.warmth.restart()
        self._backoff.failed(now_s)

    def _judge(self) -> Event | None:
        """Say once that the sensor is lost."""
        if self.fault is None or self.lost or self._clock.monotonic() - self._faulty_since_s < LOST_AFTER_S:
            return None
        self.lost = True
        LOG.error("thermal sensor lost", fault=type(self.fault).__name__, detail=str(self.fault))
        return Event.SENSOR_LOST

    def _good(self, frame: ThermalFrame) -> None:
        if self.fault is not None:
            LOG.info("thermal sensor works again")
        self.fault, self.lost = None, False
        self.last_good_s = frame.finished_s
        self._backoff.worked()
        self._recent.append(frame)
        self.warmth.add(frame)
