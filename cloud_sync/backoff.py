"""How long to wait before trying again, by what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from cloud_sync.remote import (
    RemoteClockWrong,
    RemoteConflict,
    RemoteError,
    RemoteFull,
    RemoteGarbage,
    RemoteInterrupted,
    RemoteMismatch,
    RemoteQuota,
    RemoteRefused,
    RemoteRevoked,
)


@dataclass(frozen=True)
class Backoff:
    """Exponential back-off with full jitter.

    The wait before try n + 1 is uniform in [0, min(cap, base · 2ⁿ⁻¹)]: it spreads many kiosks that lost the same remote at the
    same moment better than equal or no jitter (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
    """

    base_s: float
    cap_s: float
    floor_s: float = 0.0
    """The wait is never shorter: where an answer was a clear no, an immediate second try is only noise."""
    tries: int | None = None
    """Given up after so many; ``None``: never."""

    def delay_s(self, tries: int, rng: Random) -> float:
        """Return the wait after ``tries`` (≥ 1) failed ones."""
        exponent = min(max(tries, 1) - 1, 63)  # 2**63 is beyond any cap, and a float
        return max(self.floor_s, rng.uniform(0.0, min(self.cap_s, self.base_s * 2.0**exponent)))

    def exhausted(self, tries: int) -> bool:
        """Whether ``tries`` failed ones are enough to give up."""
        return self.tries is not None and tries >= self.tries


UNAVAILABLE = Backoff(base_s=1.0, cap_s=300.0)
"""Offline may last for weeks and says nothing about the record: never given up."""
FULL = Backoff(base_s=60.0, cap_s=900.0, floor_s=10.0)
QUOTA = Backoff(base_s=30.0, cap_s=3600.0, floor_s=5.0)
"""Asking more often uses up what is left. What the remote says itself (Retry-After) is a floor, too."""
CLOCK = Backoff(base_s=10.0, cap_s=300.0, floor_s=2.0)
"""The clock is set soon after the network is there."""
REVOKED = Backoff(base_s=120.0, cap_s=3600.0, floor_s=60.0)
"""The answer was clear. Records are kept, not given up: whoever enrols the kiosk anew gets them."""
INTERRUPTED = Backoff(base_s=0.0, cap_s=0.0)
GARBAGE = Backoff(base_s=10.0, cap_s=900.0, floor_s=1.0)
"""A captive portal or a broken proxy answers for a record that is sound: never given up."""
MISMATCH = Backoff(base_s=60.0, cap_s=3600.0, floor_s=10.0)
"""What is there is not what was sent. The record stays here, and a person is told."""
REFUSED = Backoff(base_s=60.0, cap_s=3600.0, floor_s=10.0, tries=8)
"""A wrong rule or a revoked kiosk may be put right within some hours; then the record is laid aside with the reason."""
CONFLICT = Backoff(base_s=1.0, cap_s=1.0, tries=1)
"""Other bytes under a random 128-bit name: no waiting resolves that."""
UNREADABLE = Backoff(base_s=60.0, cap_s=3600.0, floor_s=10.0, tries=8)
"""A key that was mixed up may be put right within some hours, too."""


def backoff_for(error: RemoteError) -> Backoff:
    """Return the rule for this class of error."""
    match error:
        case RemoteConflict():
            return CONFLICT
        case RemoteRefused():
            return REFUSED
        case RemoteMismatch():
            return MISMATCH
        case RemoteGarbage():
            return GARBAGE
        case RemoteFull():
            return FULL
        case RemoteQuota():
            return QUOTA
        case RemoteClockWrong():
            return CLOCK
        case RemoteRevoked():
            return REVOKED
        case RemoteInterrupted():
            return INTERRUPTED
        case _:
            return UNAVAILABLE
