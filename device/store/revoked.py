"""Cards that the clinic has revoked: whoever finds or steals one begins no visit with it. Inside the caller's transaction.

A card is named by its reference (`device.visit.patients.card_reference`), which only this site's kiosks can make out of it.
"""

from __future__ import annotations

import sqlite3

from device.process.moment import Moment
from device.store.moments import moment_columns


def revoke_card(connection: sqlite3.Connection, card_ref: str, now: Moment) -> bool:
    """Take a card out of use, known here or not; return whether it was in use before."""
    cursor = connection.execute(
        """INSERT INTO revoked_cards (card_ref, boot_id, monotonic_s, wall, synchronised) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (card_ref) DO NOTHING""",
        (card_ref, *moment_columns(now)),
    )
    return cursor.rowcount == 1


def is_revoked(connection: sqlite3.Connection, card_ref: str) -> bool:
    return connection.execute("SELECT 1 FROM revoked_cards WHERE card_ref = ?", (card_ref,)).fetchone() is not None


def readmit_card(connection: sqlite3.Connection, card_ref: str) -> None:
    """Undo a revocation, because the clinic itself hands the card out again."""
    connection.execute("DELETE FROM revoked_cards WHERE card_ref = ?", (card_ref,))
