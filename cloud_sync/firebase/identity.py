"""Who the kiosk is to Firebase: ID tokens for a refresh token, never older than the rules accept."""

from __future__ import annotations

import base64
import json
import threading
import urllib.parse
from collections.abc import Mapping
from typing import Any, Protocol

from cloud_sync.firebase.credential import Credential
from cloud_sync.firebase.endpoints import Endpoints
from cloud_sync.firebase.faults import fault_of, is_success, reason_of
from cloud_sync.firebase.http import Answer, Http
from cloud_sync.remote import RemoteClockWrong, RemoteError, RemoteGarbage, RemoteQuota, RemoteRevoked
from device.process.moment import Timekeeper

LONGEST_AGE_S = 230.0
"""The rules refuse a kiosk's token that is 5 minutes old. A call that begins with this one ends before that."""
REVOKED_PAUSE_S = 60.0
"""How long nothing is asked once the user turned out to be disabled: the answer was clear."""
ENDED = (
    "USER_DISABLED",
    "USER_NOT_FOUND",
    "TOKEN_EXPIRED",
    "INVALID_REFRESH_TOKEN",
    "INVALID_GRANT",
    "CREDENTIAL_TOO_OLD_LOGIN_AGAIN",
    "PERMISSION_DENIED: CONSUMER_INVALID",
)
"""What Firebase Auth says where no waiting will help (firebase.google.com/docs/reference/rest/auth, "Common error codes")."""


class Identity(Protocol):
    """What lets a request in."""

    site: str
    kiosk: str
    gateway: bool
    """A service account: the rules do not apply to it."""

    def token(self, deadline_s: float, *, fresh: bool = False) -> str:
        """Return a token that can be used until some seconds from now; a new one where ``fresh``. Raises `RemoteError`."""

    def age_s(self) -> float | None:
        """Return how old the token is, ``None`` where there is none yet."""


class KioskIdentity:
    """A kiosk's user. Any thread may ask; one at a time goes to the server."""

    gateway = False

    def __init__(self, credential: Credential, http: Http, endpoints: Endpoints, timekeeper: Timekeeper) -> None:
        self.site, self.kiosk = credential.site, credential.kiosk
        self._credential = credential
        self._refresh_token = credential.refresh_token
        self._http = http
        self._endpoints = endpoints
        self._timekeeper = timekeeper
        self._lock = threading.Lock()
        self._token = ""
        self._asked_s: float | None = None
        """When the token was asked for, so it is not younger than that."""
        self._ended: RemoteRevoked | None = None
        self._silent_until_s = timekeeper.monotonic()

    def token(self, deadline_s: float, *, fresh: bool = False) -> str:
        with self._lock:
            now_s = self._timekeeper.monotonic()
            if self._ended is not None and now_s < self._silent_until_s:
                raise RemoteRevoked(str(self._ended))
            if fresh or self._asked_s is None or now_s - self._asked_s >= LONGEST_AGE_S:
                self._refresh(now_s, deadline_s)
            return self._token

    def age_s(self) -> float | None:
        return None if self._asked_s is None else self._timekeeper.monotonic() - self._asked_s

    def _refresh(self, now_s: float, deadline_s: float) -> None:
        form = urllib.parse.urlencode({"grant_type": "refresh_token", "refresh_token": self._refresh_token})
        answer = self._http.request(
            "POST",
            f"{self._endpoints.tokens}?key={urllib.parse.quote(self._credential.api_key, safe='')}",
            deadline_s=deadline_s,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=form.encode(),
        )
        if not is_success(answer):
            error = auth_fault(answer, "a new token for this kiosk", self._http.skew_s)
            if isinstance(error, RemoteRevoked):
                self._ended, self._silent_until_s, self._token, self._asked_s = error, now_s + REVOKED_PAUSE_S, "", None
            raise error
        fields = _fields(answer, ("id_token", "refresh_token"))
        self._check(claims_of(fields["id_token"]))
        self._token, self._refresh_token = fields["id_token"], fields["refresh_token"]
        self._asked_s, self._ended = now_s, None

    def _check(self, claims: Mapping[str, Any]) -> None:
        check_claims(claims, self.site, self.kiosk)


def auth_fault(answer: Answer, what: str, skew_s: float | None = None) -> RemoteError:
    """Return the error for what Firebase Auth answered."""
    said, error = reason_of(answer), fault_of(answer, what, "Firebase Auth", skew_s)
    if isinstance(error, RemoteClockWrong | RemoteQuota):
        return error
    if answer.status in (400, 401, 403, 404) and any(word in said.upper() for word in ENDED):
        return RemoteRevoked(
            f"Firebase Auth says {said!r} to {what}: this kiosk was revoked, or its enrolment ended. Nothing leaves it until "
            "somebody enrols it anew; its records wait here"
        )
    return error


def check_claims(claims: Mapping[str, Any], site: str, kiosk: str) -> None:
    """Raise `RemoteRevoked` unless ``claims`` are those of this kiosk."""
    has = tuple(claims.get(name) for name in ("role", "site", "kiosk"))
    if has != ("kiosk", site, kiosk):
        raise RemoteRevoked(
            f"Firebase Auth knows this kiosk as {has}, it was enrolled as {('kiosk', site, kiosk)}: enrol it anew with "
            "`firstlight cloud enrol-kiosk`"
        )


def claims_of(token: str) -> dict[str, Any]:
    """Return what stands in a JWT. It is not verified: it came over TLS from the one who signs them. Raises `RemoteGarbage`."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError) as error:
        raise RemoteGarbage("what Firebase Auth gives out is no token: is there a broken proxy on the way?") from error
    if not isinstance(claims, dict):
        raise RemoteGarbage("the token that Firebase Auth gives out holds no claims")
    return claims


def _fields(answer: Answer, names: tuple[str, ...]) -> dict[str, str]:
    body = answer.json()
    found = [body.get(name) for name in names] if isinstance(body, dict) else []
    if not found or not all(isinstance(value, str) and value for value in found):
        raise RemoteGarbage("Firebase Auth's answer holds no token: is there a broken proxy on the way?")
    return dict(zip(names, map(str, found), strict=True))
