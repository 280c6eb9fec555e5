"""Remotes that misbehave, each in one way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from cloud_sync.local.remote import LocalRemote
from cloud_sync.remote import (
    Acknowledgement,
    Command,
    Confirmation,
    Heartbeat,
    RemoteConflict,
    RemoteError,
    RemoteRefused,
)


class FaultyRemote:
    """A real local remote; ``fault`` runs before each call that stores something, and may raise or wait."""

    def __init__(self, folder: Path, fault: Callable[[str], None] = lambda path: None) -> None:
        self.real = LocalRemote(folder)
        self.fault = fault
        self.calls: list[str] = []

    def put_object(self, path: str, content: bytes, media_type: str, timeout_s: float) -> Confirmation:
        self.calls.append(path)
        self.fault(path)
        return self.real.put_object(path, content, media_type, timeout_s)

    def put_document(self, path: str, content: bytes, timeout_s: float) -> Confirmation:
        self.calls.append(path)
        self.fault(path)
        return self.real.put_document(path, content, timeout_s)

    def fetch_commands(self, timeout_s: float) -> Sequence[Command]:
        return self.real.fetch_commands(timeout_s)

    def acknowledge_command(self, acknowledgement: Acknowledgement, timeout_s: float) -> None:
        self.real.acknowledge_command(acknowledgement, timeout_s)

    def put_heartbeat(self, heartbeat: Heartbeat, timeout_s: float) -> None:
        self.real.put_heartbeat(heartbeat, timeout_s)

    def fetch_object(self, path: str, offset: int, most: int, timeout_s: float) -> bytes:
        return self.real.fetch_object(path, offset, most, timeout_s)

    def close(self) -> None:
        self.real.close()


class LyingRemote(FaultyRemote):
    """Confirms a hash of its own."""

    def __init__(self, folder: Path, about: str) -> None:
        """``about``: ``capture.npz`` or ``document``."""
        super().__init__(folder)
        self._about = about

    def put_object(self, path: str, content: bytes, media_type: str, timeout_s: float) -> Confirmation:
        confirmed = super().put_object(path, content, media_type, timeout_s)
        return Confirmation(path, "f" * 64) if path.endswith(self._about) else confirmed

    def put_document(self, path: str, content: bytes, timeout_s: float) -> Confirmation:
        confirmed = super().put_document(path, content, timeout_s)
        return Confirmation(path, "f" * 64) if self._about == "document" else confirmed


class HangingRemote(FaultyRemote):
    """Ignores its deadline until `release` is called."""

    def __init__(self, folder: Path) -> None:
        self._released = threading.Event()
        super().__init__(folder, lambda path: self._hang())

    def release(self) -> None:
        self._released.set()

    def _hang(self) -> None:
        self._released.wait(60.0)


class FarRemote(FaultyRemote):
    """Takes several things at once, as a remote does that is far away."""

    threads = 3
    largest_batch = 4

    def __init__(self, folder: Path, fault: Callable[[str], None] = lambda path: None) -> None:
        super().__init__(folder, fault)
        self.batches: list[list[str]] = []
        self.gives_way = threading.Event()
        self.asked_to_give_way = 0

    def put_documents(self, documents: Sequence[tuple[str, bytes]], timeout_s: float) -> Sequence[Confirmation | RemoteError]:
        self.batches.append([path for path, _ in documents])
        outcomes: list[Confirmation | RemoteError] = []
        for path, content in documents:
            try:
                outcomes.append(self.put_document(path, content, timeout_s))
            except (RemoteRefused, RemoteConflict) as error:
                outcomes.append(error)
        return outcomes

    def give_way(self, wanted: bool) -> None:
        if wanted:
            self.asked_to_give_way += 1
            self.gives_way.set()
        else:
            self.gives_way.clear()
