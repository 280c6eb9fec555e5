"""The store as a visit uses it: a damaged store is salvaged once under way, and every fault has its reason for the patient."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from device.process.logs import Log
from device.process.moment import Moment
from device.store.alarms import Alarm
from device.store.counts import Counts
from device.store.database import Store
from device.store.errors import (
    BadRecord,
    DuplicateRecord,
    PatientExists,
    StoreCorrupt,
    StoreError,
    StoreFull,
    UnknownPatient,
)
from device.store.patients import Patient, PinFailures
from device.store.records import NewRecord
from device.store.tallies import Tally
from device.visit import pin
from device.visit.reasons import Reason

LOG = Log(__name__)
T = TypeVar("T")


def reason_of(error: StoreError) -> Reason:
    """Return what to tell a patient about ``error``."""
    if isinstance(error, BadRecord | DuplicateRecord | PatientExists | UnknownPatient):
        return Reason.INTERNAL  # it is not the disk that is wrong
    return Reason.DISK_FULL if isinstance(error, StoreFull) else Reason.STORE_FAULTY


class Archive:
    """Patients and records of one store. Every method raises `StoreError` but those that say otherwise."""

    def __init__(self, open_store: Callable[[], Store]) -> None:
        """``open_store`` is called on first use, and again on the next use as long as it fails."""
        self._open_store = open_store
        self._opened: Store | None = None
        self._refusal: Reason | None = None

    @property
    def _store(self) -> Store:
        if self._opened is None:
            self._opened = self._open_store()
        return self._opened

    def refusal(self) -> Reason | None:
        """Return why no visit can be accepted now, ``None`` where one can. Raises nothing."""
        before, self._refusal = self._refusal, None
        try:
            self._store.accepting()
        except StoreError as error:
            self._refusal = reason_of(error)
            if self._refusal is not before:
                LOG.error("store accepts no visit", fault=type(error).__name__, detail=str(error))
        return self._refusal

    def patient_of(self, card_ref: str) -> Patient | None:
        return self._salvaging(lambda: self._store.patient_of(card_ref))

    def is_revoked(self, card_ref: str) -> bool:
        return self._salvaging(lambda: self._store.is_revoked(card_ref))

    def register(self, patient: Patient, consent: NewRecord) -> None:
        """Make patient and consent durable in one transaction."""
        self._salvaging(lambda: self._store.register(patient, consent))

    def consent(self, patient: Patient, consent: NewRecord) -> None:
        """Make what a known patient has agreed to durable."""
        self._salvaging(lambda: self._store.consent(patient, consent))

    def save(self, record: NewRecord) -> None:
        """Make ``record`` durable; when this returns it survives a power cut."""
        self._salvaging(lambda: self._store.save(record))

    def alarmed(self) -> bool:
        """Whether a technician must look at something. Raises nothing."""
        try:
            return bool(self._store.alarms())
        except StoreError:
            return True

    def alarms(self) -> list[Alarm]:
        """Return what a technician must look at."""
        return self._store.alarms()

    def counts(self) -> Counts:
        """Return how many records wait, are synced, dead and purged."""
        return self._store.counts()

    def tally(self, bundle: str, cells: Mapping[str, str]) -> None:
        """Count one more in the cell of each statistic."""
        self._salvaging(lambda: self._store.tally(bundle, cells))

    def tallies(self, bundle: str) -> list[Tally]:
        """Return what was counted for one model bundle."""
        return self._store.tallies(bundle)

    def pin_pause_s(self, patient: Patient, now: Moment) -> tuple[int, float]:
        """Return the wrong tries so far and the seconds until the next one is allowed."""
        failures = self._salvaging(lambda: self._store.pin_failures(patient.ref))
        return failures.count, pin.remaining_s(failures.count, failures.last, now)

    def try_pin(self, patient: Patient, given: str) -> bool:
        """Whether ``given`` is the patient's PIN. The try is counted before it is judged, so a power cut wins none."""

        def count() -> PinFailures:
            return self._store.add_pin_failure(patient.ref)

        self._salvaging(count)
        if patient.pin_hash is None or not pin.pin_matches(given, patient.pin_hash):
            return False
        self._salvaging(lambda: self._store.clear_pin_failures(patient.ref))
        return True

    def raise_alarm(self, kind: str, detail: str) -> None:
        """Note something for the technician. Where even that fails, the log has it."""
        LOG.error("alarm", kind=kind, detail=detail)
        try:
            self._salvaging(lambda: self._store.raise_alarm(kind, detail))
        except StoreError as error:
            LOG.error("alarm could not be kept", fault=type(error).__name__, detail=str(error))

    def clear_alarm(self, kind: str) -> None:
        """Forget an alarm whose cause is gone."""
        try:
            self._salvaging(lambda: self._store.clear_alarm(kind))
        except StoreError as error:
            LOG.error("alarm could not be cleared", fault=type(error).__name__, detail=str(error))

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()

    def _salvaging(self, call: Callable[[], T]) -> T:
        """Call, and once more if the store turned out to be damaged: that use moves it aside and goes on with a new one."""
        try:
            return call()
        except StoreCorrupt as error:
            LOG.error("store damaged, salvaging it", detail=str(error))
            return call()
