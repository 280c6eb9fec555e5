"""What every `Indicator` must do."""

from __future__ import annotations

import pytest

from drivers.clock import Clock
from drivers.conformance.stage import Stage
from drivers.protocols import Indicator, Signal

AT_ONCE_S = 0.1


@pytest.mark.parametrize("signal", Signal)
def test_a_signal_is_shown_at_once(indicator: Indicator, stage: Stage, clock: Clock, signal: Signal) -> None:
    begun_s = clock.monotonic()
    indicator.show(signal)
    assert clock.monotonic() - begun_s < AT_ONCE_S
    assert stage.confirm(f"Does the kiosk show {signal.value!r} (as the manual pictures it)?")


def test_signals_may_follow_each_other_quickly(indicator: Indicator, clock: Clock) -> None:
    begun_s = clock.monotonic()
    for _ in range(3):
        for signal in Signal:
            indicator.show(signal)
    assert clock.monotonic() - begun_s < 3 * len(Signal) * AT_ONCE_S


def test_it_can_be_closed_twice(indicator: Indicator) -> None:
    indicator.show(Signal.READY)
    indicator.close()
    indicator.close()
