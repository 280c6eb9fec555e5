"""Every cell of the table, and what follows from all of them together."""

from __future__ import annotations

import pytest

from device.visit.arrival import Arrival
from device.visit.ending import Ending
from device.visit.examination import Examination
from device.visit.table import TRANSITIONS, Action, Event, State

CELLS = [(state, event) for state in State for event in Event]
AFTER_CAPTURE = (State.ANALYSE, State.SAVE)


@pytest.mark.parametrize(("state", "event"), CELLS)
def test_each_cell_is_written_out(state: State, event: Event) -> None:
    action, next_state = TRANSITIONS[state, event]
    assert isinstance(next_state, State)
    if action is Action.IGNORE and event is not Event.ANALYSED:
        assert next_state is state, "what is ignored changes nothing"


def test_there_is_no_other_cell() -> None:
    assert set(TRANSITIONS) == set(CELLS)


@pytest.mark.parametrize("action", [action for action in Action if action is not Action.IGNORE])
def test_each_action_is_one_method_and_is_used(action: Action) -> None:
    rooms = [room for room in (Arrival, Examination, Ending) if hasattr(room, action.value)]
    assert len(rooms) == 1
    assert any(used is action for used, _ in TRANSITIONS.values())


def test_no_method_is_forgotten_by_the_table() -> None:
    methods = {name for room in (Arrival, Examination, Ending) for name in vars(room) if not name.startswith("_")}
    assert methods == {action.value for action in Action} - {Action.IGNORE.value}


def test_every_state_is_reached_from_idle() -> None:
    reached, frontier = {State.IDLE}, [State.IDLE]
    while frontier:
        state = frontier.pop()
        new = {TRANSITIONS[state, event][1] for event in Event} - reached
        reached |= new
        frontier.extend(new)
    assert reached == set(State)


@pytest.mark.parametrize("state", State)
def test_time_alone_leads_back_to_idle_through_a_wiped_screen(state: State) -> None:
    _assert_wiped(_follow(state, [Event.TIMEOUT] * len(State)), state)


@pytest.mark.parametrize("state", State)
def test_taking_the_card_leads_back_to_idle_through_a_wiped_screen(state: State) -> None:
    steps = _follow(state, [Event.CARD_REMOVED, *[Event.TIMEOUT] * len(State)])
    _assert_wiped(steps, state)
    assert all(after not in (State.RESULT, State.CAPTURE) for _, after in steps), "nothing goes on without the card"


@pytest.mark.parametrize("state", [state for state in State if state not in (State.IDLE, State.CANCELLED, State.FAILED)])
def test_taking_the_card_keeps_nothing_before_the_capture_is_complete_and_the_record_after_it(state: State) -> None:
    action, after = TRANSITIONS[state, Event.CARD_REMOVED]
    if state in AFTER_CAPTURE:
        assert (action, after) == (Action.FINISH_UNSEEN, State.SAVE)
    else:
        assert after in (State.CANCELLED, State.IDLE)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", [Event.SENSOR_LOST, Event.READER_LOST, Event.FAULT])
def test_a_visit_in_progress_does_not_survive_what_it_needs(state: State, event: Event) -> None:
    _, after = TRANSITIONS[state, event]
    if state in (State.IDENTIFY, State.CONSENT, State.PREPARE, State.POSITION, State.CAPTURE):
        assert after is State.FAILED
    else:
        assert after in (State.IDLE, State.FAILED, State.SAVE, state)


def test_a_result_is_shown_only_after_it_was_saved() -> None:
    ways = {
        (state, event) for (state, event), (_, after) in TRANSITIONS.items() if after is State.RESULT and state is not after
    }
    assert ways == {(State.SAVE, Event.SAVED)}


def _follow(state: State, events: list[Event]) -> list[tuple[Action, State]]:
    steps: list[tuple[Action, State]] = []
    for event in events:
        if state is State.IDLE and steps:
            break
        action, state = TRANSITIONS[state, event]
        steps.append((action, state))
    return steps


def _assert_wiped(steps: list[tuple[Action, State]], begun: State) -> None:
    action, state = steps[-1]
    assert state is State.IDLE
    assert action is (Action.REST if begun is State.IDLE else Action.WIPE)
