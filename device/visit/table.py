"""The patient's whole journey on one page: what happens in each state, and which state comes next.

`TRANSITIONS` has a cell for each state and each event. An action is a method of `arrival`, `examination` or `ending`; it
may find something out, and then returns the event that says so, which is looked up in the next state. `IGNORE` is written
out where an event means nothing, so that a cell can be forgotten by nobody.

Three rules stand behind the cells. Until the capture is complete, a card that is taken away ends the visit and nothing is
kept. After that the record is finished and saved, but shown to nobody. And whatever the state, time leads back to idle.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class State(StrEnum):
    IDLE = "idle"
    IDENTIFY = "identify"
    """A card has been seen; whose is it, and is it the right person?"""
    CONSENT = "consent"
    """Registration: the card is new here."""
    PREPARE = "prepare"
    POSITION = "position"
    CAPTURE = "capture"
    ANALYSE = "analyse"
    SAVE = "save"
    RESULT = "result"
    CANCELLED = "cancelled"
    """Ended by the patient."""
    FAILED = "failed"
    """Ended by something else; the screen says what."""


class Event(StrEnum):
    # the reader
    CARD_PLACED = "card_placed"
    CARD_REFUSED = "card_refused"
    CARD_REMOVED = "card_removed"
    READER_LOST = "reader_lost"
    # the patient
    AGREED = "agreed"
    DECLINED = "declined"
    PIN_GIVEN = "pin_given"
    START_NOW = "start_now"
    RETRY = "retry"
    DONE = "done"
    # the sensor
    FRAME = "frame"
    SENSOR_RESET = "sensor_reset"
    """It failed and was opened again: what was measured before does not join what comes."""
    SENSOR_LOST = "sensor_lost"
    # time
    STEP = "step"
    """Each turn of the loop, for what is done in portions so that the card is watched meanwhile."""
    SECOND = "second"
    TIMEOUT = "timeout"
    """The state has lasted as long as it may."""
    # what actions found out
    CARD_NEW = "card_new"
    CARD_KNOWN = "card_known"
    PIN_NEEDED = "pin_needed"
    REGISTERED = "registered"
    IN_POSITION = "in_position"
    POSITION_LOST = "position_lost"
    CAPTURED = "captured"
    ANALYSED = "analysed"
    SAVED = "saved"
    SAVED_UNSEEN = "saved_unseen"
    """Saved after the card was taken: there is nobody to show it to."""
    FAULT = "fault"
    """The action could not be done; the visit knows the reason."""


class Action(StrEnum):
    """What is done on a transition: each a method with this name in `arrival`, `examination` or `ending`."""

    IGNORE = "ignore"
    REST = "rest"
    BEGIN = "begin"
    REFUSE_CARD = "refuse_card"
    ASK_PIN = "ask_pin"
    COUNT_PIN_PAUSE = "count_pin_pause"
    CHECK_PIN = "check_pin"
    ASK_CONSENT = "ask_consent"
    NOTE_CONSENT = "note_consent"
    REGISTER = "register"
    ASK_PREPARE = "ask_prepare"
    COUNT_PREPARE = "count_prepare"
    SKIP_PREPARE = "skip_prepare"
    ASK_POSITION = "ask_position"
    JUDGE_POSITION = "judge_position"
    FORGET_FRAMES = "forget_frames"
    START_CAPTURE = "start_capture"
    ADD_FRAME = "add_frame"
    CHECK_COMPLETE = "check_complete"
    SHOW_WORKING = "show_working"
    ANALYSE = "analyse"
    SAVE = "save"
    FINISH_UNSEEN = "finish_unseen"
    SHOW_RESULT = "show_result"
    COUNT_RESULT = "count_result"
    TRY_AGAIN = "try_again"
    CANCEL_REMOVED = "cancel_removed"
    CANCEL_AWAY = "cancel_away"
    CANCEL_DECLINED = "cancel_declined"
    FAIL_POSITION = "fail_position"
    FAIL_CAPTURE = "fail_capture"
    FAIL_SENSOR = "fail_sensor"
    FAIL_READER = "fail_reader"
    FAIL_INTERNAL = "fail_internal"
    APOLOGISE = "apologise"
    WIPE = "wipe"


Cell = tuple[Action, State]

S, E, A = State, Event, Action

_LOST: Final[dict[Event, Cell]] = {
    E.SENSOR_LOST: (A.FAIL_SENSOR, S.FAILED),
    E.READER_LOST: (A.FAIL_READER, S.FAILED),
    E.FAULT: (A.APOLOGISE, S.FAILED),
}
"""As long as the capture is not complete, a visit needs its reader and its sensor."""
_LEAVING: Final[dict[Event, Cell]] = {
    E.CARD_REMOVED: (A.CANCEL_REMOVED, S.CANCELLED),
    E.TIMEOUT: (A.CANCEL_AWAY, S.CANCELLED),
}

_JOURNEY: Final[dict[State, dict[Event, Cell]]] = {
    S.IDLE: {
        E.CARD_PLACED: (A.BEGIN, S.IDENTIFY),
        E.CARD_REFUSED: (A.REFUSE_CARD, S.FAILED),
        E.CARD_REMOVED: (A.REST, S.IDLE),
        E.READER_LOST: (A.REST, S.IDLE),
        E.SENSOR_LOST: (A.REST, S.IDLE),
        E.SENSOR_RESET: (A.REST, S.IDLE),
        E.SECOND: (A.REST, S.IDLE),
        E.TIMEOUT: (A.REST, S.IDLE),
        E.FAULT: (A.REST, S.IDLE),
    },
    S.IDENTIFY: {
        **_LOST,
        **_LEAVING,
        E.CARD_NEW: (A.ASK_CONSENT, S.CONSENT),
        E.CARD_KNOWN: (A.ASK_PREPARE, S.PREPARE),
        E.PIN_NEEDED: (A.ASK_PIN, S.IDENTIFY),
        E.PIN_GIVEN: (A.CHECK_PIN, S.IDENTIFY),
        E.SECOND: (A.COUNT_PIN_PAUSE, S.IDENTIFY),
    },
    S.CONSENT: {
        **_LOST,
        **_LEAVING,
        E.AGREED: (A.NOTE_CONSENT, S.CONSENT),
        E.PIN_GIVEN: (A.REGISTER, S.CONSENT),
        E.REGISTERED: (A.ASK_PREPARE, S.PREPARE),
        E.DECLINED: (A.CANCEL_DECLINED, S.CANCELLED),
    },
    S.PREPARE: {
        **_LOST,
        E.CARD_REMOVED: (A.CANCEL_REMOVED, S.CANCELLED),
        E.START_NOW: (A.SKIP_PREPARE, S.POSITION),
        E.SECOND: (A.COUNT_PREPARE, S.PREPARE),
        E.TIMEOUT: (A.ASK_POSITION, S.POSITION),
    },
    S.POSITION: {
        **_LOST,
        E.CARD_REMOVED: (A.CANCEL_REMOVED, S.CANCELLED),
        E.FRAME: (A.JUDGE_POSITION, S.POSITION),
        E.SENSOR_RESET: (A.FORGET_FRAMES, S.POSITION),
        E.POSITION_LOST: (A.ASK_POSITION, S.POSITION),
        E.IN_POSITION: (A.START_CAPTURE, S.CAPTURE),
        E.TIMEOUT: (A.FAIL_POSITION, S.FAILED),
    },
    S.CAPTURE: {
        **_LOST,
        E.CARD_REMOVED: (A.CANCEL_REMOVED, S.CANCELLED),
        E.FRAME: (A.ADD_FRAME, S.CAPTURE),
        E.STEP: (A.CHECK_COMPLETE, S.CAPTURE),
        E.SENSOR_RESET: (A.ASK_POSITION, S.POSITION),
        E.POSITION_LOST: (A.ASK_POSITION, S.POSITION),
        E.CAPTURED: (A.SHOW_WORKING, S.ANALYSE),
        E.TIMEOUT: (A.FAIL_CAPTURE, S.FAILED),
    },
    S.ANALYSE: {
        E.STEP: (A.ANALYSE, S.ANALYSE),
        E.ANALYSED: (A.IGNORE, S.SAVE),
        E.CARD_REMOVED: (A.FINISH_UNSEEN, S.SAVE),
        E.READER_LOST: (A.FINISH_UNSEEN, S.SAVE),
        E.FAULT: (A.APOLOGISE, S.FAILED),
        E.TIMEOUT: (A.FAIL_INTERNAL, S.FAILED),
    },
    S.SAVE: {
        E.STEP: (A.SAVE, S.SAVE),
        E.SAVED: (A.SHOW_RESULT, S.RESULT),
        E.SAVED_UNSEEN: (A.WIPE, S.IDLE),
        E.CARD_REMOVED: (A.FINISH_UNSEEN, S.SAVE),
        E.READER_LOST: (A.FINISH_UNSEEN, S.SAVE),
        E.FAULT: (A.APOLOGISE, S.FAILED),
        E.TIMEOUT: (A.FAIL_INTERNAL, S.FAILED),
    },
    S.RESULT: {
        E.SECOND: (A.COUNT_RESULT, S.RESULT),
        E.RETRY: (A.TRY_AGAIN, S.POSITION),
        E.DONE: (A.WIPE, S.IDLE),
        E.CARD_REMOVED: (A.WIPE, S.IDLE),
        E.READER_LOST: (A.WIPE, S.IDLE),
        E.TIMEOUT: (A.WIPE, S.IDLE),
        E.FAULT: (A.WIPE, S.IDLE),
    },
    S.CANCELLED: {
        E.CARD_PLACED: (A.BEGIN, S.IDENTIFY),
        E.CARD_REFUSED: (A.REFUSE_CARD, S.FAILED),
        E.CARD_REMOVED: (A.WIPE, S.IDLE),
        E.DONE: (A.WIPE, S.IDLE),
        E.TIMEOUT: (A.WIPE, S.IDLE),
        E.FAULT: (A.WIPE, S.IDLE),
    },
    S.FAILED: {
        E.CARD_PLACED: (A.BEGIN, S.IDENTIFY),
        E.CARD_REFUSED: (A.REFUSE_CARD, S.FAILED),
        E.CARD_REMOVED: (A.WIPE, S.IDLE),
        E.RETRY: (A.TRY_AGAIN, S.POSITION),
        E.DONE: (A.WIPE, S.IDLE),
        E.TIMEOUT: (A.WIPE, S.IDLE),
        E.FAULT: (A.WIPE, S.IDLE),
    },
}

_WITHOUT_MEANING: Final[dict[State, frozenset[Event]]] = {
    S.IDLE: frozenset(
        {
            *(E.AGREED, E.DECLINED, E.PIN_GIVEN, E.START_NOW, E.RETRY, E.DONE, E.FRAME, E.STEP),
            *(E.CARD_NEW, E.CARD_KNOWN, E.PIN_NEEDED, E.REGISTERED, E.IN_POSITION, E.POSITION_LOST, E.CAPTURED),
            *(E.ANALYSED, E.SAVED, E.SAVED_UNSEEN),
        }
    ),
    S.IDENTIFY: frozenset(
        {
            *(E.CARD_PLACED, E.CARD_REFUSED, E.AGREED, E.DECLINED, E.START_NOW),
            *(E.RETRY, E.DONE, E.FRAME, E.SENSOR_RESET, E.STEP),
            *(E.REGISTERED, E.IN_POSITION, E.POSITION_LOST, E.CAPTURED, E.ANALYSED, E.SAVED, E.SAVED_UNSEEN),
        }
    ),
    S.CONSENT: frozenset(
        {
            *(E.CARD_PLACED, E.CARD_REFUSED, E.START_NOW, E.RETRY, E.DONE),
            *(E.FRAME, E.SENSOR_RESET, E.STEP, E.SECOND, E.CARD_NEW),
            *(E.CARD_KNOWN, E.PIN_NEEDED, E.IN_POSITION, E.POSITION_LOST, E.CAPTURED, E.ANALYSED, E.SAVED, E.SAVED_UNSEEN),
        }
    ),
    S.PREPARE: frozenset(
        {
            *(E.CARD_PLACED, E.CARD_REFUSED, E.AGREED, E.DECLINED, E.PIN_GIVEN),
            *(E.RETRY, E.DONE, E.FRAME, E.SENSOR_RESET, E.STEP),
            *(E.CARD_NEW, E.CARD_KNOWN, E.PIN_NEEDED, E.REGISTERED, E.IN_POSITION, E.POSITION_LOST, E.CAPTURED, E.ANALYSED),
            *(E.SAVED, E.SAVED_UNSEEN),
        }
    ),
    S.POSITION: frozenset(
        {
            *(E.CARD_PLACED, E.CARD_REFUSED, E.AGREED, E.DECLINED, E.PIN_GIVEN, E.START_NOW, E.RETRY, E.DONE, E.STEP, E.SECOND),
            *(E.CARD_NEW, E.CARD_KNOWN, E.PIN_NEEDED, E.REGISTERED, E.CAPTURED, E.ANALYSED, E.SAVED, E.SAVED_UNSEEN),
        }
    ),
    S.CAPTURE: frozenset(
        {
            *(E.CARD_PLACED, E.CARD_REFUSED, E.AGREED, E.DECLINED, E.PIN_GIVEN, E.START_NOW, E.RETRY, E.DONE, E.SECOND),
            *(E.CARD_NEW, E.CARD_KNOWN, E.PIN_NEEDED, E.REGISTERED, E.IN_POSITION, E.ANALYSED, E.SAVED, E.SAVED_UNSEEN),
        }
    ),
    S.ANALYSE: frozenset(
        {
            *(E.CARD_PLACED, E.CARD_REFUSED, E.AGREED, E.DECLINED, E.PIN_GIVEN, E.START_NOW, E.RETRY, E.DONE, E.FRAME),
            *(E.SENSOR_RESET, E.SENSOR_LOST, E.SECOND, E.CARD_NEW, E.CARD_KNOWN, E.PIN_NEEDED, E.REGISTERED, E.IN_POSITION),
            *(E.POSITION_LOST, E.CAPTURED, E.SAVED, E.SAVED_UNSEEN),
        }
    ),
    S.SAVE: frozenset(
        {
            *(E.CARD_PLACED, E.CARD_REFUSED, E.AGREED, E.DECLINED, E.PIN_GIVEN, E.START_NOW, E.RETRY, E.DONE, E.FRAME),
            *(E.SENSOR_RESET, E.SENSOR_LOST, E.SECOND, E.CARD_NEW, E.CARD_KNOWN, E.PIN_NEEDED, E.REGISTERED, E.IN_POSITION),
            *(E.POSITION_LOST, E.CAPTURED, E.ANALYSED),
        }
    ),
    S.RESULT: frozenset(
        {
            *(E.CARD_PLACED, E.CARD_REFUSED, E.AGREED, E.DECLINED, E.PIN_GIVEN, E.START_NOW, E.FRAME, E.SENSOR_RESET),
            *(E.SENSOR_LOST, E.STEP, E.CARD_NEW, E.CARD_KNOWN, E.PIN_NEEDED, E.REGISTERED, E.IN_POSITION, E.POSITION_LOST),
            *(E.CAPTURED, E.ANALYSED, E.SAVED, E.SAVED_UNSEEN),
        }
    ),
    S.CANCELLED: frozenset(
        {
            *(E.AGREED, E.DECLINED, E.PIN_GIVEN, E.START_NOW, E.RETRY, E.READER_LOST, E.FRAME, E.SENSOR_RESET, E.SENSOR_LOST),
            *(E.STEP, E.SECOND, E.CARD_NEW, E.CARD_KNOWN, E.PIN_NEEDED, E.REGISTERED, E.IN_POSITION, E.POSITION_LOST),
            *(E.CAPTURED, E.ANALYSED, E.SAVED, E.SAVED_UNSEEN),
        }
    ),
    S.FAILED: frozenset(
        {
            *(E.AGREED, E.DECLINED, E.PIN_GIVEN, E.START_NOW, E.READER_LOST, E.FRAME, E.SENSOR_RESET, E.SENSOR_LOST),
            *(E.STEP, E.SECOND, E.CARD_NEW, E.CARD_KNOWN, E.PIN_NEEDED, E.REGISTERED, E.IN_POSITION, E.POSITION_LOST),
            *(E.CAPTURED, E.ANALYSED, E.SAVED, E.SAVED_UNSEEN),
        }
    ),
}

TRANSITIONS: Final[dict[tuple[State, Event], Cell]] = {
    **{(state, event): (Action.IGNORE, state) for state, events in _WITHOUT_MEANING.items() for event in events},
    **{(state, event): cell for state, cells in _JOURNEY.items() for event, cell in cells.items()},
}
