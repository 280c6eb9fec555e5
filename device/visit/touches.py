"""What a patient said, as an event of the table; what does not belong to the page that is shown is nothing."""

from __future__ import annotations

from device.screen.view import Page, Said, Say, View
from device.visit.given import NOTHING, Given
from device.visit.table import Event


def event_of(said: Said, shown: View | None) -> tuple[Event, Given] | None:
    """Return the event, or ``None`` for a touch on another page, on a choice that was not offered, or without a meaning."""
    if shown is None or said.page is not shown.page:
        return None
    value = said.value
    match said.say, said.page:
        case Say.AGREE, Page.NEW_CARD:
            training = value.get("training") if isinstance(value, dict) else None
            return Event.AGREED, Given(training=training is True)
        case Say.DECLINE, Page.NEW_CARD:
            return Event.DECLINED, NOTHING
        case Say.PIN, Page.CHOOSE_PIN | Page.PIN:
            return (Event.PIN_GIVEN, Given(pin=value)) if isinstance(value, str) else None
        case Say.START_NOW, Page.PREPARE:
            return Event.START_NOW, NOTHING
        case Say.RETRY, Page.RESULT | Page.SORRY:
            return (Event.RETRY, NOTHING) if shown.data.get("retry") else None
        case Say.DONE, Page.RESULT | Page.SORRY:
            return Event.DONE, NOTHING
    return None
