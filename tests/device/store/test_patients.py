"""Patients, their PINs, and tries that a power cut does not give back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from device.process.time import VirtualTimekeeper
from device.store.database import Store
from device.store.errors import UnknownPatient
from device.store.patients import PinFailures
from tests.device.store.samples import sample_patient, sample_record

HASH = "$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA"


@pytest.fixture
def registered(store: Store) -> Store:
    store.register(sample_patient(), sample_record())
    return store


def test_a_new_card_belongs_to_nobody(store: Store) -> None:
    assert store.patient_of("0" * 64) is None


def test_a_patient_is_found_by_reference(registered: Store) -> None:
    assert registered.patient(sample_patient().ref) == sample_patient()
    with pytest.raises(UnknownPatient, match="no patient has the reference P-NONE; register the card first"):
        registered.patient("P-NONE")


def test_a_repr_gives_neither_card_nor_pin_away() -> None:
    shown = repr(sample_patient(pin_hash=HASH))
    assert sample_patient().ref in shown
    assert sample_patient().card_ref not in shown
    assert HASH not in shown


def test_a_pin_can_be_set_and_removed(registered: Store) -> None:
    ref = sample_patient().ref
    registered.set_pin(ref, HASH)
    assert registered.patient(ref).pin_hash == HASH
    registered.set_pin(ref, None)
    assert registered.patient(ref).pin_hash is None


@pytest.mark.parametrize("method", ["set_pin", "add_pin_failure"])
def test_a_patient_who_is_not_there_has_no_pin(store: Store, method: str) -> None:
    arguments = ("P-NONE", HASH) if method == "set_pin" else ("P-NONE",)
    with pytest.raises(UnknownPatient):
        getattr(store, method)(*arguments)


def test_wrong_tries_are_counted_until_the_right_one(registered: Store, timekeeper: VirtualTimekeeper) -> None:
    ref = sample_patient().ref
    assert registered.pin_failures(ref) == PinFailures(0, None)
    first = registered.add_pin_failure(ref)
    assert (first.count, first.last) == (1, timekeeper.now())
    timekeeper.sleep(5.0)
    assert registered.add_pin_failure(ref) == PinFailures(2, timekeeper.now())
    registered.clear_pin_failures(ref)
    assert registered.pin_failures(ref).count == 0


def test_wrong_tries_outlive_a_power_cut(
    registered: Store, open_store: Callable[[], Store], timekeeper: VirtualTimekeeper
) -> None:
    ref = sample_patient().ref
    registered.add_pin_failure(ref)
    registered.add_pin_failure(ref)
    before = timekeeper.now()
    registered.close()
    timekeeper.reboot()
    assert open_store().pin_failures(ref) == PinFailures(2, before)


def test_a_new_pin_forgives(registered: Store) -> None:
    ref = sample_patient().ref
    registered.add_pin_failure(ref)
    registered.set_pin(ref, HASH)
    assert registered.pin_failures(ref).count == 0


def test_each_patient_has_their_own_tries(registered: Store) -> None:
    registered.register(sample_patient(2), sample_record())
    registered.add_pin_failure(sample_patient(1).ref)
    assert registered.pin_failures(sample_patient(2).ref).count == 0


def test_an_alarm_that_repeats_is_counted(store: Store, timekeeper: VirtualTimekeeper) -> None:
    store.raise_alarm("sensor_frozen", "the first time")
    timekeeper.sleep(60.0)
    store.raise_alarm("sensor_frozen", "the second time")
    store.raise_alarm("reader_gone", "check its cable")
    frozen = next(alarm for alarm in store.alarms() if alarm.kind == "sensor_frozen")
    assert (frozen.times, frozen.detail, frozen.last) == (2, "the second time", timekeeper.now())
    store.clear_alarm("sensor_frozen")
    assert [alarm.kind for alarm in store.alarms()] == ["reader_gone"]
