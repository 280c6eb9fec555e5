"""Everything that a kiosk may have to tell a person, each with a sentence in every catalogue.

The value is the key ``reason.VALUE`` of the catalogues in `device.screen.locales`.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    # what to do while positioning and during the capture
    STAND_HERE = "stand_here"
    COME_CLOSER = "come_closer"
    STEP_BACK = "step_back"
    MOVE_LEFT = "move_left"
    """The patient's left."""
    MOVE_RIGHT = "move_right"
    HOLD_STILL = "hold_still"
    # why a picture cannot be taken yet, or at all
    SENSOR_WARMING_UP = "sensor_warming_up"
    ROOM_TOO_COLD = "room_too_cold"
    ROOM_TOO_WARM = "room_too_warm"
    SENSOR_NOT_STABLE = "sensor_not_stable"
    NOBODY_THERE = "nobody_there"
    TOO_MUCH_MOTION = "too_much_motion"
    TOO_NOISY = "too_noisy"
    # cards
    SEVERAL_CARDS = "several_cards"
    CARD_NOT_SUITABLE = "card_not_suitable"
    CARD_NOT_READABLE = "card_not_readable"
    CARD_REVOKED = "card_revoked"
    """The clinic has taken it out of use."""
    CARD_REMOVED = "card_removed"
    TAKE_YOUR_CARD = "take_your_card"
    """At rest: a card lies there since the last visit."""
    # the person
    DECLINED = "declined"
    WENT_AWAY = "went_away"
    PIN_LOCKED = "pin_locked"
    # the kiosk
    READER_MISSING = "reader_missing"
    SENSOR_MISSING = "sensor_missing"
    SENSOR_FAULTY = "sensor_faulty"
    MODEL_MISSING = "model_missing"
    DISK_FULL = "disk_full"
    STORE_FAULTY = "store_faulty"
    INTERNAL = "internal"
