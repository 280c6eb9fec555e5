from __future__ import annotations

import pytest

from device.screen.errors import BadTouch
from device.screen.touch import ALLOWED, parse_touch
from device.screen.view import Page, Say

HEAD = {"session": "s", "sequence": 3}


@pytest.mark.parametrize(
    ("say", "value"),
    [
        (Say.AGREE, {"training": True}),
        (Say.DECLINE, None),
        (Say.PIN, "0042"),
        (Say.PIN, ""),
        (Say.START_NOW, None),
        (Say.RETRY, None),
        (Say.DONE, None),
        (Say.LANGUAGE, "es"),
    ],
)
def test_everything_that_a_page_sends(say: Say, value: object) -> None:
    touch = parse_touch({**HEAD, "say": str(say), "value": value})
    assert (touch.session, touch.sequence, touch.say, touch.value) == ("s", 3, say, value)


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        "done",
        {},
        {**HEAD},
        {**HEAD, "say": "explode"},
        {**HEAD, "say": 3},
        {**HEAD, "say": "done", "value": 1},
        {**HEAD, "say": "done", "page": "result"},
        {"session": 1, "sequence": 3, "say": "done"},
        {"session": "s", "sequence": "3", "say": "done"},
        {"session": "s", "sequence": True, "say": "done"},
        {**HEAD, "say": "pin"},
        {**HEAD, "say": "pin", "value": 1234},
        {**HEAD, "say": "pin", "value": "12a4"},
        {**HEAD, "say": "pin", "value": "١٢٣٤"},
        {**HEAD, "say": "pin", "value": "1" * 13},
        {**HEAD, "say": "language", "value": "x" * 17},
        {**HEAD, "say": "language", "value": None},
        {**HEAD, "say": "agree"},
        {**HEAD, "say": "agree", "value": {"training": "yes"}},
        {**HEAD, "say": "agree", "value": {"training": True, "more": 1}},
    ],
)
def test_what_no_page_sends(message: object) -> None:
    with pytest.raises(BadTouch):
        parse_touch(message)


def test_a_pin_is_in_no_repr_and_in_no_complaint() -> None:
    assert "4711" not in repr(parse_touch({**HEAD, "say": "pin", "value": "4711"}))
    with pytest.raises(BadTouch) as caught:
        parse_touch({**HEAD, "say": "pin", "value": "4711x"})
    assert "4711" not in str(caught.value)


def test_each_thing_can_be_said_somewhere() -> None:
    assert set(ALLOWED) == set(Say)
    assert all(ALLOWED.values())
    assert Page.RESULT in ALLOWED[Say.DONE]
