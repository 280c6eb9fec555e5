"""What the portal refuses, each by the name that the page knows it by (`FaultKind` in portal/src/data/cloud.ts)."""

from __future__ import annotations


class PortalFault(Exception):
    """The message is a sentence for whoever sits before the page."""

    kind = "unavailable"
    status = 400
    retry_after_s: float | None = None


class SignedOut(PortalFault, PermissionError):
    """There is no session, or it ended."""

    kind, status = "signed_out", 401

    def __init__(self) -> None:
        super().__init__("You are signed out.")


class SignInFailed(PortalFault, PermissionError):
    """Name and passphrase do not belong together."""

    kind, status = "wrong_password", 401

    def __init__(self) -> None:
        super().__init__("Name or passphrase is wrong.")


class CodeWrong(PortalFault, PermissionError):
    """The code of the authenticator app is not the one of this moment, or was used already."""

    kind, status = "second_factor_wrong", 401

    def __init__(self) -> None:
        super().__init__("This code is wrong, or was used already. Wait for the next one.")


class Paused(PortalFault, PermissionError):
    """Too many wrong tries; see ``retry_after_s``."""

    kind, status = "paused", 429

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"Too many wrong tries. Try again in {wait_s:.0f} seconds.")
        self.retry_after_s = wait_s


class NotAllowed(PortalFault, PermissionError):
    """Who asks may not have this."""

    kind, status = "not_allowed", 403


class Altered(PortalFault, ValueError):
    """What is held is not what was confirmed, or not what the asker believes it to be."""

    kind, status = "altered", 409


class Damaged(PortalFault, ValueError):
    """Nobody can read it."""

    kind, status = "damaged", 422


class TooLarge(PortalFault, ValueError):
    """It has more bytes than a page shows."""

    kind, status = "too_large", 413


class BadRequest(PortalFault, ValueError):
    """Not what the page sends."""
