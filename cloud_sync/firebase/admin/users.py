"""Firebase Authentication with deadlines: the people and the kiosks that may sign in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from cloud_sync.firebase.admin.documents import Caller
from cloud_sync.firebase.admin.errors import NotThere


@dataclass(frozen=True)
class User:
    """Somebody, or some kiosk, who may sign in."""

    uid: str
    email: str | None
    name: str | None
    disabled: bool
    claims: Mapping[str, Any]
    last_sign_in: datetime | None
    """``None``: never. (The emulator says of somebody new that they signed in when they were created.)"""


class Users:
    def __init__(self, client: Any, calls: Caller) -> None:
        self._client = client
        self._calls = calls

    def by_uid(self, uid: str) -> User | None:
        return self._found(lambda: self._client.get_user(uid), f"the user {uid} could not be read")

    def by_email(self, email: str) -> User | None:
        return self._found(lambda: self._client.get_user_by_email(email), "the user could not be read")

    def all(self) -> Iterator[User]:
        """Yield everybody, a page of 1,000 at a time."""
        token: str | None = None
        while True:
            listed = partial(self._client.list_users, page_token=token, max_results=1000)
            page = self._calls("the users could not be listed", listed)
            yield from map(_user, page.users)
            token = page.next_page_token
            if not token:
                return

    def create(self, uid: str | None, *, email: str, name: str, password: str | None = None) -> User:
        """Create a user without claims. Raises `AlreadyThere`."""
        wanted = {"uid": uid, "email": email, "display_name": name, "password": password, "email_verified": True}
        given = {key: value for key, value in wanted.items() if value is not None}
        return _user(self._calls("the user could not be created", lambda: self._client.create_user(**given)))

    def change(self, uid: str, **changes: Any) -> None:
        """Change ``password``, ``disabled``, ``display_name``, ``email``."""
        self._calls("the user could not be changed", lambda: self._client.update_user(uid, **changes))

    def remove(self, uid: str) -> None:
        """Remove a user for good."""
        self._calls("the user could not be removed", lambda: self._client.delete_user(uid))

    def set_claims(self, uid: str, claims: Mapping[str, str | int]) -> None:
        """Say who the user is; it holds from their next token on."""
        self._calls("the user's claims could not be set", lambda: self._client.set_custom_user_claims(uid, dict(claims)))

    def revoke_tokens(self, uid: str) -> None:
        """Make every refresh token of the user worthless."""
        self._calls("the user's tokens could not be revoked", lambda: self._client.revoke_refresh_tokens(uid))

    def reset_link(self, email: str) -> str:
        """Return the address at which the user chooses a password. It is as good as one: never to be logged."""
        link: str = self._calls("no link could be made", lambda: self._client.generate_password_reset_link(email))
        return link

    def _found(self, call: Any, what: str) -> User | None:
        try:
            return _user(self._calls(what, call))
        except NotThere:
            return None


def _user(record: Any) -> User:
    times = record.user_metadata
    signed_in, created = times.last_sign_in_timestamp, times.creation_timestamp or 0
    return User(
        uid=record.uid,
        email=record.email,
        name=record.display_name,
        disabled=bool(record.disabled),
        claims=record.custom_claims or {},
        last_sign_in=datetime.fromtimestamp(signed_in / 1000, UTC) if signed_in and signed_in > created else None,
    )
