"""Why a simulated chip refuses what a driver asks of it."""

from __future__ import annotations


class UndocumentedAccess(Exception):
    """A driver did what the chip's data sheet forbids, or what nobody can know the outcome of.

    It is no `DriverError`: no driver may catch it and go on.
    """
