from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from device.screen.board import UNHEARD, Board
from device.screen.errors import BadTouch, StaleTouch
from device.screen.touch import Touch
from device.screen.view import Page, Said, Say, View


@pytest.fixture
def board() -> Board:
    return Board(["en", "es"], "en")


def event(board: Board) -> dict[str, Any]:
    view: dict[str, Any] = json.loads(board.event()[1])
    return view


def touch(board: Board, say: Say, value: Any = None, sequence: int | None = None) -> None:
    board.touch(Touch(board.session, board.sequence if sequence is None else sequence, say, value))


def test_begins_at_rest(board: Board) -> None:
    assert event(board)["page"] == "rest"
    assert event(board)["language"] == "en"


def test_shows_the_latest_view(board: Board) -> None:
    board.show(View(Page.SEEN))
    board.show(View(Page.CAPTURE, {"progress": 0.5, "instruction": "hold_still"}))
    assert event(board) | {"session": ""} == {
        "session": "",
        "sequence": 3,
        "page_began": 3,
        "seen": 2,
        "language": "en",
        "page": "capture",
        "data": {"progress": 0.5, "instruction": "hold_still"},
    }


def test_takes_arrays_and_refuses_what_is_no_json(board: Board) -> None:
    board.show(View(Page.POSITION, {"preview": np.full((24, 32), 7), "fits": np.bool_(True)}))
    assert event(board)["data"]["preview"][23][31] == 7
    with pytest.raises(TypeError, match="cannot hold a object"):
        board.show(View(Page.POSITION, {"preview": object()}))
    with pytest.raises(ValueError, match="not JSON compliant"):
        board.show(View(Page.CAPTURE, {"progress": float("nan")}))
    assert event(board)["page"] == "position"


def test_touch_is_heard_once(board: Board) -> None:
    board.show(View(Page.RESULT, {"result": "nothing_unusual"}))
    touch(board, Say.DONE)
    assert board.heard() == [Said(Say.DONE, Page.RESULT)]
    assert board.heard() == []


def test_touch_counts_through_updates_of_its_page(board: Board) -> None:
    board.show(View(Page.PREPARE, {"seconds_left": 3}))
    touched = board.sequence
    board.show(View(Page.PREPARE, {"seconds_left": 2}))
    touch(board, Say.START_NOW, sequence=touched)
    assert [said.say for said in board.heard()] == [Say.START_NOW]


def test_touch_on_an_older_page_is_dropped(board: Board) -> None:
    board.show(View(Page.RESULT))
    touched = board.sequence
    board.show(View(Page.REST))
    board.show(View(Page.RESULT))
    with pytest.raises(StaleTouch):
        touch(board, Say.DONE, sequence=touched)
    assert board.heard() == []


def test_touch_from_the_future_or_another_server_is_dropped(board: Board) -> None:
    board.show(View(Page.RESULT))
    with pytest.raises(StaleTouch):
        touch(board, Say.DONE, sequence=board.sequence + 1)
    with pytest.raises(StaleTouch):
        board.touch(Touch("another", board.sequence, Say.DONE))
    assert board.heard() == []


def test_touch_that_the_page_does_not_offer(board: Board) -> None:
    board.show(View(Page.CAPTURE))
    with pytest.raises(BadTouch, match='"done" cannot be said on the page "capture"'):
        touch(board, Say.DONE)
    assert board.heard() == []


def test_language_takes_effect_and_is_passed_on(board: Board) -> None:
    before = board.sequence
    touch(board, Say.LANGUAGE, "es")
    assert event(board)["language"] == "es"
    assert board.sequence == before + 1
    assert board.heard() == [Said(Say.LANGUAGE, Page.REST, "es")]


def test_unknown_language(board: Board) -> None:
    with pytest.raises(BadTouch, match="en, es"):
        touch(board, Say.LANGUAGE, "xx")
    assert board.language == "en"


def test_language_lasts_for_one_visit(board: Board) -> None:
    touch(board, Say.LANGUAGE, "es")
    for page in (Page.SEEN, Page.PREPARE, Page.RESULT):
        board.show(View(page))
        assert board.language == "es"
    board.show(View(Page.REST))
    assert board.language == "en"


def test_language_survives_updates_of_rest(board: Board) -> None:
    touch(board, Say.LANGUAGE, "es")
    board.show(View(Page.REST, {"accepting": True}))
    assert board.language == "es"


def test_language_lapses_only_when_nobody_chose_since(board: Board) -> None:
    touch(board, Say.LANGUAGE, "es")
    first = board.choices
    touch(board, Say.LANGUAGE, "es")
    board.reset_language(first)
    assert board.language == "es"
    board.show(View(Page.PREPARE))
    board.reset_language(board.choices)
    assert board.language == "es", "a visit has begun in it"


def test_drumming_fingers_do_not_fill_the_memory(board: Board) -> None:
    board.show(View(Page.RESULT))
    for _ in range(UNHEARD + 10):
        touch(board, Say.DONE)
    assert len(board.heard()) == UNHEARD
