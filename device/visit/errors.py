"""Why a visit ended without a record."""

from __future__ import annotations

from device.visit.reasons import Reason


class VisitError(Exception):
    """Any end of a visit but a saved record."""


class VisitNotFinished(VisitError):
    """The visit was cancelled or failed; ``reason`` is what the patient's screen said."""

    def __init__(self, reason: Reason, state: str, cause: str = "") -> None:
        """``cause`` is the technical fault behind it, where there is one."""
        self.reason = reason
        self.state = state
        detail = f" ({cause})" if cause else ""
        super().__init__(f"the visit ended in {state!r} without a record: {reason.value}{detail}; {REMEDIES[reason]}")


REMEDIES: dict[Reason, str] = {
    Reason.STAND_HERE: "stand in front of the kiosk",
    Reason.COME_CLOSER: "come closer",
    Reason.STEP_BACK: "step back",
    Reason.MOVE_LEFT: "move to your left",
    Reason.MOVE_RIGHT: "move to your right",
    Reason.HOLD_STILL: "hold still",
    Reason.SENSOR_WARMING_UP: "wait some minutes until the sensor is warm",
    Reason.ROOM_TOO_COLD: "warm the room to the range in [capture]",
    Reason.ROOM_TOO_WARM: "cool the room to the range in [capture]",
    Reason.SENSOR_NOT_STABLE: "keep fans and draughts away from the sensor",
    Reason.NOBODY_THERE: "stand in front of the kiosk; check that nothing covers the sensor",
    Reason.TOO_MUCH_MOTION: "hold still during the picture, and try again",
    Reason.TOO_NOISY: "allow more time with `longest` in [capture], or check the sensor's supply",
    Reason.SEVERAL_CARDS: "lay down one card alone",
    Reason.CARD_NOT_SUITABLE: "use the card of the clinic; telephones and passports change their number at each tap",
    Reason.CARD_NOT_READABLE: "lay the card flat and leave it there",
    Reason.CARD_REVOKED: "ask the clinic, which took this card out of use, for another one",
    Reason.CARD_REMOVED: "leave the card in the tray until the end",
    Reason.TAKE_YOUR_CARD: "take the card of the last visit away",
    Reason.DECLINED: "nothing was recorded",
    Reason.WENT_AWAY: "come back and lay down the card again",
    Reason.PIN_LOCKED: "wait for the pause to end, or ask the clinic",
    Reason.READER_MISSING: "check the card reader with `firstlight check`",
    Reason.SENSOR_MISSING: "check the sensor's plug with `firstlight check`",
    Reason.SENSOR_FAULTY: "check the sensor with `firstlight check`",
    Reason.MODEL_MISSING: "install the breast bundle; the pictures are saved meanwhile",
    Reason.DISK_FULL: "connect the network so that records can leave, or free space",
    Reason.STORE_FAULTY: "the log and `firstlight check` say what is wrong with it",
    Reason.INTERNAL: "see the log, and report it",
}
