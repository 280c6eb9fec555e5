"""Two sites with everybody who may ask for something, and the things they may ask for."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.cloud_sync.firebase import rules_documents as documents
from tests.cloud_sync.firebase.emulators import Emulators
from tests.cloud_sync.firebase.rules_rest import Answer, Firestore, Storage, Token, Write

KIOSK, SIBLING, FAR_KIOSK, STALE, LATE = "kiosk", "sibling", "far kiosk", "stale kiosk", "late kiosk"
DOCTOR, COLLEAGUE, FAR_DOCTOR = "doctor", "colleague", "far doctor"
ADMINISTRATOR, FAR_ADMINISTRATOR = "administrator", "far administrator"
NOBODY, CLAIMLESS = "nobody", "claimless"
EVERYBODY = (
    NOBODY, CLAIMLESS, KIOSK, SIBLING, FAR_KIOSK, STALE, LATE, DOCTOR, COLLEAGUE, FAR_DOCTOR, ADMINISTRATOR,
    FAR_ADMINISTRATOR,
)  # fmt: skip
DOCTORS = frozenset({DOCTOR, COLLEAGUE})
STAFF = DOCTORS | {ADMINISTRATOR}
ANY_STAFF = STAFF | {FAR_DOCTOR, FAR_ADMINISTRATOR}
NOBODY_AT_ALL: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Actor:
    name: str
    uid: str
    token: Token


class World:
    """The site "north" with kiosks "hall" and "door", the site "south" with the same, and a client that acts for anybody."""

    def __init__(self, emulators: Emulators) -> None:
        self.firestore = Firestore(emulators)
        self.storage = Storage(emulators)
        self._emulators = emulators
        self._numbers = itertools.count(1)
        self._actors = {name: self._actor(name) for name in EVERYBODY}

    def __getitem__(self, actor: str) -> Actor:
        return self._actors[actor]

    def _actor(self, name: str) -> Actor:
        site = "south" if name.startswith("far") else "north"
        match name:
            case "nobody":
                return Actor(name, "nobody", None)
            case "claimless":
                return self.staff(name, {})
            case "kiosk" | "far kiosk":
                return self.kiosk(name, site, "hall")
            case "sibling":
                return self.kiosk(name, site, "door")
            case "stale kiosk":
                return self.kiosk(name, site, "hall", issued_s_ago=303.0)
            case "late kiosk":
                return self.kiosk(name, site, "hall", until_s=-1)
            case _:
                role = "administrator" if "administrator" in name else "doctor"
                return self.staff(name, {"role": role, "site": site})

    def kiosk(
        self,
        name: str,
        site: str,
        kiosk: str,
        *,
        issued_s_ago: float = 0.0,
        uid: str | None = None,
        until_s: int | None = 72 * 3600,
    ) -> Actor:
        """Return a kiosk that signed in ``until_s`` before its enrolment file's end; ``None``: nobody said when that is."""
        uid = uid or f"kiosk-{site}-{kiosk}"
        signed_in = int(time.time() - issued_s_ago)
        ends = {} if until_s is None else {"until": signed_in + until_s}
        claims = {"role": "kiosk", "site": site, "kiosk": kiosk, "auth_time": signed_in, **ends}
        return Actor(name, uid, self._emulators.unsigned_token(uid, issued_s_ago=issued_s_ago, **claims))

    def staff(self, name: str, claims: Mapping[str, Any], /, **more: Any) -> Actor:
        uid = name.replace(" ", "-")
        return Actor(name, uid, self._emulators.unsigned_token(uid, **(more or {"called": name.title()}), **claims))

    def fresh(self, kind: str = "x") -> str:
        """Return an id that nothing has yet."""
        return f"{kind}-{next(self._numbers):06d}"

    def commit(self, actor: str | Actor, *writes: Write) -> Answer:
        who = actor if isinstance(actor, Actor) else self[actor]
        return self.firestore.commit(who.token, *writes)

    def seed(self) -> None:
        """Write what only tools write."""
        create = self.firestore.create
        at = datetime(2026, 11, 1, tzinfo=UTC)
        writes = [
            create("models/bundle", {"schema": 1, "card": "{}", "name": "breast", "version": "1.0.0", "published_at": at})
        ]
        for site in ("north", "south"):
            writes += [
                create(f"sites/{site}", {"schema": 1, "name": site.title(), "prevalence": {}, "created_at": at}),
                create(f"sites/{site}/patients/{documents.PATIENT}", {"schema": 1, "doctors": [], "assigned_at": at}),
                create(f"sites/{site}/tombstones/P-GONE", {"schema": 1, "erased_at": at, "records": 2, "models": []}),
            ]
            writes += [
                create(f"sites/{site}/kiosks/{kiosk}", {"schema": 1, "uid": f"kiosk-{site}-{kiosk}"})
                for kiosk in ("hall", "door")
            ]
        self.firestore.prepare(*writes)

    # What is there before somebody asks for it, written as the owner.

    def arrival(
        self, record: str, *, kiosk: str = "hall", patient: str | None = documents.PATIENT, site: str = "north"
    ) -> list[Write]:
        """Return the three writes of a record that arrives."""
        create = self.firestore.create
        return [
            create(f"sites/{site}/records/{record}", documents.record_document(record, kiosk=kiosk, patient=patient)),
            create(f"sites/{site}/worklist/{record}", documents.line(record, kiosk=kiosk, patient=patient)),
            create(f"sites/{site}/consents/{record}", documents.consent(record, patient=patient)),
        ]

    def record(self, **options: Any) -> str:
        """Let a record arrive, and return its id."""
        record = self.fresh("record")
        self.firestore.prepare(*self.arrival(record, **options))
        return record

    def opened(self, record: str, actor: str | Actor, *, s_ago: float = 0.0) -> None:
        """Let ``actor`` have opened it so long ago."""
        who = actor if isinstance(actor, Actor) else self[actor]
        fields = {**documents.opening(who.uid, record, "none"), "at": datetime.now(UTC) - timedelta(seconds=s_ago)}
        self.firestore.prepare(self.firestore.set(f"sites/north/opened/{who.uid}_{record}", fields))

    def queued(self, kiosk: str = "hall", **changes: Any) -> str:
        """Queue a command, and return its path."""
        path = f"sites/north/kiosks/{kiosk}/commands/{self.fresh('command')}"
        self.firestore.prepare(self.firestore.create(path, {**documents.command(), **changes}))
        return path

    def signed(self, record: str, author: str) -> str:
        """Let ``author`` have reviewed the record, and return the review's id."""
        review = self.fresh("review")
        fields = documents.review(self[author].uid, author.title(), record)
        self.firestore.prepare(self.firestore.create(f"sites/north/records/{record}/reviews/{review}", fields))
        return review

    # What people do, with everything right; a test breaks one thing of it.

    def opening(self, actor: str | Actor, record: str, *, reading: bool = True) -> list[Write]:
        """Return the writes that open a record: audit, opening, worklist."""
        who = actor if isinstance(actor, Actor) else self[actor]
        entry = self.fresh("entry")
        writes = [
            self.firestore.create(f"sites/north/audit/{entry}", documents.entry(who.uid, who.name.title(), record)),
            self.firestore.set(f"sites/north/opened/{who.uid}_{record}", documents.opening(who.uid, record, entry)),
        ]
        return [*writes, *([self.firestore.update(f"sites/north/worklist/{record}", {"reading": "opened"})] if reading else [])]

    def review(
        self, actor: str, record: str, *, changes: Mapping[str, Any] | None = None, told: Mapping[str, Any] | None = None
    ) -> list[Write]:
        """Return the writes that sign a review, with ``changes`` in it and ``told`` in the worklist's line."""
        who = self[actor]
        review = self.fresh("review")
        fields = {**documents.review(who.uid, who.name.title(), record), **(changes or {})}
        line = {"reading": "reviewed", "to_do": False, "last_verdict": "recall", "last_review": review, **(told or {})}
        return [
            self.firestore.create(f"sites/north/records/{record}/reviews/{review}", fields),
            self.firestore.update(f"sites/north/worklist/{record}", line),
        ]
