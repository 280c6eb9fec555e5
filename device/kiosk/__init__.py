"""The kiosk process: hardware, visit, store and screen put together."""

from device.kiosk.loop import Kiosk

__all__ = ["Kiosk"]
