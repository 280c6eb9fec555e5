"""Timing two things fairly: in turn, many times, medians."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

ROUNDS = 15


def interleaved(
    first: Callable[[], object], second: Callable[[], object], calls: int, rounds: int = ROUNDS
) -> tuple[float, float]:
    """Return the median seconds of one call of each, timed in turn so that a change of the machine's speed meets both.

    Of what takes some 10 µs at least, one call in many ``rounds`` compares best: what was interrupted lies beside the median.
    """
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, into in zip((first, second), times, strict=True):
            start = time.perf_counter()
            for _ in range(calls):
                call()
            into.append((time.perf_counter() - start) / calls)
    return statistics.median(times[0]), statistics.median(times[1])
