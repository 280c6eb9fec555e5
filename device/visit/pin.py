"""The patient's PIN: how it is kept, and how often it may be guessed."""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from device.process.moment import Moment

SHORTEST, LONGEST = 4, 8
"""Digits."""
FREE_TRIES = 5
FIRST_PAUSE_S = 30.0
LONGEST_PAUSE_S = 3600.0

MEMORY_KIB: Final = 19 * 1024
PASSES: Final = 2
"""Argon2id with 19 MiB and two passes (OWASP Password Storage Cheat Sheet, second choice): 33 ms on x86-64. A PIN is short,
so this slows down who has stolen the store; who stands at the kiosk is held up by the pauses."""


def acceptable(pin: str) -> bool:
    """Whether ``pin`` can be chosen: 4 to 8 decimal digits."""
    return SHORTEST <= len(pin) <= LONGEST and pin.isascii() and pin.isdigit()


def hash_pin(pin: str) -> str:
    """Return the Argon2id hash in PHC format, with a fresh salt. Raises `ValueError` for a PIN that is none."""
    if not acceptable(pin):
        raise ValueError(f"a PIN has {SHORTEST} to {LONGEST} digits")
    kdf = Argon2id(salt=secrets.token_bytes(16), length=32, iterations=PASSES, lanes=1, memory_cost=MEMORY_KIB)
    return kdf.derive_phc_encoded(pin.encode())


def pin_matches(pin: str, pin_hash: str) -> bool:
    """Compare in constant time. A hash that cannot be read matches nothing."""
    try:
        Argon2id.verify_phc_encoded(pin.encode(), pin_hash)
    except (InvalidKey, ValueError):
        return False
    return True


def pause_s(failures: int) -> float:
    """Return how long to wait after so many wrong PINs in a row: none for the first four, then 30 s, doubling up to 1 h."""
    if failures < FREE_TRIES:
        return 0.0
    return min(FIRST_PAUSE_S * 2.0 ** min(failures - FREE_TRIES, 16), LONGEST_PAUSE_S)


def remaining_s(failures: int, last: Moment | None, now: Moment) -> float:
    """Return how much of the pause is left.

    After a reboot the pause counts from the boot, since nobody knows how long the kiosk was off (the monotonic clock starts
    there, clock_gettime(2)): pulling the plug shortens nothing.
    """
    if last is None:
        return pause_s(failures)
    passed = now.seconds_since(last)
    return max(0.0, pause_s(failures) - max(0.0, now.monotonic_s if passed is None else passed))
