"""Waiting longer each time, spread evenly, by class of error."""

from __future__ import annotations

from random import Random

import pytest

from cloud_sync.backoff import (
    CLOCK,
    CONFLICT,
    FULL,
    GARBAGE,
    INTERRUPTED,
    MISMATCH,
    QUOTA,
    REFUSED,
    REVOKED,
    UNAVAILABLE,
    Backoff,
    backoff_for,
)
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
    RemoteStuck,
    RemoteUnavailable,
    RemoteUnfinished,
)


def test_delays_grow_exponentially_up_to_the_cap_and_fill_the_whole_interval() -> None:
    backoff, rng = Backoff(base_s=2.0, cap_s=60.0), Random(3)
    for tries, highest in [(1, 2.0), (2, 4.0), (5, 32.0), (6, 60.0), (1000, 60.0)]:
        delays = [backoff.delay_s(tries, rng) for _ in range(2000)]
        assert 0.0 <= min(delays) < 0.02 * highest
        assert 0.98 * highest < max(delays) <= highest
        assert sum(delays) / len(delays) == pytest.approx(highest / 2, rel=0.05)  # full jitter: uniform from zero


def test_the_same_seed_gives_the_same_delays() -> None:
    first, second = Random(5), Random(5)
    assert [UNAVAILABLE.delay_s(n, first) for n in range(1, 9)] == [UNAVAILABLE.delay_s(n, second) for n in range(1, 9)]


def test_a_clear_no_is_never_repeated_at_once() -> None:
    assert min(REFUSED.delay_s(1, Random(seed)) for seed in range(200)) == REFUSED.floor_s


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RemoteUnavailable, UNAVAILABLE),
        (RemoteStuck, UNAVAILABLE),
        (RemoteFull, FULL),
        (RemoteGarbage, GARBAGE),
        (RemoteMismatch, MISMATCH),
        (RemoteRefused, REFUSED),
        (RemoteConflict, CONFLICT),
        (RemoteError, UNAVAILABLE),
        (RemoteUnfinished, UNAVAILABLE),
        (RemoteQuota, QUOTA),
        (RemoteClockWrong, CLOCK),
        (RemoteRevoked, REVOKED),
        (RemoteInterrupted, INTERRUPTED),
    ],
)
def test_each_class_of_error_has_its_rule(error: type[RemoteError], expected: Backoff) -> None:
    assert backoff_for(error("why")) is expected


def test_only_what_cannot_heal_is_given_up() -> None:
    assert [rule.exhausted(10**9) for rule in (UNAVAILABLE, FULL, QUOTA, CLOCK, REVOKED, GARBAGE, MISMATCH)] == [False] * 7
    assert (REFUSED.exhausted(7), REFUSED.exhausted(8)) == (False, True)
    assert CONFLICT.exhausted(1)
