"""What must not work from a browser, and what a doctor sees instead, on both clouds."""

from __future__ import annotations

import json

import pytest

from tests.cloud_sync.portal.clouds.conftest import Visit
from tests.cloud_sync.portal.clouds.doctor import Doctor
from tests.cloud_sync.portal.clouds.records import HOSTILE, hostile, thermal
from tests.cloud_sync.portal.clouds.stage import AWAY, COLLEAGUE, DOCTOR, FAR_DOCTOR, HOME, Said, Stage
from tests.cloud_sync.samples import record_id

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]  # the first test on Firebase waits for its emulators


def fault(doctor: Doctor) -> str | None:
    return doctor.page.get_attribute("[data-fault]", "data-fault")


def test_another_sites_doctor_sees_nothing(visit: Visit, stage: Stage) -> None:
    record = stage.deliver(*thermal(stage.number(), patient="P-HOME-ONLY-AA"))
    stranger = visit(FAR_DOCTOR)
    for site in (HOME, AWAY):
        stranger.go("#/")
        stranger.open(record, site)
        assert fault(stranger) in {"not_allowed", "not_there"}
        assert "P-HOME-ONLY" not in stranger.page.content()
    stranger.go("#/patient/P-HOME-ONLY-AA")
    stranger.page.wait_for_timeout(1500)
    assert record not in stranger.page.content()
    stranger.go("#/")
    stranger.page.reload()
    stranger.page.wait_for_selector(".worklist")
    assert record not in stranger.page.content()
    assert stage.openings(record) == []
    assert stage.raw_open(stranger, record) is False
    assert stage.reviews(record) == []


def test_a_kiosk_is_nobody_here(visit: Visit, stage: Stage) -> None:
    record = stage.deliver(*thermal(stage.number()))
    thief = visit()
    for act, allowed in stage.as_kiosk(thief, record).items():
        assert not allowed, act
    thief.page.reload()
    thief.page.wait_for_selector("input[name=password]")
    assert stage.reviews(record) == []


def test_a_review_is_signed_by_whoever_is_signed_in_and_by_nobody_else(visit: Visit, stage: Stage) -> None:
    record = stage.deliver(*thermal(stage.number()))
    doctor = visit(DOCTOR)
    doctor.open(record)
    for forgery, taken in stage.forge(doctor, record).items():
        assert not taken, forgery
    assert {said.author for said in stage.reviews(record)} <= {stage.logins[DOCTOR].shown}
    assert all(said.supersedes is None for said in stage.reviews(record))


def test_an_altered_record_is_not_shown(visit: Visit, stage: Stage) -> None:
    record = stage.deliver(*thermal(stage.number(), patient="P-ALTE-RED0-AA"))
    stage.alter(record)
    doctor = visit(DOCTOR)
    doctor.open(record)
    assert fault(doctor) == "altered"
    main = doctor.text("main")
    assert "This record was altered" in main
    assert record in main
    assert "0.17" not in main
    assert doctor.page.locator("main canvas").count() == 0


def test_an_altered_picture_is_not_shown_either(visit: Visit, stage: Stage) -> None:
    whole, parts = thermal(stage.number())
    whole["parts"]["capture.npz"]["sha256"] = "0" * 64
    record = stage.deliver(whole, parts)
    doctor = visit(DOCTOR)
    doctor.open(record)
    doctor.page.wait_for_selector(".picture-place [data-fault]")
    assert fault(doctor) in {"altered", "not_there"}
    assert doctor.page.locator(".picture-place canvas").count() == 0


def test_script_in_every_text_of_a_device_and_in_a_note_is_text(visit: Visit, stage: Stage) -> None:
    record = stage.deliver(*hostile(stage.number()))
    doctor = visit(DOCTOR)
    doctor.page.select_option(".worklist select >> nth=0", "all")
    doctor.wait_for_text("<img src=x")
    doctor.open(record)
    doctor.page.wait_for_selector(".picture-place canvas")
    assert doctor.text(".record-head h1").startswith("<img src=x onerror=")
    doctor.review("not_assessable", HOSTILE)
    assert "<img src=x onerror=" in doctor.text("dialog")
    doctor.sign()
    doctor.page.wait_for_selector(".reviews .note")
    assert "<img src=x onerror=" in doctor.text(".reviews .note")
    assert stage.reviews(record)[0].note == HOSTILE
    colleague = visit(COLLEAGUE)
    colleague.open(record)
    colleague.page.wait_for_selector(".reviews .note")
    for tab in (doctor, colleague):
        assert tab.broken() is None
        assert tab.page.locator("main img[src=x], main script").count() == 0
        assert "\u202e" not in tab.text("main")


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        (b'{"patient": "' + b"x" * 500_000 + b'"}', {"too_large", "damaged"}),
        (b"\xff\xfe this is no JSON", {"damaged"}),
        (b"[" * 5000 + b"]" * 5000, {"damaged", "too_large"}),
        (b'{"schema": 99, "modality": "thermal", "result": "nothing_unusual"}', {"damaged"}),
    ],
    ids=["huge", "no JSON", "deep", "of a later schema"],
)
def test_a_document_that_no_sound_kiosk_sends_has_a_page_that_says_so(
    visit: Visit, stage: Stage, content: bytes, kinds: set[str]
) -> None:
    record = record_id(stage.number())
    if not stage.deliver_bytes(record, content):
        return  # this cloud does not even take it
    doctor = visit(DOCTOR)
    doctor.open(record)
    assert fault(doctor) in kinds
    assert record in doctor.text("main")


def test_after_an_expired_session_the_note_is_still_there(visit: Visit, stage: Stage) -> None:
    record = stage.deliver(*thermal(stage.number(), patient="P-EXPI-RED0-AA"))
    doctor = visit(DOCTOR)
    doctor.open(record)
    doctor.review("disagree", "Half a thought")
    stage.end_session(doctor, DOCTOR)
    doctor.page.wait_for_selector("input[name=password]")
    assert "P-EXPI-RED0" not in doctor.page.content()
    assert stage.reviews(record) == []
    doctor.sign_in(DOCTOR)
    doctor.open(record)
    doctor.page.wait_for_selector(".review-form")
    assert doctor.page.input_value(".review-form textarea") == "Half a thought"
    assert doctor.page.is_checked(".review-form input[value=disagree]")


def test_a_tab_that_was_left_alone_shows_no_patient(visit: Visit, stage: Stage) -> None:
    record = stage.deliver(*thermal(stage.number(), patient="P-LEFT-AL0N-AA"))
    doctor = visit(clock=True).sign_in(DOCTOR)
    doctor.open(record)
    doctor.page.clock.fast_forward("35:00")
    doctor.page.wait_for_selector("input[name=password]")
    assert "P-LEFT-AL0N" not in doctor.page.content()


def test_two_doctors_reviewing_at_once_both_stand(visit: Visit, stage: Stage) -> None:
    record = stage.deliver(*thermal(stage.number()))
    ada, bo = visit(DOCTOR), visit(COLLEAGUE)
    for doctor in (ada, bo):
        doctor.open(record)
        doctor.page.wait_for_selector(".review-form")
    ada.review("agree", "Nothing there.")
    bo.review("recall", "I want to see her again.")
    bo.sign()
    ada.page.wait_for_selector("dialog .meanwhile")  # before she signs
    assert stage.logins[COLLEAGUE].shown in ada.text("dialog .meanwhile")
    assert "Sign beside it" in ada.text("dialog .sign")
    ada.sign()
    bo.page.wait_for_function("() => document.querySelectorAll('.reviews li').length === 2")
    expected = [
        Said(stage.logins[COLLEAGUE].shown, "recall", "I want to see her again.", None),
        Said(stage.logins[DOCTOR].shown, "agree", "Nothing there.", None),
    ]
    assert list(stage.reviews(record)) == expected
    for doctor in (ada, bo):
        doctor.wait_for_text("The doctors do not agree.")
    # A second thought supersedes an own review, and the first one stays on file.
    ada.review("recall", "Agreed after all.")
    assert "It supersedes your review" in ada.text("dialog")
    ada.sign()
    bo.page.wait_for_selector(".reviews li.superseded")
    assert len(stage.reviews(record)) == 3
    assert "The doctors do not agree." not in bo.text("main")


def test_a_reader_who_is_offline_keeps_what_was_opened(visit: Visit, stage: Stage) -> None:
    seen = stage.deliver(*thermal(stage.number(), patient="P-SEEN-0001-AA"))
    unseen = stage.deliver(*thermal(stage.number(), patient="P-UNSE-EN01-AA"))
    doctor = visit(DOCTOR)
    doctor.open(seen)
    doctor.page.wait_for_selector(".picture-place canvas")
    doctor.go("#/")
    doctor.context.set_offline(True)
    doctor.open(seen)
    doctor.page.wait_for_selector(".picture-place canvas")
    assert "+0.92 ± 0.31" in doctor.text(".panel.measured")
    doctor.go("#/")
    doctor.open(unseen)
    assert fault(doctor) == "offline"
    doctor.context.set_offline(False)
    assert json.dumps(stage.openings(unseen)) == "[]"
