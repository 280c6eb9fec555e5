"""Lights and buzzer through gpiozero, on its own mock pins, and their simulated twin."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest
from gpiozero import PWMLED
from gpiozero.exc import BadPinFactory
from gpiozero.pins.mock import MockFactory, MockPWMPin
from gpiozero.threads import GPIOThread

from drivers.clock import VirtualClock
from drivers.errors import BadDeviceURL, BusForbidden, BusMissing, DeviceClosed, DriverNotInstalled
from drivers.indicator import PATTERNS, GpioIndicator, NoIndicator, Pins
from drivers.protocols import Signal
from drivers.sim.indicator import LOG_LENGTH, SimIndicator


@pytest.fixture
def factory() -> Iterator[MockFactory]:
    factory = MockFactory(pin_class=MockPWMPin)
    yield factory
    factory.reset()


def lights(factory: MockFactory, pins: Pins | None = None) -> tuple[float, ...]:
    pins = pins or Pins()
    return tuple(factory.pin(pin).state for pin in (pins.red, pins.green, pins.blue))


@pytest.mark.parametrize("signal", Signal)
def test_each_signal_has_its_own_light(factory: MockFactory, signal: Signal) -> None:
    indicator = GpioIndicator(pin_factory=factory)
    indicator.show(signal)
    assert lights(factory) == PATTERNS[signal].rgb
    indicator.close()


def test_no_two_signals_look_alike_and_none_is_red() -> None:
    assert len({pattern.rgb for pattern in PATTERNS.values()}) == len(Signal)
    for pattern in PATTERNS.values():
        red, green, _ = pattern.rgb
        assert not red or green >= red / 2


def sounding() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if isinstance(thread, GPIOThread)]


def beeps(factory: MockFactory, pin: int) -> list[float]:
    """The levels that the buzzer has had, in order."""
    return [state.state for state in factory.pin(pin).states]


@pytest.mark.parametrize(("signal", "count"), [(Signal.SEEN, 1), (Signal.DONE, 1), (Signal.ATTENTION, 2), (Signal.WORKING, 0)])
def test_a_sound_is_a_square_wave_that_ends_by_itself(factory: MockFactory, signal: Signal, count: int) -> None:
    indicator = GpioIndicator(pin_factory=factory)
    indicator.show(signal)
    for thread in sounding():
        thread.join(timeout=10)
    buzzer = factory.pin(18)
    assert beeps(factory, 18).count(0.5) == count
    assert buzzer.state == 0
    if count:
        assert buzzer.frequency == PATTERNS[signal].beep_hz
    indicator.close()


def test_a_signal_silences_the_one_before_it(factory: MockFactory) -> None:
    indicator = GpioIndicator(pin_factory=factory)
    for _ in range(20):
        indicator.show(Signal.ATTENTION)
    indicator.show(Signal.OFF)
    assert sounding() == []
    assert factory.pin(18).state == 0
    assert lights(factory) == (0, 0, 0)
    indicator.close()


def test_a_kiosk_without_a_buzzer_has_lights(factory: MockFactory) -> None:
    indicator = GpioIndicator(Pins(buzzer=None), pin_factory=factory)
    indicator.show(Signal.SEEN)
    assert lights(factory) == PATTERNS[Signal.SEEN].rgb
    indicator.close()


def test_closing_puts_the_lights_out_and_frees_the_pins(factory: MockFactory) -> None:
    indicator = GpioIndicator(pin_factory=factory)
    indicator.show(Signal.DONE)
    indicator.close()
    indicator.close()
    assert repr(indicator) == "<GpioIndicator, closed>"
    with pytest.raises(DeviceClosed):
        indicator.show(Signal.READY)
    GpioIndicator(pin_factory=factory).close()


def test_a_pin_in_use_is_named(factory: MockFactory) -> None:
    lamp = PWMLED(17, pin_factory=factory)
    with pytest.raises(BadDeviceURL, match="already in use"):
        GpioIndicator(pin_factory=factory)
    lamp.close()
    GpioIndicator(pin_factory=factory).close()


@pytest.mark.parametrize(
    ("pins", "message"),
    [({"red": 17, "green": 17}, "twice"), ({"buzzer": 27}, "twice"), ({"blue": 40}, "GPIO 40"), ({"blue": 0}, "GPIO 0")],
)
def test_wrong_pins_are_refused_before_any_is_touched(pins: dict[str, int], message: str) -> None:
    with pytest.raises(BadDeviceURL, match=message):
        Pins(**pins)


@pytest.mark.parametrize(
    ("error", "expected"), [(BadPinFactory("none"), BusMissing), (PermissionError("/dev/gpiochip0"), BusForbidden)]
)
def test_a_machine_without_usable_pins_says_what_to_do(
    factory: MockFactory, monkeypatch: pytest.MonkeyPatch, error: Exception, expected: type[Exception]
) -> None:
    def no_pin(name: object) -> None:
        raise error

    monkeypatch.setattr(factory, "pin", no_pin)
    with pytest.raises(expected, match=r"python3-lgpio|group gpio"):
        GpioIndicator(pin_factory=factory)


def test_pins_without_pwm_are_refused() -> None:
    with pytest.raises(BadDeviceURL, match="cannot be used"):
        GpioIndicator(pin_factory=MockFactory())


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gpiozero", None)
    with pytest.raises(DriverNotInstalled, match=r"firstlight\[pi\]"):
        GpioIndicator()


def test_the_simulated_indicator_remembers_what_it_showed() -> None:
    clock = VirtualClock()
    lamp = SimIndicator(clock)
    seen = [lamp.signal]
    lamp.show(Signal.READY)
    seen.append(lamp.signal)
    clock.sleep(1.5)
    lamp.show(Signal.SEEN)
    seen.append(lamp.signal)
    assert seen == [Signal.OFF, Signal.READY, Signal.SEEN]
    assert list(lamp.log) == [(0.0, Signal.READY), (1.5, Signal.SEEN)]
    assert repr(lamp) == "<SimIndicator seen>"
    lamp.close()
    assert lamp.signal is Signal.OFF
    for _ in range(LOG_LENGTH + 1):
        lamp.show(Signal.DONE)
    assert len(lamp.log) == LOG_LENGTH


def test_no_indicator_takes_every_signal() -> None:
    nothing = NoIndicator()
    for signal in Signal:
        nothing.show(signal)
    nothing.close()
