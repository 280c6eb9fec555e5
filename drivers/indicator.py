"""Lights and a buzzer on GPIO pins, through gpiozero: what the kiosk tells a person without words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drivers.errors import BadDeviceURL, BusForbidden, BusMissing, DeviceClosed, DriverNotInstalled
from drivers.protocols import Signal

if TYPE_CHECKING:
    from gpiozero import Device


@dataclass(frozen=True)
class Pins:
    """BCM numbers."""

    red: int = 17
    green: int = 27
    blue: int = 22
    buzzer: int | None = 18

    def __post_init__(self) -> None:
        used = [pin for pin in (self.red, self.green, self.blue, self.buzzer) if pin is not None]
        if len(set(used)) != len(used):
            raise BadDeviceURL(f"An indicator needs a pin of its own for each light and the buzzer; {used} names one twice.")
        wrong = [pin for pin in used if not 2 <= pin <= 27]
        if wrong:
            raise BadDeviceURL(f"GPIO {wrong[0]} is not on the header of a Raspberry Pi; use BCM numbers from 2 to 27.")


@dataclass(frozen=True)
class Pattern:
    """How a signal looks and sounds."""

    rgb: tuple[float, float, float]
    """Brightness, 0 to 1."""
    beep_hz: float | None = None
    beep_s: float = 0.0
    beeps: int = 1


SQUARE_WAVE = 0.5
"""Duty cycle of a passive buzzer; at 1 it would be silent."""

PATTERNS: dict[Signal, Pattern] = {
    # No red on anything that a patient sees, and nothing that blinks.
    Signal.OFF: Pattern((0.0, 0.0, 0.0)),
    Signal.READY: Pattern((0.1, 0.1, 0.1)),
    Signal.SEEN: Pattern((0.0, 0.6, 0.6), beep_hz=880.0, beep_s=0.08),
    Signal.WORKING: Pattern((0.0, 0.2, 0.6)),
    Signal.DONE: Pattern((0.0, 0.6, 0.1), beep_hz=660.0, beep_s=0.15),
    Signal.ATTENTION: Pattern((0.6, 0.35, 0.0), beep_hz=440.0, beep_s=0.15, beeps=2),
}


class GpioIndicator:
    """`Indicator` with an RGB light and, where there is one, a passive buzzer. gpiozero's thread ends the sounds."""

    def __init__(self, pins: Pins | None = None, *, pin_factory: Any = None) -> None:
        """``pin_factory`` is gpiozero's; its default is chosen by gpiozero itself.

        Raises `DriverNotInstalled`, `BusForbidden`, `BusMissing` or `BadDeviceURL`.
        """
        pins = pins or Pins()
        try:
            from gpiozero import RGBLED, PWMOutputDevice
            from gpiozero.exc import BadPinFactory, GPIOPinInUse, PinInvalidPin, PinPWMUnsupported
        except ImportError as error:
            raise DriverNotInstalled("The indicator needs the package gpiozero; install firstlight[pi].") from error
        self._light: Any = None
        self._buzzer: Any = None
        self._open = True
        try:
            self._light = RGBLED(pins.red, pins.green, pins.blue, pin_factory=pin_factory)
            if pins.buzzer is not None:
                self._buzzer = PWMOutputDevice(pins.buzzer, pin_factory=pin_factory)
        except BaseException as error:
            self.close()
            match error:
                case BadPinFactory():
                    raise BusMissing(
                        "This machine has no GPIO that gpiozero can use. On a Raspberry Pi install python3-lgpio; elsewhere "
                        "choose the indicator none: or sim:."
                    ) from error
                case PermissionError():
                    raise BusForbidden("This user may not use the GPIO pins. Add it to the group gpio.") from error
                case GPIOPinInUse():
                    raise BadDeviceURL(f"A pin of the indicator is already in use ({error}). Choose another.") from error
                case PinInvalidPin() | PinPWMUnsupported():
                    raise BadDeviceURL(f"A pin of the indicator cannot be used ({error}). Choose another.") from error
            raise

    def __repr__(self) -> str:
        return f"<{type(self).__name__}{'' if self._open else ', closed'}>"

    def show(self, signal: Signal) -> None:
        """See `Indicator.show`. A signal without a sound silences the one before it."""
        if not self._open:
            raise DeviceClosed("The indicator has been closed; open it again.")
        pattern = PATTERNS[signal]
        self._light.value = pattern.rgb
        if self._buzzer is not None:
            self._beep(pattern)

    def close(self) -> None:
        self._open = False
        devices: tuple[Device | None, ...] = (self._light, self._buzzer)
        for device in devices:
            if device is not None:
                device.close()

    def _beep(self, pattern: Pattern) -> None:
        self._buzzer.source = None
        self._buzzer.value = 0
        if pattern.beep_hz is not None:
            self._buzzer.frequency = pattern.beep_hz
            self._buzzer.source_delay = pattern.beep_s
            self._buzzer.source = [SQUARE_WAVE, 0] * pattern.beeps


class NoIndicator:
    """`Indicator` for a kiosk without lights: it shows nothing."""

    def show(self, signal: Signal) -> None:
        del signal

    def close(self) -> None:
        """Do nothing."""
