"""The cloud as the sync process sees it. `cloud_sync.local` is the embedded one; Firebase is another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable


class RemoteError(Exception):
    """Any fault of the remote or of the way to it. A message says what was asked, of whom, what came back, what to do."""


class RemoteUnavailable(RemoteError, ConnectionError):
    """It cannot be reached, did not answer in time, or asks to come back later. Trying again may help."""

    retry_after_s: float = 0.0
    """How long the remote asks to be left alone; 0: it did not say."""


class RemoteQuota(RemoteUnavailable):
    """It works, and has had enough of this kiosk or of this project for now: too many requests, or a quota is used up."""


class RemoteClockWrong(RemoteUnavailable):
    """The clock here is so far from the remote's that neither can trust what the other signed."""


class RemoteUnfinished(RemoteUnavailable):
    """Some of a large file arrived before the call's deadline; the same call goes on where it ended."""


class RemoteInterrupted(RemoteUnavailable):
    """The call made way for something more urgent, because `BatchRemote.give_way` asked for it."""


class RemoteFull(RemoteUnavailable):
    """It works but has no room left, or may not write: somebody must make room before trying again can help."""


class RemoteStuck(RemoteUnavailable, TimeoutError):
    """A call did not even return at its own deadline. The process that made it must be started anew."""


class RemoteRefused(RemoteError, PermissionError):
    """It answered, and said no: not allowed, or not valid. Trying the same again will not help."""


class RemoteRevoked(RemoteError, PermissionError):
    """This kiosk's identity was revoked, disabled or removed: nothing will be taken from it until somebody enrols it anew."""


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


@dataclass(frozen=True)
class Heartbeat:
    """How a kiosk fares, for the clinic's list of kiosks."""

    version: str
    waiting: int
    """Records that are not in the cloud yet."""
    laid_aside: int
    disk_free_bytes: int
    disk_total_bytes: int
    sensor_noise_k: float | None
    """Of the last thermogram that was sent, K; ``None`` where none was since the start."""
    warnings: tuple[str, ...]
    """What a technician must look at, without a patient in it."""
    clock_synchronised: bool


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

    def put_heartbeat(self, heartbeat: Heartbeat, timeout_s: float) -> None:
        """Say how this kiosk fares, in place of what was said before; the cloud adds the time."""

    def fetch_object(self, path: str, offset: int, most: int, timeout_s: float) -> bytes:
        """Return at most ``most`` bytes of the object at ``path`` (``models/{sha256}.tar``) from ``offset``; none at its end.

        Raises `RemoteRefused` where there is no such object, or it is not for this kiosk.
        """

    def close(self) -> None: ...


@runtime_checkable
class BatchRemote(Remote, Protocol):
    """A remote that is far away: it takes several things at once, from several threads at once."""

    threads: int
    """How many calls may be made at the same time."""
    largest_batch: int
    """How many documents one call of `put_documents` takes."""

    def put_documents(self, documents: Sequence[tuple[str, bytes]], timeout_s: float) -> Sequence[Confirmation | RemoteError]:
        """Do what `put_document` does with each (path, content); return what became of each, in order.

        Raises a `RemoteError` where the fault says nothing about any one of them.
        """

    def give_way(self, wanted: bool) -> None:
        """While ``wanted``, calls in progress and new ones end with `RemoteInterrupted`, within a second."""
