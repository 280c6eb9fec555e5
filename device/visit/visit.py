"""One visit after the other: carries out what the table says, and lets time act."""

from __future__ import annotations

from collections.abc import Callable

from device.process.logs import Log
from device.store.errors import StoreError
from device.visit.archive import reason_of
from device.visit.arrival import Arrival
from device.visit.desk import Desk
from device.visit.ending import Ending
from device.visit.examination import Examination
from device.visit.given import NOTHING, Given
from device.visit.reasons import Reason
from device.visit.session import Session
from device.visit.table import TRANSITIONS, Action, Event, State

LOG = Log(__name__)
WORK_S = 10.0
"""Analysing and saving take some 50 ms; this ends what waits in vain."""
_NO_FALLBACK = (Action.APOLOGISE, Action.WIPE, Action.REST)


class Visit:
    """The state of the patient's journey. Called from one thread."""

    def __init__(self, desk: Desk) -> None:
        self.state = State.IDLE
        self._desk = desk
        self._second_s = desk.time.monotonic()
        rooms = (Arrival(desk), Examination(desk), Ending(desk))
        self._actions: dict[Action, Callable[[Given], Event | None]] = {
            action: _method(rooms, action) for action in Action if action is not Action.IGNORE
        }
        self._durations_s = _durations_s(desk)
        self._perform(Action.WIPE, NOTHING, lost=False)

    @property
    def session(self) -> Session:
        return self._desk.session

    @property
    def working(self) -> bool:
        """The next turn should come at once."""
        return self.state in (State.ANALYSE, State.SAVE)

    def handle(self, event: Event, given: Given = NOTHING) -> None:
        """Carry out what the table says about ``event`` now, and about every event that follows from it."""
        follows: Event | None = event
        while follows is not None:
            action, next_state = TRANSITIONS[self.state, follows]
            lost = self.working
            if next_state is not self.state:
                LOG.info("visit", state=next_state, before=self.state, event=follows)
                self.state = next_state
                self._desk.timer.start(self._durations_s[next_state])
            if action is Action.IGNORE:
                return
            follows = self._perform(action, given, lost=lost)

    def turn(self) -> None:
        """Let time act: to be called in each turn of the loop."""
        if self._desk.timer.expired:
            self._desk.timer.start(None)
            self.handle(Event.TIMEOUT)
        now_s = self._desk.time.monotonic()
        if now_s - self._second_s >= 1.0:
            self._second_s = now_s
            self.handle(Event.SECOND)
        self.handle(Event.STEP)

    def _perform(self, action: Action, given: Given, *, lost: bool) -> Event | None:
        """Do it. Whatever goes wrong ends the visit, not the kiosk. ``lost``: a finished capture would be lost with it."""
        try:
            return self._actions[action](given)
        except StoreError as error:
            LOG.error("store failed during a visit", fault=type(error).__name__, detail=str(error))
            reason = reason_of(error)
        except Exception:
            if action in _NO_FALLBACK:
                raise
            LOG.exception("action failed", action=action)
            reason = Reason.INTERNAL
        self.session.reason = reason
        self.session.lost = lost and not self.session.saved
        return Event.FAULT


def _method(rooms: tuple[object, ...], action: Action) -> Callable[[Given], Event | None]:
    """Return the one method of ``rooms`` that is called like ``action``."""
    (found,) = (getattr(room, action.value) for room in rooms if hasattr(room, action.value))
    method: Callable[[Given], Event | None] = found
    return method


def _durations_s(desk: Desk) -> dict[State, float | None]:
    """How long each state may last; `None` is for ever."""
    capture, visit = desk.config.capture, desk.config.visit
    return {
        State.IDLE: None,
        State.IDENTIFY: visit.page_timeout_s,
        State.CONSENT: visit.page_timeout_s,
        State.PREPARE: capture.prepare_s,
        State.POSITION: capture.position_timeout_s,
        State.CAPTURE: capture.longest_s,
        State.ANALYSE: WORK_S,
        State.SAVE: WORK_S,
        State.RESULT: visit.result_shown_s,
        State.CANCELLED: visit.result_shown_s,
        State.FAILED: visit.result_shown_s,
    }
