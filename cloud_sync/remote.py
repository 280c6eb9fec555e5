"""The cloud as the sync process sees it. `cloud_sync.local` is the embedded one; Firebase is another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class RemoteError(Exception):
    """Any fault of the remote or of the way to it. A message says what was asked, of whom, what came back, what to do."""


class RemoteUnavailable(RemoteError, ConnectionError):
    """It cannot be reached, did not answer in time, or asks to come back later. Trying again may help."""


class RemoteFull(RemoteUnavailable):
    """It works but has no room left, or may not write: somebody must make room before trying again can help."""


class RemoteStuck(RemoteUnavailable, TimeoutError):
    """A call did not even return at its own deadline. The process that made it must be started anew."""


class RemoteRefused(RemoteError, PermissionError):
    """It answered, and said no: not allowed, or not valid. Trying the same again will not help."""


class RemoteGarbage(RemoteError, ValueError):
    """It answered something that is no answer."""


class RemoteMismatch(RemoteGarbage):
    """It confirms other bytes than those that were sent."""


class RemoteConflict(RemoteError, ValueError):
    """It already holds something else under this name."""


@dataclass(frozen=True)
class Confirmation:
    """What the remote says that it holds."""

    path: str
    sha256: str
    """Of the bytes as the remote holds them, computed by the remote."""


@dataclass(frozen=True)
class Command:
    """Something that the clinic wants this kiosk to do."""

    id: str
    kind: str
    value: Mapping[str, Any]


@dataclass(frozen=True)
class Acknowledgement:
    """What became of a command."""

    command_id: str
    accepted: bool
    """False: it was refused and changed nothing."""
    detail: str
    """One sentence for the person who sent it."""


class Remote(Protocol):
    """Every call has a deadline of its own (``timeout_s``, monotonic) and may be repeated without harm."""

    def put_object(self, path: str, content: bytes, media_type: str, timeout_s: float) -> Confirmation:
        """Store ``content`` at ``path`` unless the same bytes are there already.

        Raises `RemoteConflict` if other bytes are there, and the other `RemoteError`s.
        """

    def put_document(self, path: str, content: bytes, timeout_s: float) -> Confirmation:
        """Create the JSON document ``content`` at ``path`` if there is none; the hash is over those bytes.

        The same document already there is confirmed; another one raises `RemoteConflict`.
        """

    def fetch_commands(self, timeout_s: float) -> Sequence[Command]:
        """Return the commands that have not been acknowledged yet, oldest first."""

    def acknowledge_command(self, acknowledgement: Acknowledgement, timeout_s: float) -> None:
        """Report what became of a command; the first report of it stands."""

    def close(self) -> None: ...
