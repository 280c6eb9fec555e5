"""A cloud with two sites and their people, and what a test may do to it behind the portal's back."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cloud_sync.remote import Heartbeat

if TYPE_CHECKING:
    from tests.cloud_sync.portal.clouds.doctor import Doctor

HOME, AWAY = "home", "away"
DOCTOR, COLLEAGUE, FAR_DOCTOR, ADMINISTRATOR = "doctor", "colleague", "far doctor", "administrator"


@dataclass(frozen=True)
class Login:
    """What somebody types, and how the portal names them."""

    name: str
    password: str
    shown: str


@dataclass(frozen=True)
class Said:
    """A review as the cloud holds it."""

    author: str
    verdict: str
    note: str
    supersedes: str | None


class Stage(ABC):
    """One of the two clouds that the portal works with."""

    kind: str
    url: str
    logins: Mapping[str, Login]
    origins: frozenset[str]
    """The portal's own, and those of Firebase's services where it is Firebase."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1000)

    def number(self) -> int:
        """Return the number of a record that nobody has used yet."""
        return next(self._numbers)

    @abstractmethod
    def deliver(self, record: dict[str, Any], parts: Mapping[str, bytes]) -> str:
        """Let a record arrive as the sync process would, and return its id."""

    @abstractmethod
    def deliver_many(self, records: Sequence[dict[str, Any]]) -> None:
        """Let records without parts arrive, in their order."""

    @abstractmethod
    def deliver_bytes(self, record_id: str, content: bytes) -> bool:
        """Let a document arrive that no sound kiosk would send; return whether the cloud took it."""

    @abstractmethod
    def alter(self, record_id: str) -> None:
        """Change the stored document a little, as somebody with access to the disk might; its hash stays what it was."""

    @abstractmethod
    def heartbeat(self, heartbeat: Heartbeat) -> None: ...

    @abstractmethod
    def openings(self, record_id: str) -> Sequence[str]:
        """Return who opened the record, by the audit."""

    @abstractmethod
    def reviews(self, record_id: str) -> Sequence[Said]:
        """Return the record's reviews, the oldest first."""

    @abstractmethod
    def end_session(self, doctor: Doctor, who: str) -> None:
        """Let the session end under the hands of ``who``, whose dialog for signing is open; they may sign in again."""

    @abstractmethod
    def raw_open(self, doctor: Doctor, record_id: str) -> bool:
        """Ask from the page, past the portal's code, for the record's bytes; return whether they came."""

    @abstractmethod
    def as_kiosk(self, doctor: Doctor, record_id: str) -> Mapping[str, bool]:
        """Try from the page with what a kiosk has what a kiosk must not do; return what worked."""

    @abstractmethod
    def forge(self, doctor: Doctor, record_id: str) -> Mapping[str, bool]:
        """Try from the page of a signed-in doctor to write reviews that are not theirs; return what was taken as asked."""
