"""The first actions of a visit: from a card to a person who is known and has agreed."""

from __future__ import annotations

from dataclasses import replace

from device.screen.view import Page, View
from device.store.enrolment import NO_CONSENT
from device.store.patients import Patient
from device.visit import pages, pin
from device.visit.consent import Consent
from device.visit.desk import Desk
from device.visit.given import Given
from device.visit.patients import card_reference, new_patient_reference
from device.visit.reading import Person, consent_record
from device.visit.reasons import Reason
from device.visit.session import Session
from device.visit.table import Event
from drivers.protocols import Signal

CONSENT_PAGES = 3
"""The consent page has three cards to read, so it stays three times as long as another page."""


class Arrival:
    """Each public method is the action of its name in `device.visit.table`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def begin(self, given: Given) -> Event | None:
        """Acknowledge first, then look who it is."""
        desk = self._desk
        desk.show(View(Page.SEEN))
        desk.signal(Signal.SEEN)
        if given.card is None:
            raise ValueError("a visit begins with a card")
        desk.session = session = Session(tapped_s=desk.reader.tapped_s, acknowledged_s=desk.time.monotonic())
        session.card_ref = card_reference(desk.site_key, given.card)
        session.reason = desk.refusal()
        if session.reason is not None:
            return Event.FAULT
        if desk.archive.is_revoked(session.card_ref):
            session.reason = Reason.CARD_REVOKED
            return Event.FAULT
        patient = desk.archive.patient_of(session.card_ref)
        if patient is None:
            return Event.CARD_NEW
        session.patient = patient
        session.consent = Consent.from_token(patient.consent_version)
        return Event.PIN_NEEDED if patient.pin_hash else self._agreed_before()

    def _agreed_before(self) -> Event:
        """A patient whom the clinic enrolled, or who agreed to another text, is asked like one who is new."""
        desk, consent = self._desk, self._desk.session.consent
        covered = consent is not None and consent.covers(photo=desk.photographer is not None)
        return Event.CARD_KNOWN if covered else Event.CARD_NEW

    def refuse_card(self, given: Given) -> Event | None:
        """A card that cannot be used begins no visit, but gets its sentence."""
        self._desk.session = Session(reason=given.reason)
        self._desk.apologise(given.reason or Reason.CARD_NOT_READABLE)
        return None

    # -- PIN

    def ask_pin(self, given: Given) -> Event | None:
        self._show_pin(wrong=False)
        return None

    def count_pin_pause(self, given: Given) -> Event | None:
        """Keep the running pause on the page true."""
        if self._desk.session.paused:
            self._show_pin(wrong=True)
        return None

    def check_pin(self, given: Given) -> Event | None:
        desk, patient = self._desk, self._patient()
        _, pause_s = desk.archive.pin_pause_s(patient, desk.time.now())
        if pause_s > 0:  # said before the page could show the pause
            return None
        if desk.archive.try_pin(patient, given.pin):
            return self._agreed_before()
        desk.timer.start(desk.config.visit.page_timeout_s)
        self._show_pin(wrong=True)
        return None

    def _show_pin(self, *, wrong: bool) -> None:
        desk = self._desk
        failures, pause_s = desk.archive.pin_pause_s(self._patient(), desk.time.now())
        desk.session.paused = pause_s > 0
        desk.show(pages.ask_pin(failures, pause_s, wrong=wrong))

    def _patient(self) -> Patient:
        if self._desk.session.patient is None:
            raise ValueError("nobody is known yet")
        return self._desk.session.patient

    # -- registration

    def ask_consent(self, given: Given) -> Event | None:
        desk, known = self._desk, self._desk.session.patient
        desk.timer.start(CONSENT_PAGES * desk.config.visit.page_timeout_s)
        again = known is not None and known.consent_version != NO_CONSENT
        desk.show(pages.new_card(photo=desk.photographer is not None, again=again))
        return None

    def note_consent(self, given: Given) -> Event | None:
        """Agreed; nothing is kept before the last question is answered."""
        desk, known = self._desk, self._desk.session.patient
        desk.session.consent = Consent(given.training, photo=desk.photographer is not None)
        if known is not None and known.pin_hash:
            return self._register(known.pin_hash)
        if desk.config.visit.pin == "off":
            return self._register(None)
        desk.timer.start(desk.config.visit.page_timeout_s)
        desk.show(pages.choose_pin())
        return None

    def register(self, given: Given) -> Event | None:
        """Keep patient and consent together; an empty PIN means none."""
        if self._desk.session.consent is None or (given.pin and not pin.acceptable(given.pin)):
            return None
        return self._register(pin.hash_pin(given.pin) if given.pin else None)

    def _register(self, pin_hash: str | None) -> Event:
        desk, session = self._desk, self._desk.session
        if session.consent is None:
            raise ValueError("nobody is registered without consent")
        now, known = desk.time.now(), session.patient
        patient = known or Patient(
            ref=new_patient_reference(),
            card_ref=session.card_ref,
            pin_hash=None,
            confirmed=False,
            registered=now,
            consent_version="",
        )
        session.patient = replace(patient, pin_hash=pin_hash, consent_version=session.consent.token())
        session.registered_now = True
        person = Person(session.patient, session.consent, desk.screen.language, registered_now=True)
        keep = desk.archive.register if known is None else desk.archive.consent
        keep(session.patient, consent_record(desk.config, person, now))
        return Event.REGISTERED
