"""Why the screen cannot be served, or what was wrong with what a browser sent. No message holds a PIN."""

from __future__ import annotations

from device.process.ports import PortRefused, PortTaken

__all__ = [
    "BadCatalogue",
    "BadThermogram",
    "BadTouch",
    "BenchError",
    "PortRefused",
    "PortTaken",
    "ScreenError",
    "ScreenStopped",
    "StaleTouch",
    "UnknownLanguage",
]


class ScreenError(Exception):
    """Any fault of the patient's screen."""


class ScreenStopped(ScreenError, RuntimeError):
    """The server's thread has ended by itself; the patient sees nothing any more."""


class BadCatalogue(ScreenError, ValueError):
    """A catalogue of texts is missing, is no TOML, or lacks a key."""


class UnknownLanguage(ScreenError, ValueError):
    """There is no catalogue in this language."""


class BadTouch(ScreenError, ValueError):
    """A browser sent something that no page of ours sends."""


class StaleTouch(ScreenError, ValueError):
    """A touch on a page that is no longer shown."""


class BenchError(ScreenError, ValueError):
    """The bench page asked for something that the simulated world does not have."""


class BadThermogram(BenchError):
    """An uploaded file is no thermogram in °C of at least 24×32 pixels."""
