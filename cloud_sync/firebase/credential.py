"""What a kiosk keeps of its enrolment: which project, who it is there, and the refresh token. And where that lies."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SCHEMA = 1
NAME = "firebase"
"""Of the systemd credential (`LoadCredential=`)."""
LARGEST_FILE = 64 << 10


class BadCredential(ValueError):
    """The file with the kiosk's credential, or its enrolment, is missing or is none."""


@dataclass(frozen=True)
class Credential:
    """Good for ID tokens of one kiosk's user until that user is disabled."""

    project: str
    api_key: str
    bucket: str
    site: str
    kiosk: str
    refresh_token: str = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> Credential:
        """Read it from ``path``. Raises `BadCredential`."""
        if path.is_file() and path.stat().st_size == 0:  # systemd needs the file; until the enrolment it is empty
            raise BadCredential(
                f"this kiosk is not enrolled: put its enrolment file on the boot partition (docs/sync.md); {path}"
            )
        document = read_json(path, f"a credential; enrol this kiosk (docs/sync.md) or set remote in [sync]; {path} is none")
        return cls(**_texts(document, path, ("project", "api_key", "bucket", "site", "kiosk", "refresh_token")))

    def write(self, path: Path) -> None:
        """Put it at ``path``, whole and durable, for its owner's eyes alone. Raises `OSError`."""
        document = {"schema": SCHEMA, **asdict(self)}
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(json.dumps(document).encode())
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        sync_names(path.parent)


@dataclass(frozen=True)
class EnrolmentFile:
    """What an administrator puts on the SD card: good for one sign-in."""

    project: str
    api_key: str
    bucket: str
    site: str
    kiosk: str
    email: str
    password: str = field(repr=False)
    expires_at: str

    @classmethod
    def load(cls, path: Path) -> EnrolmentFile:
        """Read it from ``path``. Raises `BadCredential`."""
        document = read_json(path, f"an enrolment file; make one with `firstlight cloud enrol-kiosk`; {path} is none")
        keys = ("project", "api_key", "bucket", "site", "kiosk", "email", "password", "expires_at")
        return cls(**_texts(document, path, keys))


def find_credential(configured: str, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the path that ``configured`` names, else the one that systemd hands out. Raises `BadCredential`."""
    if configured:
        return Path(configured)
    folder = environment.get("CREDENTIALS_DIRECTORY")
    if not folder:
        raise BadCredential(
            'this process was not given the credential "firebase" by systemd: start it as firstlight-sync.service, or write '
            'remote = "firebase:FILE" in [sync]'
        )
    return Path(folder) / NAME


def read_json(path: Path, wanted: str) -> dict[str, Any]:
    """Return the JSON object in ``path``. Raises `BadCredential`; its message never holds what stands in the file."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise BadCredential(f"{path} cannot be read ({error.strerror}): it should hold {wanted}") from error
    try:
        document = json.loads(content) if len(content) <= LARGEST_FILE else None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise BadCredential(f"{path} should hold {wanted}")
    if document.get("schema", SCHEMA) != SCHEMA:
        raise BadCredential(f"{path} has a layout that this Firstlight does not know ({SCHEMA} is known): update Firstlight")
    return document


def sync_names(folder: Path) -> None:
    """Make the names in ``folder`` last. Raises `OSError`."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _texts(document: Mapping[str, Any], path: Path, keys: tuple[str, ...]) -> dict[str, str]:
    found = {key: document.get(key) for key in keys}
    missing = [key for key, value in found.items() if not isinstance(value, str) or not value]
    if missing:
        raise BadCredential(f"{path} lacks {', '.join(missing)}: make it anew with `firstlight cloud enrol-kiosk`")
    return {key: str(value) for key, value in found.items()}
