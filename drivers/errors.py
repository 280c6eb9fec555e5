"""What can go wrong with hardware: one class for each fault, each also the builtin that it resembles.

A message says what happened, to what, and what to do. No message holds a card's UID or an image.
"""

from __future__ import annotations


class DriverError(Exception):
    """Any fault of the hardware or of its wiring."""


# -- choosing and opening a device


class BadDeviceURL(DriverError, ValueError):
    """A device URL names no driver, or has a part that the driver does not know."""


class DriverNotInstalled(DriverError, ImportError):
    """A Python package that the chosen driver needs is missing."""


class BusMissing(DriverError, FileNotFoundError):
    """The bus itself is not there: I2C or SPI is not enabled in the boot configuration."""


class BusForbidden(DriverError, PermissionError):
    """The bus exists, but this user may not open it."""


class DeviceMissing(DriverError, ConnectionError):
    """The bus works, but nothing (or something else) answers where the device should be."""


# -- using it


class BusError(DriverError, OSError):
    """A transfer failed: not acknowledged, stuck, or cut short. Re-opening may help."""


class NotAcknowledged(BusError):
    """Nothing acknowledged the address or the byte: unplugged, unpowered, or another address."""


class BusStuck(BusError):
    """A line of the bus is held low, so that nothing can be transferred."""


class DeadlineExceeded(DriverError, TimeoutError):
    """Something did not happen in time."""


class BusTooSlow(DeadlineExceeded):
    """The bus cannot carry a measurement before the next one is there."""


class DeviceClosed(DriverError, ValueError):
    """The object was closed, or never opened."""


class SelfTestFailed(DriverError, RuntimeError):
    """The chip answers but does not pass its own test: broken, counterfeit or badly powered."""


# -- thermal camera


class BadCalibration(DriverError, ValueError):
    """The sensor's EEPROM is unreadable twice the same way, or holds implausible values."""


class BadFrame(DriverError, ValueError):
    """The sensor returned words that are no measurement (0x7FFF, NaN, impossible Ta or Vdd)."""


class BadFlatField(DriverError, ValueError):
    """A flat-field correction has the wrong shape, or values that are no correction."""


class BadRecording(DriverError, ValueError):
    """A file is no exported record, or holds words that the sensor cannot have sent."""


class BadScene(DriverError, ValueError):
    """What was put in front of a simulated sensor is no temperature image."""


class FrozenFrame(DriverError, RuntimeError):
    """The sensor goes on announcing new data but its words no longer change."""


# -- card reader


class CardError(DriverError):
    """A card was there, but it cannot be used as it was presented."""


class SeveralCards(CardError, ValueError):
    """More than one card lies in the field; which one is meant cannot be known."""


class UnusableCard(CardError, ValueError):
    """The card has no lasting identity: a random UID (0x08...), or a truncated one."""


class CardUnreadable(CardError, RuntimeError):
    """The card answered garbage: a failed CRC, a failed check byte, or it left while being read."""


# -- photo camera


class BadHomography(DriverError, ValueError):
    """The stored alignment of the photo camera is no invertible 3×3 matrix."""
