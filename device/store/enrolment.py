"""Who a card belongs to, when the clinic says so; inside the caller's transaction."""

from __future__ import annotations

import sqlite3

from device.process.moment import Moment
from device.store.errors import PatientExists, UnknownPatient
from device.store.moments import moment_columns
from device.store.revoked import readmit_card

NO_CONSENT = ""
"""What stands for the consent of somebody whom the clinic enrolled and who has not been asked yet."""


def enrol(connection: sqlite3.Connection, ref: str, card_ref: str, now: Moment, *, replace: bool) -> None:
    """Tie a card to a patient reference and mark both as confirmed.

    A card that registered itself under this reference is confirmed; a patient who is new here is asked for consent at the
    first visit. ``replace``: the patient has a new card, and the old one points to nobody from now on. A card that was revoked
    is in use again. Raises `PatientExists`.
    """
    owner = connection.execute("SELECT ref FROM patients WHERE card_ref = ?", (card_ref,)).fetchone()
    if owner is not None and owner[0] != ref:
        raise PatientExists(f"this card belongs to patient {owner[0]}; enrol it under that reference, or take another card")
    known = connection.execute("SELECT card_ref FROM patients WHERE ref = ?", (ref,)).fetchone()
    if known is not None and known[0] != card_ref and not replace:
        raise PatientExists(
            f"patient {ref} has another card already; say that it is to be replaced, or choose another reference"
        )
    connection.execute(
        """INSERT INTO patients (ref, card_ref, pin_hash, confirmed, consent_version, boot_id, monotonic_s, wall, synchronised)
        VALUES (?, ?, NULL, 1, ?, ?, ?, ?, ?) ON CONFLICT (ref) DO UPDATE SET card_ref = excluded.card_ref, confirmed = 1""",
        (ref, card_ref, NO_CONSENT, *moment_columns(now)),
    )
    readmit_card(connection, card_ref)


def keep_consent(connection: sqlite3.Connection, ref: str, consent_version: str, pin_hash: str | None) -> None:
    """Note what a patient who was known already has agreed to now, and their PIN. Raises `UnknownPatient`."""
    changed = connection.execute(
        "UPDATE patients SET consent_version = ?, pin_hash = ? WHERE ref = ?", (consent_version, pin_hash, ref)
    )
    if changed.rowcount == 0:
        raise UnknownPatient(f"no patient has the reference {ref}; register the card first")
