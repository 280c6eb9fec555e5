"""Names of sites, kiosks, patients and people, checked before they stand in a path."""

from __future__ import annotations

import hashlib
import re

from cloud_sync.firebase.admin.errors import BadRequest
from cloud_sync.paths import BadPath, checked_path

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
"""As in a kiosk's configuration (`device.process.config.values.identifier`)."""
_REFERENCE = re.compile(r"P-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{2}")
_EMAIL = re.compile(r"[^@\s/]{1,64}@[^@\s/]+\.[^@\s/]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
LONGEST_UID = 128
"""Firebase Authentication takes no longer one."""
LONGEST_TEXT = 100


def identifier(value: str, what: str) -> str:
    """Return ``value`` if it can name a site or a kiosk."""
    if not _NAME.fullmatch(value):
        raise BadRequest(f"{value[:80]!r} is no name of a {what}: 1 to 63 of a-z, 0-9 and '-', a letter or digit at both ends")
    return value


def kiosk_uid(site: str, kiosk: str) -> str:
    """Return the uid of a kiosk's user, ``kiosk-{site}-{kiosk}``."""
    uid = f"kiosk-{identifier(site, 'site')}-{identifier(kiosk, 'kiosk')}"
    if len(uid) > LONGEST_UID:
        raise BadRequest(f"{uid} is longer than {LONGEST_UID} characters; give the site or the kiosk a shorter name")
    return uid


def kiosk_email(uid: str) -> str:
    """Return an address that nobody can have (RFC 2606), short and different for each kiosk: it is only there to sign in."""
    return f"kiosk-{hashlib.sha256(uid.encode()).hexdigest()[:24]}@kiosk.firstlight.invalid"


def patient(value: str) -> str:
    """Return ``value`` if it can stand in a path. A kiosk may have sent any text, and that must be erasable, too."""
    try:
        return checked_path(value)
    except BadPath as error:
        raise BadRequest(f"{value[:40]!r} is no patient reference; one looks like P-7ZK3-M0QF-4C") from error


def new_patient(value: str) -> str:
    """Return ``value`` if it looks like a reference that Firstlight has given: of this patient nothing is there to compare."""
    if not _REFERENCE.fullmatch(value):
        raise BadRequest(f"{value[:40]!r} is no patient reference; one looks like P-7ZK3-M0QF-4C")
    return value


def email(value: str) -> str:
    """Return ``value`` in lower case, as Firebase keeps it, if it can be an e-mail address."""
    if not _EMAIL.fullmatch(value):
        raise BadRequest(f"{value[:80]!r} is no e-mail address")
    return value.lower()


def text(value: str, what: str) -> str:
    """Return ``value`` without spaces around it, if it is a printable line of at most `LONGEST_TEXT` characters."""
    line = value.strip()
    if not line or len(line) > LONGEST_TEXT or not line.isprintable():
        raise BadRequest(f"{what} is 1 to {LONGEST_TEXT} printable characters")
    return line


def sha256(value: str, what: str) -> str:
    """Return ``value`` if it is a SHA-256 in hexadecimal digits."""
    if not _SHA256.fullmatch(value):
        raise BadRequest(f"{value[:80]!r} is no {what}: 64 hexadecimal digits")
    return value
