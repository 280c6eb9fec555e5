"""Why an administrator's command did not do what it was asked to. A message says what happened, to what, what to do."""

from __future__ import annotations


class AdminError(Exception):
    """Any fault of an administrator's command."""


class AccessFault(AdminError):
    """Nobody can tell which project is meant, or how to get in."""


class PackageMissing(AccessFault, ImportError):
    """What the extra ``cloud`` installs is not installed."""


class NoProject(AccessFault, LookupError):
    """No project was named."""


class BadCredential(AccessFault, ValueError):
    """There is no service account, its file is none, or Google does not take it."""


class CloudFault(AdminError):
    """The project was asked, and did not do it."""


class CloudUnavailable(CloudFault, ConnectionError):
    """It cannot be reached, did not answer in time, or asks to come back later. Trying again may help."""


class CloudRefused(CloudFault, PermissionError):
    """It answered, and said no. Trying the same again will not help."""


class Unfinished(CloudFault):
    """Part of the work is done; the same command again does the rest."""


class NotThere(AdminError, LookupError):
    """There is no such site, kiosk, person, patient or bundle."""


class AlreadyThere(AdminError, ValueError):
    """Something is there that would be replaced, and nobody has said that it may be."""


class BadRequest(AdminError, ValueError):
    """What was asked for cannot be: a name that is none, a value out of its range."""


class OutputFailed(AdminError, OSError):
    """A file cannot be written, or would be overwritten."""


class DeployFailed(AdminError):
    """firebase-tools is missing, or could not finish."""
