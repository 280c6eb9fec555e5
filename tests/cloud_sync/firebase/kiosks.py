"""A kiosk that is enrolled with the emulators, as far as a test wants it."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cloud_sync.firebase.credential import Credential
from cloud_sync.firebase.endpoints import Endpoints
from cloud_sync.firebase.remote import FirebaseRemote, open_kiosk
from device.process.moment import Timekeeper
from device.process.time import SystemTimekeeper
from tests.cloud_sync.firebase.emulators import Emulators, owner

PASSWORD_BYTES = 32


@dataclass
class Enrolled:
    """A kiosk's user in the Auth emulator, with its documents, and the file that a technician would carry."""

    emulators: Emulators
    site: str
    kiosk: str
    password: str

    @property
    def uid(self) -> str:
        return f"kiosk-{self.site}-{self.kiosk}"

    @property
    def email(self) -> str:
        return f"{self.uid}@kiosks.invalid"

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints.from_environment(self.emulators.environment)

    def file(self, path: Path, **changes: Any) -> Path:
        """Write the enrolment file."""
        expires = datetime.now(UTC) + timedelta(hours=72)
        whole = {
            "schema": 1,
            "project": self.emulators.project,
            "api_key": self.emulators.api_key,
            "bucket": self.emulators.bucket,
            "site": self.site,
            "kiosk": self.kiosk,
            "email": self.email,
            "password": self.password,
            "expires_at": expires.isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
        path.write_text(json.dumps(whole | changes))
        return path

    def credential(self) -> Credential:
        """Return a credential, as a finished enrolment leaves it."""
        tokens = self.emulators.sign_in(self.email, self.password)
        emulators = self.emulators
        return Credential(emulators.project, emulators.api_key, emulators.bucket, self.site, self.kiosk, tokens.refresh_token)

    def remote(self, folder: Path, timekeeper: Timekeeper | None = None, bytes_per_s: float | None = None) -> FirebaseRemote:
        """Return the kiosk's remote; the environment must name the emulators."""
        path = folder / f"credential-{secrets.token_hex(4)}"
        self.credential().write(path)
        return open_kiosk(str(path), timekeeper or SystemTimekeeper(), bytes_per_s)

    def document(self, path: str) -> dict[str, Any] | None:
        """Return a document as its owner sees it, ``None`` where there is none."""
        url = f"http://{self.emulators.firestore_host}/v1/{self.emulators.documents}/{path}"
        try:
            return owner(url, method="GET")
        except RuntimeError as error:
            if ": 404 " in str(error):
                return None
            raise

    def queue_command(self, kind: str, value: dict[str, Any], command_id: str | None = None, *, schema: int = 1) -> str:
        """Queue a command as the administrator's tools do, and return its id."""
        from cloud_sync.firebase.values import encode_fields

        command_id = command_id or secrets.token_hex(16)
        open_ = {"state": "queued", "accepted": None, "detail": None, "answered_at": None}
        fields = encode_fields({"schema": schema, "kind": kind, "value": value, **open_})
        fields["queued_at"] = {"timestampValue": datetime.now(UTC).isoformat().replace("+00:00", "Z")}
        self.put(f"sites/{self.site}/kiosks/{self.kiosk}/commands/{command_id}", fields)
        return command_id

    def put(self, path: str, fields: dict[str, Any]) -> None:
        """Put a document as its owner; ``fields`` in Firestore's own form."""
        url = f"http://{self.emulators.firestore_host}/v1/{self.emulators.documents}/{path}"
        owner(url, {"fields": fields}, method="PATCH")

    def listed(self, path: str) -> list[str]:
        """Return the ids of the documents in a collection."""
        base, found, page = f"http://{self.emulators.firestore_host}/v1/{self.emulators.documents}/{path}", [], ""
        while True:
            answer = owner(f"{base}?pageSize=300&mask.fieldPaths=record{page}", method="GET")
            found += [each["name"].rpartition("/")[2] for each in answer.get("documents", [])]
            if not answer.get("nextPageToken"):
                return found
            page = f"&pageToken={answer['nextPageToken']}"


def enrol(emulators: Emulators, site: str = "home", kiosk: str = "kiosk-1", *, ends_in_s: float = 72 * 3600) -> Enrolled:
    """Create a kiosk's user, as the administrator's tools do."""
    claims: dict[str, Any] = {"role": "kiosk", "site": site, "kiosk": kiosk, "until": int(time.time() + ends_in_s)}
    enrolled = Enrolled(emulators, site, kiosk, secrets.token_urlsafe(PASSWORD_BYTES))
    emulators.create_user(enrolled.uid, email=enrolled.email, password=enrolled.password, **claims)
    return enrolled
