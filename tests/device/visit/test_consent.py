"""When a patient is asked again: the text has changed since."""

from __future__ import annotations

import pytest

from device.screen.scripted import AGREEABLE, Answer
from device.screen.view import Page, Say
from device.visit import consent
from device.visit.consent import Consent
from device.visit.reasons import Reason
from device.visit.table import State
from tests.device.visit.booth import ANA
from tests.device.visit.conftest import MakeBooth

PATIENT = {**AGREEABLE, Page.CHOOSE_PIN: Answer(Say.PIN, "2718"), Page.PIN: Answer(Say.PIN, "2718")}


@pytest.mark.parametrize(
    ("given", "photo", "covered"),
    [
        (Consent(False), False, True),
        (Consent(False), True, False),
        (Consent(False, photo=True), True, True),
        (Consent(True, photo=True), False, True),
        (Consent(True, True, "0"), False, False),
        (Consent.from_token(""), False, False),
    ],
)
def test_what_a_consent_covers(given: Consent, photo: bool, covered: bool) -> None:
    assert given.covers(photo=photo) is covered


def test_a_changed_text_is_asked_once_more_and_the_number_stays(make_booth: MakeBooth, monkeypatch: pytest.MonkeyPatch) -> None:
    booth = make_booth(answers=PATIENT)
    patient = booth.visit()["patient"]
    monkeypatch.setattr(consent, "TEXT_VERSION", "2")
    monkeypatch.setattr(Consent.__init__, "__defaults__", (False, "2"))
    shown = len(booth.screen.views)
    document = booth.visit()
    pages = [view.page for view in booth.screen.views[shown:]]
    assert document["patient"] == patient
    assert document["consent"]["text_version"] == "2"
    assert pages.index(Page.PIN) < pages.index(Page.NEW_CARD), "the number first, then the question"
    assert Page.CHOOSE_PIN not in pages
    (asked, *_) = [view for view in booth.screen.views[shown:] if view.page is Page.NEW_CARD]
    assert asked.data["again"] is True

    shown = len(booth.screen.views)
    booth.visit()
    pages = [view.page for view in booth.screen.views[shown:]]
    assert Page.PIN in pages
    assert Page.NEW_CARD not in pages
    assert booth.modalities() == ["consent", "thermal", "consent", "thermal", "thermal"]


def test_who_declines_the_changed_text_is_asked_again_next_time(make_booth: MakeBooth, monkeypatch: pytest.MonkeyPatch) -> None:
    booth = make_booth()
    booth.visit()
    monkeypatch.setattr(consent, "TEXT_VERSION", "2")
    booth.screen.answers[Page.NEW_CARD] = Answer(Say.DECLINE)
    for _ in range(2):
        booth.tap(ANA)
        booth.until_state(State.CANCELLED)
        assert booth.reason == Reason.DECLINED
        booth.leave()
    assert booth.modalities() == ["consent", "thermal"]
