"""Who a card belongs to when the clinic says so, and what a known patient agrees to later."""

from __future__ import annotations

from dataclasses import replace

import pytest

from device.process.time import VirtualTimekeeper
from device.store.database import Store
from device.store.enrolment import NO_CONSENT
from device.store.errors import PatientExists, UnknownPatient
from tests.device.store.samples import sample_patient, sample_record

REF, CARD, OTHER_CARD = sample_patient().ref, sample_patient().card_ref, "f" * 64
HASH = "$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA"


def test_somebody_new_is_confirmed_and_has_agreed_to_nothing_yet(store: Store, timekeeper: VirtualTimekeeper) -> None:
    store.enrol(REF, CARD)
    patient = store.patient_of(CARD)
    assert patient is not None
    assert (patient.ref, patient.confirmed, patient.pin_hash, patient.consent_version) == (REF, True, None, NO_CONSENT)
    assert patient.registered == timekeeper.now()


def test_a_card_that_registered_itself_is_confirmed_and_keeps_the_rest(store: Store) -> None:
    store.register(sample_patient(pin_hash=HASH), sample_record())
    store.enrol(REF, CARD)
    assert store.patient(REF) == replace(sample_patient(pin_hash=HASH), confirmed=True)


def test_a_card_of_somebody_else_is_refused(store: Store) -> None:
    store.register(sample_patient(), sample_record())
    with pytest.raises(PatientExists, match=f"this card belongs to patient {REF}"):
        store.enrol("P-OTHER", CARD)
    with pytest.raises(PatientExists, match=f"this card belongs to patient {REF}"):
        store.enrol("P-OTHER", CARD, replace=True)
    assert store.patient(REF) == sample_patient()


def test_a_lost_card_is_replaced_only_when_asked_to_and_then_points_to_nobody(store: Store) -> None:
    store.register(sample_patient(pin_hash=HASH), sample_record())
    with pytest.raises(PatientExists, match="has another card already"):
        store.enrol(REF, OTHER_CARD)
    store.enrol(REF, OTHER_CARD, replace=True)
    assert store.patient_of(CARD) is None
    assert store.patient_of(OTHER_CARD) == replace(sample_patient(pin_hash=HASH), card_ref=OTHER_CARD, confirmed=True)


def test_a_later_consent_is_kept_with_its_record(store: Store) -> None:
    store.register(sample_patient(), sample_record())
    store.consent(replace(sample_patient(pin_hash=HASH), consent_version="2"), sample_record())
    patient = store.patient(REF)
    assert (patient.consent_version, patient.pin_hash) == ("2", HASH)
    assert store.counts().saved == 2


def test_a_consent_of_nobody_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(UnknownPatient):
        store.consent(sample_patient(), sample_record())
    assert store.counts().saved == 0
