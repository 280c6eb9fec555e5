"""Model bundles from the cloud: fetched in pieces, compared with their hash, and laid down for who may activate them.

This process neither loads a model nor decides which one runs: root does, after checking the signature
(`python -m device.kiosk.inbox`, started by firstlight-models.path; or `firstlight models activate FOLDER` by hand).

    inbox/<SHA256>.part        being fetched
    inbox/ready/<SHA256>/      a whole bundle that nobody has looked at yet
    inbox/<SHA256>.for         the command that brought it
    inbox/<SHA256>.json        what became of it: {"accepted", "detail"}
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from cloud_sync.commands import CommandPending, CommandRefused
from cloud_sync.remote import Command, RemoteRefused
from device.process.moment import Timekeeper

Fetch: TypeAlias = Callable[[str, int, int], bytes]
"""`Remote.fetch_object` with a deadline: (path, offset, most) → bytes."""

INBOX, READY = "inbox", "ready"
SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"
LARGEST = 64 << 20
"""Bytes of a bundle."""
PIECE = 64 << 10
_ROUND_S = 3.0
"""How long one look at the command may fetch: records go first, and an urgent one waits no longer than this."""
_PATIENCE_S = 600.0
"""How long an answer waits for somebody to activate the bundle."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}(/[A-Za-z0-9][A-Za-z0-9._-]{0,80}){0,3}")
_SUM_LINE = re.compile(r"([0-9a-f]{64}) [ *](\S.*)")
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600


class ModelInbox:
    """Handles the command ``model``: ``{"sha256": of the bundle, "percent": 1 to 100}``."""

    def __init__(self, data_dir: Path, kiosk: str, fetch: Fetch, timekeeper: Timekeeper) -> None:
        self._folder = data_dir / INBOX
        self._kiosk = kiosk
        self._fetch = fetch
        self._timekeeper = timekeeper
        self._laid_down_s: dict[str, float] = {}

    def take(self, command: Command) -> str:
        """Bring the bundle here and return what became of it. Raises `CommandRefused`, `CommandPending`, `RemoteError`."""
        sha256, percent = _wanted(command.value)
        if place(self._kiosk, command.id) >= percent:
            return f"not among the {percent} % of kiosks that take this model first: nothing was changed"
        try:
            if self._command_of(sha256) == command.id:
                verdict = self._verdict(sha256)
                if verdict is not None:
                    return verdict
            else:
                self._begin(sha256, command.id)
            if not self._ready(sha256).is_dir():
                self._bring(sha256)
        except OSError as error:
            raise CommandRefused(f"the bundle cannot be written here: {error.strerror}") from error
        return self._waiting(sha256)

    def _command_of(self, sha256: str) -> str:
        try:
            return (self._folder / f"{sha256}.for").read_text(encoding="utf-8")
        except (FileNotFoundError, UnicodeDecodeError):
            return ""

    def _begin(self, sha256: str, command_id: str) -> None:
        """Forget what became of the bundle when it was sent before."""
        _folder(self._folder)
        (self._folder / f"{sha256}.json").unlink(missing_ok=True)
        (self._folder / f"{sha256}.for").write_text(command_id, encoding="utf-8")
        self._laid_down_s.pop(sha256, None)

    def _verdict(self, sha256: str) -> str | None:
        """Return what the one who activates wrote, ``None`` while there is nothing. Raises `CommandRefused`."""
        path = self._folder / f"{sha256}.json"
        try:
            written: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            accepted, detail = written["accepted"] is True, str(written["detail"])[:500]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if not accepted:
            raise CommandRefused(detail)
        return detail

    def _waiting(self, sha256: str) -> str:
        now_s = self._timekeeper.monotonic()
        if now_s - self._laid_down_s.setdefault(sha256, now_s) < _PATIENCE_S:
            raise CommandPending
        return (
            f"the bundle lies in {self._ready(sha256)} with the right hashes, but nobody has activated it: "
            "`firstlight models activate` with that folder checks its signature and takes it into use"
        )

    def _bring(self, sha256: str) -> None:
        """Fetch for a while; lay the bundle down once it is whole. Raises `CommandPending` where more is to come."""
        part, until_s = self._folder / f"{sha256}.part", self._timekeeper.monotonic() + _ROUND_S
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            size = file.seek(0, os.SEEK_END)
            while piece := self._piece(sha256, size):
                file.write(piece)
                size += len(piece)
                if size > LARGEST:
                    part.unlink()
                    raise CommandRefused(f"the bundle has more than {LARGEST >> 20} MiB: nothing was changed")
                if self._timekeeper.monotonic() >= until_s:
                    raise CommandPending(soon=True)
            file.seek(0)
            content = file.read()
        try:
            self._lay_down(sha256, checked_files(content, sha256))
        finally:
            part.unlink(missing_ok=True)

    def _piece(self, sha256: str, offset: int) -> bytes:
        try:
            return self._fetch(f"models/{sha256}.tar", offset, PIECE)
        except RemoteRefused as error:
            raise CommandRefused(f"the bundle cannot be fetched: {error}") from error

    def _lay_down(self, sha256: str, files: Mapping[str, bytes]) -> None:
        draft = self._folder / f".{sha256}.draft"
        shutil.rmtree(draft, ignore_errors=True)
        _folder(draft)
        for name, content in files.items():
            for parent in reversed((draft / name).relative_to(draft).parents[:-1]):
                _folder(draft / parent)
            with os.fdopen(os.open(draft / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE), "wb") as file:
                os.fchmod(file.fileno(), _PRIVATE_FILE)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        _folder(self._folder / READY)
        draft.rename(self._ready(sha256))

    def _ready(self, sha256: str) -> Path:
        return self._folder / READY / sha256


def place(kiosk: str, command_id: str) -> float:
    """Return where a kiosk stands in the order in which a command reaches all, from 0 to below 100: the same at each call."""
    digest = hashlib.sha256(f"{command_id}/{kiosk}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64 * 100


def checked_files(content: bytes, sha256: str) -> dict[str, bytes]:
    """Return the files of a bundle in a tar, once every one has its hash. Raises `CommandRefused`.

    ``sha256`` names the bundle: it is the hash of its list of hashes. Whoever made that list, the signature says.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            files = {member.name: _read(archive, member) for member in archive}
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        raise CommandRefused(f"what lies at models/{sha256[:12]}….tar is no bundle: {error}") from error
    sums = files.get(SUMS, b"")
    if hashlib.sha256(sums).hexdigest() != sha256:
        raise CommandRefused("the bundle in the cloud has another hash than the command names: nothing was changed")
    listed = _listed(sums)
    if set(listed) != set(files) - {SUMS, SIGNATURE}:
        raise CommandRefused("the bundle does not hold the files that its list names: nothing was changed")
    for name, expected in listed.items():
        if hashlib.sha256(files[name]).hexdigest() != expected:
            raise CommandRefused(f"the file {name} of the bundle has another hash than its list says: nothing was changed")
    return files


def _wanted(value: Mapping[str, Any]) -> tuple[str, float]:
    sha256, percent = value.get("sha256"), value.get("percent", 100)
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise CommandRefused("the command names no bundle (sha256: 64 hexadecimal digits): nothing was changed")
    if isinstance(percent, bool) or not isinstance(percent, int | float) or not 0 < percent <= 100:
        raise CommandRefused("percent is to be a number from 1 to 100: nothing was changed")
    return sha256, percent


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    # A sparse one has as many bytes as it says, whatever the archive holds: some bytes of it would fill the memory.
    if not member.isreg() or member.issparse() or not _NAME.fullmatch(member.name):
        raise ValueError(f"it holds {member.name[:40]!r}, which is no plain file")
    file = archive.extractfile(member)
    return file.read() if file is not None else b""


def _listed(sums: bytes) -> dict[str, str]:
    matches = map(_SUM_LINE.fullmatch, sums.decode("utf-8", "replace").splitlines())
    return {match[2]: match[1] for match in matches if match is not None}


def _folder(path: Path) -> None:
    path.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
