"""One-time codes of an authenticator app: TOTP (RFC 6238) with HMAC-SHA-1, six digits, steps of 30 s: what every app knows."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from urllib.parse import quote, urlencode

STEP_S = 30
DIGITS = 6
TOLERANCE = 1
"""Steps that a phone's clock may be early or late (RFC 6238, 5.2)."""
_SECRET_BYTES = 20
"""As long as the hash (RFC 4226, 4, requirement R6)."""


def new_secret() -> bytes:
    return secrets.token_bytes(_SECRET_BYTES)


def code_of(secret: bytes, step: int) -> str:
    """Return the code of one step (RFC 4226, 5.3: dynamic truncation)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: bytes, code: str, now_s: float, *, after: int | None = None) -> int | None:
    """Return the step that ``code`` belongs to, ``None`` where it is wrong.

    ``now_s``: seconds since 1970 by the wall clock, which a phone shares. ``after``: the step of the last code that was taken;
    it and earlier ones are worthless (RFC 6238, 5.2: a code is accepted once).
    """
    given = "".join(code.split())
    if not given.isascii():
        return None
    current = int(now_s // STEP_S)
    found = None
    for step in range(current - TOLERANCE, current + TOLERANCE + 1):
        right = hmac.compare_digest(code_of(secret, step), given)  # each is tried, so that the time tells nothing
        if right and (after is None or step > after):
            found = step
    return found


def typed(secret: bytes) -> str:
    """Return the secret as it is typed into an app."""
    return base64.b32encode(secret).decode().rstrip("=")


def address(secret: bytes, account: str, issuer: str) -> str:
    """Return the ``otpauth://`` address that an app reads from a QR code."""
    label = quote(f"{issuer}:{account}", safe="")
    values = {"secret": typed(secret), "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": STEP_S}
    return f"otpauth://totp/{label}?{urlencode(values)}"
