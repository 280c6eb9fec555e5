"""What a browser says, checked once at the edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from device.screen.errors import BadTouch
from device.screen.view import Page, Say

LONGEST_PIN = 12

ALLOWED: dict[Say, frozenset[Page]] = {
    Say.AGREE: frozenset({Page.NEW_CARD}),
    Say.DECLINE: frozenset({Page.NEW_CARD}),
    Say.PIN: frozenset({Page.CHOOSE_PIN, Page.PIN}),
    Say.START_NOW: frozenset({Page.PREPARE}),
    Say.RETRY: frozenset({Page.RESULT, Page.SORRY}),
    Say.DONE: frozenset({Page.RESULT, Page.SORRY}),
    Say.LANGUAGE: frozenset(Page),
}
"""The pages on which each thing can be said."""


@dataclass(frozen=True)
class Touch:
    """One touch as the browser sent it, before anybody knows whether its page is still shown."""

    session: str
    """Of the server that drew the page: a touch does not outlive a restart."""
    sequence: int
    """Of the view that was touched."""
    say: Say
    value: Any = field(default=None, repr=False)


def parse_touch(message: object) -> Touch:
    """Return the touch in a decoded JSON message; raises `BadTouch`, whose text never repeats a value."""
    if not isinstance(message, dict):
        raise BadTouch("a touch is a JSON object")
    if unknown := set(message) - {"session", "sequence", "say", "value"}:
        raise BadTouch(f"a touch has no member {', '.join(sorted(map(str, unknown)))}")
    session, sequence, say = message.get("session"), message.get("sequence"), message.get("say")
    if not isinstance(session, str):
        raise BadTouch("a touch names the session of the page that it is on")
    if not isinstance(sequence, int) or isinstance(sequence, bool):
        raise BadTouch("a touch carries the sequence number of the page that it is on")
    if not isinstance(say, str) or say not in set(Say):
        raise BadTouch(f"a touch says one of {', '.join(Say)}")
    said = Say(say)
    return Touch(session, sequence, said, _VALUES.get(said, _nothing)(message.get("value")))


def _nothing(value: object) -> None:
    if value is not None:
        raise BadTouch("this touch carries no value")


def _pin(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_PIN or not (value.isascii() and (value.isdigit() or not value)):
        raise BadTouch(f"a PIN is at most {LONGEST_PIN} digits")
    return value


def _language(value: object) -> str:
    if not isinstance(value, str) or not 2 <= len(value) <= 16:
        raise BadTouch("a language is a code such as en")
    return value


def _consent(value: object) -> dict[str, bool]:
    if not isinstance(value, dict) or set(value) != {"training"} or not isinstance(value["training"], bool):
        raise BadTouch('consent is {"training": true or false}')
    return {"training": value["training"]}


_VALUES: dict[Say, Callable[[object], Any]] = {Say.AGREE: _consent, Say.PIN: _pin, Say.LANGUAGE: _language}
