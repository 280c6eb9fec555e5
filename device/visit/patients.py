"""Who a card points to. The card's number is turned into a reference here and goes no further."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from drivers.protocols import Card

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Base 32 without I, L, O and U (crockford.com/base32.html)."""
_DIGITS = 9
_PURPOSE = b"firstlight card reference 1"


def card_reference(site_key: bytes, card: Card) -> str:
    """Return HMAC-SHA256 over the card's technology and UID under the site's key, as 64 hexadecimal digits.

    Each part carries its length, so no two cards give the same message. Raises `ValueError` for a key that is too short.
    """
    if len(site_key) < 32:
        raise ValueError(f"a site key has 32 bytes at least, not {len(site_key)}")
    parts = (_PURPOSE, card.technology.value.encode(), card.uid)
    message = b"".join(len(part).to_bytes(2, "big") + part for part in parts)
    return hmac.new(site_key, message, hashlib.sha256).hexdigest()


def new_patient_reference() -> str:
    """Return a random reference such as ``P-7ZK3-M0QF-4C``: 45 random bits and Crockford's check symbol.

    Values whose check symbol would be one of ``*~$=U`` are drawn again, so that it can be typed, spoken and put in a path.
    """
    while True:
        value = secrets.randbits(5 * _DIGITS)
        if value % 37 < len(CROCKFORD):
            break
    digits = "".join(CROCKFORD[value >> 5 * place & 31] for place in reversed(range(_DIGITS)))
    text = digits + CROCKFORD[value % 37]
    return f"P-{text[:4]}-{text[4:8]}-{text[8:]}"


def valid_patient_reference(text: str) -> bool:
    """Whether ``text`` is a well-formed reference with the right check symbol."""
    symbols = text[2:].replace("-", "")
    if not text.startswith("P-") or len(symbols) != _DIGITS + 1 or any(symbol not in CROCKFORD for symbol in symbols):
        return False
    value = 0
    for symbol in symbols[:-1]:
        value = value << 5 | CROCKFORD.index(symbol)
    return text == f"P-{symbols[:4]}-{symbols[4:8]}-{symbols[8:]}" and value % 37 == CROCKFORD.index(symbols[-1])
