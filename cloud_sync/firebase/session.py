"""Authorised requests: a token for each, a fresh one where the server did not believe the last."""

from __future__ import annotations

from collections.abc import Mapping

from cloud_sync.firebase.http import Answer, Http
from cloud_sync.firebase.identity import Identity

_DOUBTED = (401, 403)
_FRESH_S = 30.0
"""A token that is younger is not the reason for a refusal."""


class Session:
    """One identity's way to one server. Any number of threads may use it."""

    def __init__(self, http: Http, identity: Identity, scheme: str) -> None:
        """``scheme``: what stands before the token in the Authorization header."""
        self.http = http
        self.identity = identity
        self._scheme = scheme

    def request(
        self, method: str, url: str, *, deadline_s: float, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """Return the answer, whatever its status. Raises `RemoteError` where there is none, or no token.

        A refusal (401, 403) is asked again once with a fresh token, unless the token was fresh: so what is still refused is
        refused for what it is, and a revoked kiosk hears from Firebase Auth that it is one.
        """
        answer = self._request(method, url, deadline_s, headers, body, fresh=False)
        age_s = self.identity.age_s()
        if answer.status in _DOUBTED and (answer.status == 401 or age_s is None or age_s > _FRESH_S):
            return self._request(method, url, deadline_s, headers, body, fresh=True)
        return answer

    def _request(
        self, method: str, url: str, deadline_s: float, headers: Mapping[str, str] | None, body: bytes | None, *, fresh: bool
    ) -> Answer:
        token = self.identity.token(deadline_s, fresh=fresh)
        authorised = {**(headers or {}), "Authorization": f"{self._scheme} {token}"}
        return self.http.request(method, url, deadline_s=deadline_s, headers=authorised, body=body)
