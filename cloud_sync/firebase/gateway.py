"""A service account in place of a kiosk's identity: for a clinic's own, trusted computer that carries records for others.

**The project's rules do not apply to a service account**: whoever copies its file can read and change every patient's data. So
`firstlight check` warns wherever one is configured, and no kiosk in a home has one.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from cloud_sync.firebase.credential import BadCredential, read_json
from cloud_sync.firebase.faults import fault_of, is_success
from cloud_sync.firebase.http import Http
from cloud_sync.remote import RemoteGarbage, RemoteRefused, RemoteRevoked
from device.process.moment import Timekeeper

_TOKENS = "https://oauth2.googleapis.com/token"
_SCOPES = ["https://www.googleapis.com/auth/datastore", "https://www.googleapis.com/auth/devstorage.read_write"]
_LONGEST_AGE_S = 3000.0
"""Google's access tokens are good for an hour."""
EMULATORS_OWNER = "owner"
"""What the emulators take for an administrator's token."""


class GatewayIdentity:
    """Access tokens for a service account's key."""

    gateway = True

    def __init__(self, path: Path, site: str, kiosk: str, http: Http, timekeeper: Timekeeper, *, emulated: bool) -> None:
        """Raises `BadCredential`."""
        self.site, self.kiosk = site, kiosk
        self._account = read_json(path, "a service account's key, from the Firebase console")
        self.project = str(self._account.get("project_id", ""))
        if not self.project:
            raise BadCredential(f"{path} names no project: download the service account's key again")
        self.bucket = str(self._account.get("bucket") or f"{self.project}.firebasestorage.app")
        """A key file names none; where the project's bucket has another name, add it to the file as ``bucket``."""
        self._http = http
        self._timekeeper = timekeeper
        self._emulated = emulated
        self._lock = threading.Lock()
        self._token = ""
        self._asked_s: float | None = None

    def token(self, deadline_s: float, *, fresh: bool = False) -> str:
        if self._emulated:
            return EMULATORS_OWNER
        with self._lock:
            now_s = self._timekeeper.monotonic()
            if fresh or self._asked_s is None or now_s - self._asked_s >= _LONGEST_AGE_S:
                self._token = self._exchange(deadline_s)
                self._asked_s = now_s
            return self._token

    def age_s(self) -> float | None:
        return None if self._asked_s is None else self._timekeeper.monotonic() - self._asked_s

    def _exchange(self, deadline_s: float) -> str:
        """Trade a signed assertion for an access token (RFC 7523)."""
        answer = self._http.request(
            "POST",
            _TOKENS,
            deadline_s=deadline_s,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=f"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={self._assertion()}".encode(),
        )
        if not is_success(answer):
            error = fault_of(answer, "an access token for the service account", "Google", self._http.skew_s)
            if answer.status in (400, 401) and "invalid_grant" in str(error) and isinstance(error, RemoteRefused):
                raise RemoteRevoked(f"{error}; was the service account's key removed?")
            raise error
        body = answer.json()
        token = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(token, str) or not token:
            raise RemoteGarbage("Google's answer holds no access token: is there a broken proxy on the way?")
        return token

    def _assertion(self) -> str:
        from google.auth import crypt, jwt

        now = int(self._timekeeper.now().wall.timestamp())
        claims: dict[str, Any] = {
            "iss": self._account.get("client_email"),
            "scope": " ".join(_SCOPES),
            "aud": _TOKENS,
            "iat": now,
            "exp": now + 3600,
        }
        try:
            signer = crypt.RSASigner.from_service_account_info(self._account)
        except ValueError as error:
            raise BadCredential("the service account's file holds no private key: download it again") from error
        signed: bytes = jwt.encode(signer, claims)
        return signed.decode()
