"""The last actions of a visit: a result, or a sentence that says why there is none, and the way back to rest."""

from __future__ import annotations

from device.screen.view import Page, View
from device.visit import pages
from device.visit.desk import Desk
from device.visit.given import Given
from device.visit.reasons import Reason
from device.visit.session import Session
from device.visit.table import Event
from drivers.protocols import Signal


class Ending:
    """Each public method is the action of its name in `device.visit.table`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # -- with a result

    def show_result(self, given: Given) -> Event | None:
        self._desk.signal(Signal.DONE)
        return self.count_result(given)

    def count_result(self, given: Given) -> Event | None:
        record = self._desk.session.record
        if record is None or not self._desk.session.saved:
            raise ValueError("nothing is shown that is not saved")
        self._desk.show(pages.result(record.document["result"], self._desk.timer.left_s))
        return None

    # -- without

    def cancel_removed(self, given: Given) -> Event | None:
        return self._end(Reason.CARD_REMOVED)

    def cancel_away(self, given: Given) -> Event | None:
        return self._end(Reason.PIN_LOCKED if self._desk.session.paused else Reason.WENT_AWAY)

    def cancel_declined(self, given: Given) -> Event | None:
        return self._end(Reason.DECLINED)

    def fail_position(self, given: Given) -> Event | None:
        """Say what was still wrong when the time was over."""
        if not self._desk.sensor.recent():
            return self._end(Reason.SENSOR_FAULTY)
        instruction = self._desk.session.instruction
        return self._end(Reason.TOO_MUCH_MOTION if instruction is Reason.HOLD_STILL else instruction)

    def fail_capture(self, given: Given) -> Event | None:
        capture = self._desk.session.capture
        moved = capture is not None and capture.rejected > capture.frames
        return self._end(Reason.TOO_MUCH_MOTION if moved else Reason.TOO_NOISY)

    def fail_sensor(self, given: Given) -> Event | None:
        return self._end(self._desk.sensor.reason)

    def fail_reader(self, given: Given) -> Event | None:
        return self._end(Reason.READER_MISSING)

    def fail_internal(self, given: Given) -> Event | None:
        self._desk.session.lost = self._desk.session.captured is not None and not self._desk.session.saved
        return self._end(Reason.INTERNAL)

    def apologise(self, given: Given) -> Event | None:
        """Say what the action before has found."""
        return self._end(self._desk.session.reason or Reason.INTERNAL)

    def _end(self, reason: Reason) -> Event | None:
        self._desk.session.reason = reason
        self._desk.apologise(reason)
        return None

    # -- and after

    def try_again(self, given: Given) -> Event | None:
        """Look for the body again; the patient is known and has agreed."""
        if self._desk.session.patient is None:
            raise ValueError("nobody is known who could try again")
        self._desk.session.start_over()
        return Event.POSITION_LOST

    def rest(self, given: Given) -> Event | None:
        """Show how the kiosk is, and nothing of anybody."""
        self._desk.show_rest()
        return None

    def wipe(self, given: Given) -> Event | None:
        self._desk.session = Session()
        self._desk.show(View(Page.REST))
        self._desk.signal(Signal.READY)
        return self.rest(given)
