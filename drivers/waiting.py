"""Waiting for a card, the same for every reader."""

from __future__ import annotations

from collections.abc import Callable

from drivers.clock import Clock, Deadline
from drivers.protocols import Card

STEP_S = 0.02
"""Pause between two looks: a fifth of the time in which a patient wants an answer."""


def wait_for_card(poll: Callable[[], Card | None], clock: Clock, timeout_s: float) -> Card:
    """Poll until there is a card; raises `DeadlineExceeded`, and whatever ``poll`` raises."""
    deadline = Deadline(clock, timeout_s, "No card was held to the reader")
    while (card := poll()) is None:
        deadline.check()
        clock.sleep(min(STEP_S, deadline.remaining_s))
    return card
