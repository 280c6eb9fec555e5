"""The store as the kiosk uses it: a record that `Store.save` has returned for is on the disk.

The kiosk process can write records but not read them again: what it saves is sealed to a public key.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from device.process.config import StoreConfig
from device.process.moment import Timekeeper
from device.store.alarms import Alarm, clear_alarm, raise_alarm, read_alarms
from device.store.connection import Database
from device.store.counts import Counts, count
from device.store.enrolment import enrol, keep_consent
from device.store.errors import PatientExists, StoreFull, StoreReadOnly, UnknownPatient
from device.store.faults import disk_faults
from device.store.files import free_bytes, on_read_only_disk
from device.store.keys import create_keys, load_recipient, parse_recipient
from device.store.moments import moment_columns, moment_from_row
from device.store.patients import Patient, PinFailures
from device.store.records import NewRecord, SavedRecord
from device.store.revoked import is_revoked
from device.store.saving import insert_record, seal_record
from device.store.sealing import Sealer
from device.store.tallies import Tally, add_tallies, read_tallies

RESERVE_BYTES = StoreConfig().reserve_bytes


class Store:
    """Patients, records on their way, and alarms. Every method raises `StoreError` where the disk or the file fails.

    After `StoreCorrupt` the object stays usable: the next call salvages the store and goes on with a new one.
    """

    def __init__(self, database: Database, sealer: Sealer, timekeeper: Timekeeper, reserve_bytes: int) -> None:
        """For `open`."""
        self._database = database
        self._sealer = sealer
        self._timekeeper = timekeeper
        self._reserve_bytes = reserve_bytes

    @classmethod
    def open(
        cls, data_dir: Path, timekeeper: Timekeeper, *, recipient: bytes | None = None, reserve_bytes: int = RESERVE_BYTES
    ) -> Store:
        """Open the store in ``data_dir``, creating, migrating or salvaging it where needed.

        ``recipient``: public key that records are sealed to (PEM or 32 raw bytes); ``None`` takes `recipient.pub`, and
        makes the keys on the first start. ``reserve_bytes``: free disk space below which `accepting` refuses.
        Raises `StoreTooNew`, `StoreFull`, `StoreReadOnly`, `StoreBusy`, `KeyMissing`, `BadKey`.
        """
        sealer = Sealer(_recipient(data_dir, recipient))
        return cls(Database(data_dir, timekeeper), sealer, timekeeper, reserve_bytes)

    def save(self, record: NewRecord) -> SavedRecord:
        """Make a record durable. When this returns it survives a power cut; when it raises, nothing of it was kept.

        The same record may be saved again. Raises `BadRecord` and `DuplicateRecord` besides the disk's errors.
        """
        sealed = seal_record(record, self._sealer)
        with self._database.write() as connection:
            return insert_record(connection, sealed)

    def register(self, patient: Patient, consent: NewRecord) -> SavedRecord:
        """Make a new patient and their consent durable together. Raises `PatientExists`, otherwise like `save`."""
        sealed = seal_record(consent, self._sealer)
        with self._database.write() as connection:
            _insert_patient(connection, patient)
            return insert_record(connection, sealed)

    def consent(self, patient: Patient, consent: NewRecord) -> SavedRecord:
        """Make the consent of a patient who is known already durable, with their PIN. Raises `UnknownPatient`, like `save`."""
        sealed = seal_record(consent, self._sealer)
        with self._database.write() as connection:
            keep_consent(connection, patient.ref, patient.consent_version, patient.pin_hash)
            return insert_record(connection, sealed)

    def enrol(self, ref: str, card_ref: str, *, replace: bool = False) -> None:
        """Tie a card to a patient reference, as the clinic says; see `device.store.enrolment.enrol`. Raises `PatientExists`."""
        with self._database.write() as connection:
            enrol(connection, ref, card_ref, self._timekeeper.now(), replace=replace)

    def patient_of(self, card_ref: str) -> Patient | None:
        """Return who a card points to, ``None`` for a card that is new here."""
        with self._database.read() as connection:
            row = connection.execute(f"SELECT {_PATIENT} FROM patients WHERE card_ref = ?", (card_ref,)).fetchone()
        return None if row is None else _patient_from_row(row)

    def is_revoked(self, card_ref: str) -> bool:
        """Return whether the clinic has taken a card out of use."""
        with self._database.read() as connection:
            return is_revoked(connection, card_ref)

    def patient(self, ref: str) -> Patient:
        """Return the patient with this reference. Raises `UnknownPatient`."""
        with self._database.read() as connection:
            row = connection.execute(f"SELECT {_PATIENT} FROM patients WHERE ref = ?", (ref,)).fetchone()
        if row is None:
            raise _unknown(ref)
        return _patient_from_row(row)

    def set_pin(self, ref: str, pin_hash: str | None) -> None:
        """Set a patient's PIN hash (``None``: no PIN) and forget wrong tries. Raises `UnknownPatient`."""
        with self._database.write() as connection:
            if connection.execute("UPDATE patients SET pin_hash = ? WHERE ref = ?", (pin_hash, ref)).rowcount == 0:
                raise _unknown(ref)
            connection.execute("DELETE FROM pin_failures WHERE patient = ?", (ref,))

    def pin_failures(self, ref: str) -> PinFailures:
        """Return the wrong tries since the last right one."""
        with self._database.read() as connection:
            return _pin_failures(connection, ref)

    def add_pin_failure(self, ref: str) -> PinFailures:
        """Count a wrong try, durably, and return the new state. Raises `UnknownPatient`.

        Call it *before* the answer is shown (or before the hash is computed): then cutting the power wins no free try.
        """
        with self._database.write() as connection:
            if connection.execute("SELECT 1 FROM patients WHERE ref = ?", (ref,)).fetchone() is None:
                raise _unknown(ref)
            connection.execute(
                """INSERT INTO pin_failures (patient, count, boot_id, monotonic_s, wall, synchronised) VALUES (?, 1, ?, ?, ?, ?)
                ON CONFLICT (patient) DO UPDATE SET count = count + 1, boot_id = excluded.boot_id,
                    monotonic_s = excluded.monotonic_s, wall = excluded.wall, synchronised = excluded.synchronised""",
                (ref, *moment_columns(self._timekeeper.now())),
            )
            return _pin_failures(connection, ref)

    def clear_pin_failures(self, ref: str) -> None:
        """The right PIN was entered."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM pin_failures WHERE patient = ?", (ref,))

    def accepting(self) -> None:
        """Return where there is room for one more visit. Raises `StoreFull` below the reserve, `StoreReadOnly`."""
        folder = self._database.path.parent
        with disk_faults(folder):
            if on_read_only_disk(folder):
                raise StoreReadOnly(f"the disk of {folder} is mounted read-only; check it with dmesg, a worn SD card does that")
            free = free_bytes(folder)
        if free < self._reserve_bytes:
            raise StoreFull(
                f"{free / 1e6:.0f} MB are free on the disk of {folder}, {self._reserve_bytes / 1e6:.0f} MB are kept in "
                f"reserve; connect the kiosk so that synced records can be purged, or free some space"
            )

    def counts(self) -> Counts:
        """Return how many records wait, are synced, dead and purged."""
        with self._database.read() as connection:
            return count(connection)

    def alarms(self) -> list[Alarm]:
        """Return what a technician must look at, by kind."""
        with self._database.read() as connection:
            return read_alarms(connection)

    def raise_alarm(self, kind: str, detail: str) -> None:
        """Note something that a technician must look at. ``detail``: what happened, to what, what to do; no patient."""
        with self._database.write() as connection:
            raise_alarm(connection, kind, detail, self._timekeeper.now())

    def clear_alarm(self, kind: str) -> None:
        """Forget an alarm that was dealt with."""
        with self._database.write() as connection:
            clear_alarm(connection, kind)

    def tally(self, bundle: str, cells: Mapping[str, str]) -> None:
        """Count one more in the cell of each statistic, in the week that it is now; see `device.store.tallies`."""
        with self._database.write() as connection:
            add_tallies(connection, bundle, cells, self._timekeeper.now())

    def tallies(self, bundle: str) -> list[Tally]:
        """Return what was counted for one model bundle, the oldest period first."""
        with self._database.read() as connection:
            return read_tallies(connection, bundle)

    def close(self) -> None:
        """Close the store; further use raises `StoreClosed`. May be called twice."""
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


_PATIENT = "ref, card_ref, pin_hash, confirmed, consent_version, boot_id, monotonic_s, wall, synchronised"


def _recipient(data_dir: Path, given: bytes | None) -> X25519PublicKey:
    if given is not None:
        return parse_recipient(given)
    create_keys(data_dir)
    return load_recipient(data_dir)


def _insert_patient(connection: sqlite3.Connection, patient: Patient) -> None:
    known = connection.execute(
        "SELECT ref FROM patients WHERE card_ref = ? OR ref = ?", (patient.card_ref, patient.ref)
    ).fetchone()
    if known is not None:
        raise PatientExists(
            f"the card or the reference {patient.ref} belongs to patient {known[0]} already; do not register it again"
        )
    connection.execute(
        f"INSERT INTO patients ({_PATIENT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            patient.ref,
            patient.card_ref,
            patient.pin_hash,
            int(patient.confirmed),
            patient.consent_version,
            *moment_columns(patient.registered),
        ),
    )


def _patient_from_row(row: tuple[Any, ...]) -> Patient:
    ref, card_ref, pin_hash, confirmed, consent_version, *registered = row
    return Patient(ref, card_ref, pin_hash, bool(confirmed), moment_from_row(registered), consent_version)


def _pin_failures(connection: sqlite3.Connection, ref: str) -> PinFailures:
    row = connection.execute(
        "SELECT count, boot_id, monotonic_s, wall, synchronised FROM pin_failures WHERE patient = ?", (ref,)
    ).fetchone()
    return PinFailures(0, None) if row is None else PinFailures(row[0], moment_from_row(row[1:]))


def _unknown(ref: str) -> UnknownPatient:
    return UnknownPatient(f"no patient has the reference {ref}; register the card first")
