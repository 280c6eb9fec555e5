"""A Firebase project as a `Remote`: what docs/data-model.md says, with a kiosk's own rights.

The kiosk may create and never read. So it is the *acceptance* of a write that confirms: the rules compute the hash of a record
and compare it with the one beside it, and take a second write of a record only where it changes nothing. A part is sent to a
path that nothing was sent to before, and the record's document names it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cloud_sync.firebase.arrived import Arrived
from cloud_sync.firebase.credential import Credential, find_credential
from cloud_sync.firebase.endpoints import Endpoints
from cloud_sync.firebase.firestore import AlreadyExists, Firestore, Write
from cloud_sync.firebase.gateway import GatewayIdentity
from cloud_sync.firebase.http import Http
from cloud_sync.firebase.identity import Identity, KioskIdentity
from cloud_sync.firebase.session import Session
from cloud_sync.firebase.storage import Storage
from cloud_sync.pace import Pace
from cloud_sync.remote import (
    Acknowledgement,
    Command,
    Confirmation,
    Heartbeat,
    RemoteConflict,
    RemoteError,
    RemoteRefused,
)
from cloud_sync.summary import SCHEMA, summary_of
from device.process.moment import Timekeeper

LARGEST_DOCUMENT = 1_000_000
"""Bytes of a record's JSON. Firestore's limit for a document is 1 MiB with all of its fields and names."""
LARGEST_OBJECT = 32 << 20
"""Bytes; the Storage rules take no more."""
LARGEST_BATCH = 5
"""Records in one commit. The rules may look into 20 other documents in a request, and look into up to four for each record
(firebase.google.com/docs/firestore/security/rules-conditions, "Access call limits")."""
THREADS = 6
_SLOWEST_THREAD = 32_000
"""Bytes per second. Below that, several uploads at once only delay each other."""
_RECORD = re.compile(r"sites/([^/]+)/records/([^/]+)")
_PART = re.compile(r"sites/([^/]+)/records/([^/]+)/([^/]+)")
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+(; ?[a-z0-9=-]+)?")


class FirebaseRemote:
    """A `BatchRemote` that is a Firebase project. Any number of threads may use it."""

    largest_batch = LARGEST_BATCH

    def __init__(
        self,
        identity: Identity,
        http: Http,
        pace: Pace,
        endpoints: Endpoints,
        project: str,
        bucket: str,
        *,
        threads: int = THREADS,
    ) -> None:
        """For `open_kiosk` and `open_gateway`."""
        self.identity = identity
        self.http = http
        self.threads = threads
        self._pace = pace
        self._firestore = Firestore(Session(http, identity, "Bearer"), endpoints.firestore, project)
        scheme = "Bearer" if identity.gateway else "Firebase"
        self._storage = Storage(Session(http, identity, scheme), endpoints.storage, bucket)
        self._arrived = Arrived()

    @property
    def kind(self) -> str:
        """In a word or two, for a technician."""
        return "firebase gateway" if self.gateway else "firebase"

    @property
    def gateway(self) -> bool:
        """Whether a service account is in use, for which no rules hold."""
        return self.identity.gateway

    def identity_age_s(self) -> float | None:
        """Return how old the token is, ``None`` where there is none yet."""
        return self.identity.age_s()

    def clock_ahead_s(self) -> float | None:
        """Return how far the clock here is ahead of the cloud's, ``None`` where the cloud has not answered yet."""
        return self.http.skew_s

    def put_object(self, path: str, content: bytes, media_type: str, timeout_s: float) -> Confirmation:
        site, record, part = _matched(_PART, path)
        self._require_site(site)
        if len(content) > LARGEST_OBJECT:
            raise RemoteRefused(f"{path} has {len(content)} bytes, more than the {LARGEST_OBJECT} that the cloud takes")
        sha256 = hashlib.sha256(content).hexdigest()
        folder = f"sites/{site}/records/{record}/{sha256}"
        kind = media_type if _MEDIA_TYPE.fullmatch(media_type) else "application/octet-stream"
        upload = self._storage.put(folder, part, content, kind, sha256, self.http.deadline(timeout_s))
        self._arrived.note(f"sites/{site}/records/{record}", part, upload)
        return Confirmation(path, sha256)

    def put_document(self, path: str, content: bytes, timeout_s: float) -> Confirmation:
        (outcome,) = self.put_documents([(path, content)], timeout_s)
        if isinstance(outcome, RemoteError):
            raise outcome
        return outcome

    def put_documents(self, documents: Sequence[tuple[str, bytes]], timeout_s: float) -> Sequence[Confirmation | RemoteError]:
        deadline_s = self.http.deadline(timeout_s)
        outcomes: list[Confirmation | RemoteError | None] = []
        writes: dict[int, list[Write]] = {}
        for number, (path, content) in enumerate(documents):
            try:
                writes[number] = self._writes(path, content)
                if self.identity.gateway:
                    self._refuse_erased(path, content, deadline_s)
                outcomes.append(None)
            except RemoteRefused as error:
                writes.pop(number, None)
                outcomes.append(error)
        together = len(writes) > 1 and self._commit_all(writes, deadline_s)
        for number in writes:
            path, content = documents[number]
            outcome = _confirmed(path, content) if together else self._alone(path, content, writes[number], deadline_s)
            if isinstance(outcome, Confirmation):
                self._arrived.forget(path)
            outcomes[number] = outcome
        return [outcome for outcome in outcomes if outcome is not None]

    def fetch_commands(self, timeout_s: float) -> Sequence[Command]:
        deadline_s = self.http.deadline(timeout_s)
        found = [
            (str(fields.get("queued_at", "")), command_id, fields)
            for command_id, fields in self._firestore.queued(self._own_path(), deadline_s)
        ]
        return [_command(command_id, fields) for _, command_id, fields in sorted(found, key=lambda each: each[:2])]

    def acknowledge_command(self, acknowledgement: Acknowledgement, timeout_s: float) -> None:
        deadline_s = self.http.deadline(timeout_s)
        path = f"{self._own_path()}/commands/{acknowledgement.command_id}"
        answer = {"state": "answered", "accepted": acknowledgement.accepted, "detail": acknowledgement.detail[:500]}
        try:
            write = self._firestore.update(path, answer, time_field="answered_at")
            self._firestore.commit([write], "the answer to a command", deadline_s)
        except RemoteRefused:
            if self._firestore.get(path, "the command that was answered", deadline_s).get("state") != "answered":
                raise

    def put_heartbeat(self, heartbeat: Heartbeat, timeout_s: float) -> None:
        fields = {"schema": SCHEMA, **vars(heartbeat), "warnings": list(heartbeat.warnings)}
        path = f"sites/{self.identity.site}/heartbeats/{self.identity.kiosk}"
        write = self._firestore.set(path, fields, time_field="at")
        self._firestore.commit([write], "a heartbeat", self.http.deadline(timeout_s))

    def fetch_object(self, path: str, offset: int, most: int, timeout_s: float) -> bytes:
        return self._storage.get(path, offset, most, self.http.deadline(timeout_s))

    def give_way(self, wanted: bool) -> None:
        self._pace.give_way(wanted)

    def close(self) -> None:
        self.http.close()

    def _writes(self, path: str, content: bytes) -> list[Write]:
        """Return what one commit creates of a record. Raises `RemoteRefused` for what the cloud cannot take."""
        site, record = _matched(_RECORD, path)
        self._require_site(site)
        summary, own = summary_of(record, content), _record_fields(content, path)
        create = self._firestore.create
        uploads = self._arrived.uploads(path, summary.parts)
        writes = [create(path, {"schema": SCHEMA, **own, "uploads": uploads}, time_field="received_at")]
        if summary.worklist is not None:
            writes.append(create(f"sites/{site}/worklist/{record}", summary.worklist, time_field="received_at"))
        if summary.consent is not None:
            writes.append(create(f"sites/{site}/consents/{record}", summary.consent, time_field="received_at"))
        return writes

    def _commit_all(self, writes: dict[int, list[Write]], deadline_s: float) -> bool:
        """Return whether all were created; ``False`` where one of them kept the others back, which then go alone."""
        try:
            self._firestore.commit([write for each in writes.values() for write in each], "some records", deadline_s)
        except (AlreadyExists, RemoteRefused):
            return False
        return True

    def _alone(self, path: str, content: bytes, writes: list[Write], deadline_s: float) -> Confirmation | RemoteError:
        """Create one record, or confirm that the cloud has it. Raises where the fault says nothing about this record."""
        try:
            try:
                self._firestore.commit(writes, "a record", deadline_s)
            except AlreadyExists:
                self._confirm(path, content, deadline_s)
        except (RemoteRefused, RemoteConflict) as error:
            return error
        return _confirmed(path, content)

    def _confirm(self, path: str, content: bytes, deadline_s: float) -> None:
        """Write again what should be there: the rules take it only where it changes nothing. Raises `RemoteConflict`."""
        if self.identity.gateway:
            return self._compare(path, content, deadline_s)
        write = self._firestore.update(path, _record_fields(content, path))
        try:
            self._firestore.commit([write], "a record that is there already", deadline_s)
        except RemoteRefused as error:
            raise RemoteConflict(
                f"the cloud holds another document at {path}, or one of another kiosk: find out who wrote it ({error})"
            ) from error
        return None

    def _compare(self, path: str, content: bytes, deadline_s: float) -> None:
        """Read what is there, because no rules keep a service account from writing over it. Raises `RemoteConflict`."""
        held, own = self._firestore.get(path, "a record that is there already", deadline_s), _record_fields(content, path)
        if any(held.get(name) != value for name, value in own.items()):
            raise RemoteConflict(f"the cloud holds another document at {path}: find out who wrote it")

    def _refuse_erased(self, path: str, content: bytes, deadline_s: float) -> None:
        """Do what the rules do for a kiosk: take nothing of a patient who was erased. Raises `RemoteRefused`."""
        site, record = _matched(_RECORD, path)
        patient = summary_of(record, content).patient
        tombstone = f"sites/{site}/tombstones/{patient}"
        if patient and "/" not in patient and self._firestore.find(tombstone, "a tombstone", deadline_s) is not None:
            raise RemoteRefused(f"the patient of {path} was erased from the cloud: nothing of theirs is taken any more")

    def _own_path(self) -> str:
        return f"sites/{self.identity.site}/kiosks/{self.identity.kiosk}"

    def _require_site(self, site: str) -> None:
        if site != self.identity.site and not self.identity.gateway:
            raise RemoteRefused(
                f"a record of the site {site!r} cannot go to {self.identity.site!r}, where this kiosk was enrolled: "
                "compare site in [kiosk] with its enrolment"
            )


def open_kiosk(configured: str, timekeeper: Timekeeper, bytes_per_s: float | None = None) -> FirebaseRemote:
    """Return the remote of an enrolled kiosk. Raises `BadCredential`.

    ``configured``: the path of its credential, empty for the one that systemd hands out.
    """
    credential = Credential.load(find_credential(configured))
    endpoints, pace, threads = Endpoints.from_environment(), Pace(timekeeper, bytes_per_s), _threads(bytes_per_s)
    http = Http(timekeeper, pace, connections=threads)
    identity = KioskIdentity(credential, http, endpoints, timekeeper)
    return FirebaseRemote(identity, http, pace, endpoints, credential.project, credential.bucket, threads=threads)


def open_gateway(path: Path, site: str, kiosk: str, timekeeper: Timekeeper, bytes_per_s: float | None = None) -> FirebaseRemote:
    """Return the remote of a clinic's own computer, which has a service account. Raises `BadCredential`."""
    endpoints, pace, threads = Endpoints.from_environment(), Pace(timekeeper, bytes_per_s), _threads(bytes_per_s)
    http = Http(timekeeper, pace, connections=threads)
    identity = GatewayIdentity(path, site, kiosk, http, timekeeper, emulated=endpoints.emulated)
    return FirebaseRemote(identity, http, pace, endpoints, identity.project, identity.bucket, threads=threads)


def _threads(bytes_per_s: float | None) -> int:
    return THREADS if bytes_per_s is None else max(1, min(THREADS, int(bytes_per_s / _SLOWEST_THREAD)))


def _record_fields(content: bytes, path: str) -> dict[str, Any]:
    """Return the fields that a record consists of. Raises `RemoteRefused`."""
    if len(content) > LARGEST_DOCUMENT:
        raise RemoteRefused(f"{path} has {len(content)} bytes, more than the {LARGEST_DOCUMENT} that a document may have")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise RemoteRefused(f"{path} is no JSON document: it is not UTF-8") from error
    summary = summary_of(path.rpartition("/")[2], content)
    sha256 = hashlib.sha256(content).hexdigest()
    return {"json": text, "sha256": sha256, "kiosk": summary.kiosk, "patient": summary.patient}


def _confirmed(path: str, content: bytes) -> Confirmation:
    """The hash is ours, and the rules took the document only because theirs is the same."""
    return Confirmation(path, hashlib.sha256(content).hexdigest())


def _command(command_id: str, fields: dict[str, Any]) -> Command:
    value, kind, schema = fields.get("value"), str(fields.get("kind", "")), fields.get("schema", SCHEMA)
    if not isinstance(schema, int) or schema > SCHEMA:
        kind = f"{kind[:20]}, of schema {schema!r:.9}"  # which no kiosk knows, so it says so and does nothing
    return Command(command_id, kind, value if isinstance(value, dict) else {})


def _matched(pattern: re.Pattern[str], path: str) -> tuple[str, ...]:
    match = pattern.fullmatch(path)
    if match is None:
        raise RemoteRefused(f"{path[:80]!r} is no place for a record in the cloud; please report it")
    return match.groups()
