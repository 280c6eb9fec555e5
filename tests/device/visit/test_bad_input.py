"""What goes wrong in a visit: each fault ends with a sentence, and the store holds neither less nor more than it should."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from device.process.time import VirtualTimekeeper
from device.screen.scripted import AGREEABLE, Answer
from device.screen.view import Page, Say
from device.store.catalogue import list_records
from device.store.connection import store_path
from device.store.outbox import Outbox
from device.visit import pin
from device.visit.reasons import Reason
from device.visit.table import State
from drivers.sim.body import Torso
from drivers.sim.cards import RandomUidCard, card_from_uid
from tests.device.visit.booth import ANA, BEN, PAGES_OF_A_PATIENT, Booth, configured
from tests.device.visit.conftest import MakeBooth

VISITING = (State.IDENTIFY, State.CONSENT, State.PREPARE, State.POSITION, State.CAPTURE)


def hold(booth: Booth, state: State, card: str = ANA) -> None:
    """Bring a visit into ``state`` and keep it there: the patient does not answer the page of it."""
    stops = {State.IDENTIFY: Page.PIN, State.CONSENT: Page.NEW_CARD, State.PREPARE: Page.PREPARE}
    if state in stops:
        booth.screen.answers.pop(stops[state], None)
    if state is State.POSITION:
        booth.world.body = None
        booth.run(1.0)
    booth.tap(card)
    booth.until_state(state)
    if state is State.CAPTURE:
        booth.run(1.0)


def with_pin(make_booth: MakeBooth, **settings: Any) -> Booth:
    """A kiosk that knows Ana, who has the PIN 2718."""
    booth = make_booth(
        **settings, answers={**AGREEABLE, Page.CHOOSE_PIN: Answer(Say.PIN, "2718"), Page.PIN: Answer(Say.PIN, "2718")}
    )
    booth.visit()
    return booth


# -- the card is pulled


@pytest.fixture(scope="module")
def steps_of_a_visit(tmp_path_factory: pytest.TempPathFactory) -> int:
    booth = Booth(tmp_path_factory.mktemp("whole"))
    begun = booth.steps
    booth.tap(ANA)
    booth.until_state(State.RESULT)
    booth.close()
    return booth.steps - begun


def test_a_card_pulled_at_each_step_of_a_visit_keeps_all_or_nothing(tmp_path: Path, steps_of_a_visit: int) -> None:
    """From the tap to just after the result: some steps further each time, and each single step around the end of the capture.

    Before the capture is complete nothing of it is kept; after it there is exactly one record; in no case does a result
    stay, or appear for somebody who has gone.
    """
    booth = Booth(tmp_path)
    booth.visit()
    kept, complete_at = 1, None
    for pulled_after in [*range(0, steps_of_a_visit - 8, 17), *range(steps_of_a_visit - 8, steps_of_a_visit + 4)]:
        booth.tap(ANA)
        for _ in range(pulled_after):
            booth.step()
        pulled_in, pulled_s = booth.state, booth.time.monotonic()
        views_before = len(booth.screen.views)
        booth.world.pull()
        booth.until(lambda: booth.view.page not in PAGES_OF_A_PATIENT, limit_s=1.0)
        assert booth.time.monotonic() - pulled_s < 0.6, "the screen is wiped at once"
        booth.until_state(State.IDLE, limit_s=40.0)
        booth.run(0.6)
        thermal = booth.modalities().count("thermal")
        shown = [view.page for view in booth.screen.views[views_before:]]
        if pulled_in in (State.ANALYSE, State.SAVE, State.RESULT):
            assert thermal == kept + 1, f"the complete capture of a card pulled in {pulled_in} is kept"
            complete_at = complete_at or pulled_after
            assert pulled_in is State.RESULT or Page.RESULT not in shown
        else:
            assert thermal == kept, f"nothing is kept of a card pulled in {pulled_in}"
            assert Page.RESULT not in shown
        kept = thermal
    assert complete_at is not None
    booth.close()


@pytest.mark.parametrize("state", VISITING)
def test_a_card_pulled_during_registration_or_later(make_booth: MakeBooth, state: State) -> None:
    booth = with_pin(make_booth) if state is State.IDENTIFY else make_booth()
    before = booth.record_ids()
    hold(booth, state)
    booth.world.pull()
    booth.until_state(State.CANCELLED, limit_s=1.0)
    assert booth.reason == Reason.CARD_REMOVED
    assert booth.view.data["lost"] is False
    booth.until_state(State.IDLE, limit_s=30.0)
    registered = ["consent"] if state in (State.PREPARE, State.POSITION, State.CAPTURE) else []
    assert booth.modalities()[len(before) :] == registered, "what was agreed to is kept, and nothing else"


def test_a_card_that_comes_back_in_time_was_never_gone(booth: Booth) -> None:
    booth.tap(ANA)
    booth.until_state(State.CAPTURE)
    for _ in range(5):
        cards = booth.world.reader.cards
        booth.world.pull()
        booth.run(0.15)
        booth.world.reader.cards = cards
        booth.run(0.2)
    booth.until_state(State.RESULT)
    assert booth.modalities() == ["consent", "thermal"]


# -- cards that cannot be used


def test_two_cards_are_a_sentence_and_no_visit(booth: Booth) -> None:
    booth.tap(ANA, BEN)
    booth.until_state(State.FAILED)
    assert booth.reason == Reason.SEVERAL_CARDS
    booth.leave()
    assert booth.record_ids() == []


def test_a_second_card_in_the_middle_ends_the_visit(booth: Booth) -> None:
    hold(booth, State.CAPTURE)
    booth.tap(BEN)
    booth.until(lambda: booth.view.page is Page.SORRY and booth.reason == Reason.SEVERAL_CARDS)
    assert booth.modalities() == ["consent"]
    booth.leave()
    assert booth.view.page is Page.REST


def test_a_telephone_is_a_sentence_and_no_visit(booth: Booth) -> None:
    booth.tap(RandomUidCard())
    booth.until_state(State.FAILED)
    assert booth.reason == Reason.CARD_NOT_SUITABLE
    booth.leave()
    assert booth.record_ids() == []


def test_a_truncated_uid_is_a_sentence_and_no_visit(booth: Booth) -> None:
    booth.tap(card_from_uid("8804A3C6"))
    booth.until_state(State.FAILED)
    assert booth.reason == Reason.CARD_NOT_SUITABLE
    assert booth.record_ids() == []


def test_a_card_whose_checksums_fail_is_a_sentence_and_no_visit(booth: Booth) -> None:
    booth.world.faults.card_crc_error = True
    booth.tap(ANA)
    booth.until_state(State.FAILED)
    assert booth.reason == Reason.CARD_NOT_READABLE
    booth.world.faults.clear()
    booth.until_state(State.RESULT)
    assert booth.modalities() == ["consent", "thermal"], "once it reads well, the visit begins"


# -- the sensor


@pytest.mark.parametrize("state", VISITING)
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("i2c_nack", Reason.SENSOR_MISSING),
        ("i2c_stuck", Reason.SENSOR_FAULTY),
        ("sensor_silent", Reason.SENSOR_FAULTY),
        ("sensor_frozen", Reason.SENSOR_FAULTY),
        ("sensor_half_frame", Reason.SENSOR_FAULTY),
        ("sensor_invalid_words", Reason.SENSOR_FAULTY),
    ],
)
def test_a_sensor_that_dies_in_a_visit(make_booth: MakeBooth, state: State, fault: str, reason: Reason) -> None:
    booth = with_pin(make_booth) if state is State.IDENTIFY else make_booth()
    before = booth.record_ids()
    hold(booth, state)
    booth.world.faults.set(fault, True)
    booth.until_state(State.FAILED, limit_s=8.0)
    assert booth.reason == reason
    assert booth.view.data["lost"] is False
    booth.leave()
    assert "thermal" not in booth.modalities()[len(before) :]
    assert booth.view.data["accepting"] is False
    assert booth.view.data["health"] == "fault"
    assert booth.view.data["notice"] == reason
    booth.tap(ANA)
    booth.until_state(State.FAILED)
    assert booth.reason == reason
    assert Page.SEEN in booth.screen.pages[-3:], "even then the card is acknowledged"
    booth.leave()


@pytest.mark.parametrize("fault", ["i2c_nack", "sensor_silent", "sensor_frozen", "sensor_half_frame", "eeprom_garbage"])
def test_a_sensor_that_comes_back_is_used_again(booth: Booth, fault: str) -> None:
    booth.world.faults.set("i2c_nack", True)
    booth.run(0.1)
    booth.world.faults.set(fault, True)
    booth.run(60.0)
    assert booth.view.data["accepting"] is False
    booth.world.faults.clear()
    booth.until(lambda: booth.view.data["accepting"] is True, limit_s=35.0)
    booth.run(5.0)
    booth.visit()
    assert booth.modalities() == ["consent", "thermal"]


def test_a_bus_error_in_the_capture_heals_only_with_a_fresh_capture(booth: Booth) -> None:
    hold(booth, State.CAPTURE)
    booth.world.faults.i2c_nack = True
    booth.until_state(State.POSITION)
    broken_s = booth.time.monotonic()
    booth.world.faults.clear()
    booth.until_state(State.RESULT, limit_s=30.0)
    document = booth.documents()[-1]
    assert document["quality"]["rejected"] == 0
    assert document["monotonic_s"] - document["timing"]["integration_s"] >= broken_s, "no frame from before the error is in it"


def test_a_sensor_that_is_missing_at_the_start_is_opened_when_it_is_there(make_booth: MakeBooth) -> None:
    from drivers.sim.world import World

    time = VirtualTimekeeper()
    world = World(time)
    world.body = Torso()
    world.faults.i2c_nack = True
    world.faults.reader_gone = True
    booth = make_booth(time=time, world=world)
    assert booth.view.data == {"accepting": False, "notice": Reason.READER_MISSING, "health": "fault"}
    world.faults.clear()
    booth.run(40.0)
    assert booth.view.data == {"accepting": True, "notice": None, "health": "ok"}
    booth.visit()
    assert booth.modalities() == ["consent", "thermal"]


# -- the reader


@pytest.mark.parametrize("state", VISITING)
@pytest.mark.parametrize(("fault", "value"), [("miso_stuck", 0x00), ("miso_stuck", 0xFF), ("hung", True)])
def test_a_reader_that_dies_in_a_visit(make_booth: MakeBooth, state: State, fault: str, value: int) -> None:
    booth = with_pin(make_booth) if state is State.IDENTIFY else make_booth()
    before = booth.record_ids()
    hold(booth, state)
    usual = getattr(booth.world.faults.reader, fault)
    setattr(booth.world.faults.reader, fault, value)
    booth.until_state(State.FAILED, limit_s=8.0)
    assert booth.reason == Reason.READER_MISSING
    booth.until_state(State.IDLE, limit_s=60.0)
    assert "thermal" not in booth.modalities()[len(before) :]
    assert booth.view.data["notice"] == Reason.READER_MISSING
    setattr(booth.world.faults.reader, fault, usual)
    booth.world.pull()
    booth.until(lambda: booth.view.data["accepting"] is True, limit_s=35.0)
    booth.run(1.0)
    booth.tap(BEN)
    booth.until(lambda: booth.view.page is not Page.REST, limit_s=1.0)


def test_a_brown_out_of_the_reader_is_not_even_noticed(booth: Booth) -> None:
    hold(booth, State.CAPTURE)
    booth.world.faults.reader.brown_out = True
    booth.until_state(State.RESULT)
    assert booth.modalities() == ["consent", "thermal"]


# -- the room


@pytest.mark.parametrize(("ambient_c", "reason"), [(15.0, Reason.ROOM_TOO_COLD), (27.0, Reason.ROOM_TOO_WARM)])
def test_a_room_that_is_not_right_is_said_at_once_and_ends_the_visit_in_time(
    make_booth: MakeBooth, ambient_c: float, reason: Reason
) -> None:
    booth = make_booth(config=configured(capture={"prepare_s": 20.0, "position_timeout_s": 15.0}))
    booth.world.ambient_c = ambient_c
    booth.run(10.0)
    booth.screen.answers.pop(Page.PREPARE)
    booth.tap(ANA)
    booth.until_state(State.PREPARE)
    booth.run(1.5)
    assert booth.view.data["notice"] == reason
    booth.until_state(State.FAILED, limit_s=40.0)
    assert booth.reason == reason
    assert booth.modalities() == ["consent"]


def test_nobody_there_ends_in_time_and_may_be_tried_again(make_booth: MakeBooth) -> None:
    booth = make_booth(config=configured(capture={"position_timeout_s": 10.0}))
    hold(booth, State.POSITION)
    booth.until_state(State.FAILED, limit_s=booth.config.capture.position_timeout_s + 1)
    assert booth.reason == Reason.NOBODY_THERE
    assert booth.view.data["retry"] is True
    booth.world.body = Torso()
    booth.run(0.5)
    booth.say(Say.RETRY)
    booth.until_state(State.RESULT)
    assert booth.modalities() == ["consent", "thermal"]


def test_who_never_holds_still_is_told_so(booth: Booth) -> None:
    from drivers.sim.body import Motion

    booth.tap(ANA)
    booth.until_state(State.CAPTURE)
    booth.world.body = Torso(motion=Motion(0.04, 0.9))
    booth.until_state(State.FAILED, limit_s=300.0)
    assert booth.reason == Reason.TOO_MUCH_MOTION
    assert booth.modalities() == ["consent"]


def test_too_little_time_for_the_noise_is_said(make_booth: MakeBooth) -> None:
    booth = make_booth(config=configured(capture={"target_noise_k": 0.03, "longest_s": 10.0}))
    booth.tap(ANA)
    booth.until_state(State.FAILED)
    assert booth.reason == Reason.TOO_NOISY
    assert booth.modalities() == ["consent"]


# -- the person


def test_wrong_pins_are_paused_and_a_restart_shortens_nothing(make_booth: MakeBooth) -> None:
    booth = with_pin(make_booth)
    booth.screen.answers.pop(Page.PIN)
    booth.tap(ANA)
    booth.until_state(State.IDENTIFY)
    tries = []
    for _ in range(pin.FREE_TRIES):
        booth.say(Say.PIN, "0000")
        tries.append((booth.view.data["tries_left"], booth.view.data["wrong"]))
    assert tries == [(4, True), (3, True), (2, True), (1, True), (0, True)]
    assert booth.view.data["wait_s"] == 30
    booth.say(Say.PIN, "2718")
    assert booth.state is State.IDENTIFY, "not even the right one during the pause"
    booth.leave()
    booth.close()

    again = make_booth(answers={}, time=VirtualTimekeeper(boot="another"), settled=False)
    again.tap(ANA)
    again.until(lambda: again.view.page is Page.PIN)
    assert again.view.data["wait_s"] == pytest.approx(30, abs=1), "after a reboot the whole pause is left"
    again.run(31.0)
    assert again.view.data["wait_s"] == 0
    again.say(Say.PIN, "2718")
    assert again.state is State.PREPARE
    again.leave()


def test_the_sixth_wrong_pin_waits_twice_as_long(make_booth: MakeBooth) -> None:
    booth = with_pin(make_booth)
    booth.screen.answers.pop(Page.PIN)
    booth.tap(ANA)
    booth.until_state(State.IDENTIFY)
    for _ in range(pin.FREE_TRIES):
        booth.say(Say.PIN, "0000")
    booth.run(31.0)
    booth.say(Say.PIN, "0001")
    assert booth.view.data["wait_s"] == 60
    booth.until_state(State.CANCELLED, limit_s=61.0)
    assert booth.reason == Reason.PIN_LOCKED
    assert booth.modalities() == ["consent", "thermal"]


@pytest.mark.parametrize("state", [State.IDENTIFY, State.CONSENT])
def test_who_does_not_answer_has_gone_away(make_booth: MakeBooth, state: State) -> None:
    config = configured(visit={"page_timeout_s": 10.0})
    booth = with_pin(make_booth, config=config) if state is State.IDENTIFY else make_booth(config=config)
    hold(booth, state)
    booth.until_state(State.CANCELLED, limit_s=3 * booth.config.visit.page_timeout_s + 1)
    assert booth.reason == Reason.WENT_AWAY
    booth.until_state(State.IDLE)
    assert booth.view.page is Page.REST


def test_touches_that_nobody_offered_are_nothing(booth: Booth) -> None:
    hold(booth, State.CONSENT)
    for say, value in [(Say.PIN, "1234"), (Say.START_NOW, None), (Say.RETRY, None), (Say.DONE, None), (Say.LANGUAGE, "es")]:
        booth.say(say, value)
        assert booth.state is State.CONSENT
    assert booth.record_ids() == []


# -- the store


def test_a_full_disk_stops_accepting_and_says_so(make_booth: MakeBooth) -> None:
    free = os.statvfs("/tmp")
    booth = make_booth(config=configured(store={"reserve_bytes": int(free.f_bavail * free.f_frsize * 2 + 1e9)}))
    assert booth.view.data == {"accepting": False, "notice": Reason.DISK_FULL, "health": "fault"}
    booth.tap(ANA)
    booth.until_state(State.FAILED)
    assert booth.reason == Reason.DISK_FULL
    assert booth.view.data["lost"] is False
    booth.leave()
    assert booth.record_ids() == []


def test_a_disk_that_is_full_when_the_record_comes_says_that_it_was_lost(booth: Booth, monkeypatch: pytest.MonkeyPatch) -> None:
    from device.store import database
    from device.store.errors import StoreFull

    def full(*_: object) -> None:
        raise StoreFull("the disk is full; free some space")

    hold(booth, State.CAPTURE)
    monkeypatch.setattr(database, "insert_record", full)
    booth.until_state(State.FAILED)
    assert booth.reason == Reason.DISK_FULL
    assert booth.view.data["lost"] is True
    assert Page.RESULT not in booth.screen.pages
    assert booth.modalities() == ["consent"]


def test_a_store_that_breaks_in_the_middle_is_salvaged_and_nothing_is_lost(booth: Booth) -> None:
    booth.visit(BEN)
    hold(booth, State.CAPTURE)
    known = set(booth.record_ids())
    spoil(booth.data_dir / "store" / "store.db")
    booth.until_state(State.RESULT)
    after = {each.id for each in list_records(booth.data_dir)}
    assert len(after - known) == 1, "the record that was under way is in the new store"
    assert known <= after, "and so are the unsynced ones from before"
    assert any("corrupt" in path.name or "damaged" in path.name or "salvage" in path.name for path in copies(booth)), copies(
        booth
    )
    booth.leave()
    booth.run(12.0)
    assert booth.view.data["health"] == "warning", "the technician's dot"
    assert booth.visit(BEN)["mode"] == "operation", "patients were salvaged too"


def spoil(path: Path) -> None:
    """Overwrite the pages of one index, as a worn card does; the open store notices when it next inserts a record."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page_size = connection.execute("PRAGMA page_size").fetchone()[0]
        name = "sqlite_autoindex_records_1"
        root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (name,)).fetchone()[0]
    with path.open("r+b") as file:
        file.seek((root - 1) * page_size)
        file.write(b"\xa5" * page_size)


def copies(booth: Booth) -> list[Path]:
    return [
        path for path in (booth.data_dir / "store").rglob("*") if path.name not in ("store.db", "store.db-wal", "store.db-shm")
    ]


# -- whatever else


def test_an_action_that_fails_ends_the_visit_and_not_the_kiosk(booth: Booth, monkeypatch: pytest.MonkeyPatch) -> None:
    from device.visit import examination

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a fault of the program")

    hold(booth, State.CAPTURE)
    with monkeypatch.context() as patched:
        patched.setattr(examination, "read_capture", broken)
        booth.until_state(State.FAILED)
    assert booth.reason == Reason.INTERNAL
    assert booth.view.data["lost"] is True
    booth.leave()
    assert booth.modalities() == ["consent"]
    booth.visit()
    assert booth.modalities() == ["consent", "thermal"]


def test_a_revoked_card_begins_no_visit_and_says_whom_to_ask(make_booth: MakeBooth) -> None:
    booth = make_booth()
    booth.visit(ANA)
    with sqlite3.connect(store_path(booth.data_dir)) as database:
        (card_ref,) = database.execute("SELECT card_ref FROM patients").fetchone()
    with Outbox.open(booth.data_dir, booth.time) as outbox:
        assert outbox.revoke_card(card_ref)
    saved = booth.record_ids()
    booth.tap(ANA)
    booth.until_state(State.FAILED)
    assert booth.reason == Reason.CARD_REVOKED
    booth.leave()
    assert booth.record_ids() == saved
    booth.visit(BEN)
