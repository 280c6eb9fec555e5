"""A site as its kiosk and its administrator fill it, for tests of the portal."""

from __future__ import annotations

import hashlib
import json
import time
from datetime import UTC, datetime
from typing import Any

from cloud_sync.summary import summary_of
from tests.cloud_sync.firebase.emulators import Emulators
from tests.cloud_sync.firebase.rules_rest import NOW, Firestore, Storage
from tests.cloud_sync.samples import document, record_id

SITE = "home"
UPLOAD = "fedcba9876543210" * 2
PART = b"thermogram, byte by byte \x00\xff"
DOCTOR, COLLEAGUE, FAR, ADMINISTRATOR = "ada@home.example", "bob@home.example", "far@south.example", "root@home.example"


class Site:
    """A site as its kiosk and its administrator fill it."""

    def __init__(self, emulators: Emulators) -> None:
        self.emulators = emulators
        self.firestore = Firestore(emulators)
        self.storage = Storage(emulators)
        claims: dict[str, Any] = {"role": "kiosk", "site": SITE, "kiosk": "kiosk-1", "until": int(time.time()) + 72 * 3600}
        self.kiosk = emulators.unsigned_token(f"kiosk-{SITE}-kiosk-1", **claims)
        self.kiosk_claims = claims

    def prepare(self) -> None:
        people = {
            DOCTOR: ("ada", "doctor", SITE),
            COLLEAGUE: ("bob", "doctor", SITE),
            ADMINISTRATOR: ("root", "administrator", SITE),
        }
        for email, (uid, role, site) in {**people, FAR: ("far", "doctor", "south")}.items():
            self.emulators.create_user(
                uid, email=email, password="a long password", name=f"Dr. {uid.title()}", role=role, site=site
            )
        self.emulators.create_user("nobody", email="new@home.example", password="a long password")
        create, at = self.firestore.create, datetime(2026, 11, 1, tzinfo=UTC)
        card = {
            "schema": 1,
            "card": json.dumps({"model": {"name": "breast"}}),
            "name": "breast",
            "version": "1.0.0",
            "published_at": at,
        }
        self.firestore.prepare(
            create(f"sites/{SITE}", {"schema": 1, "name": "Home clinic", "prevalence": {"breast": 0.006}, "created_at": at}),
            create("sites/south", {"schema": 1, "name": "South", "prevalence": {}, "created_at": at}),
            create(
                f"sites/{SITE}/kiosks/kiosk-1",
                {"schema": 1, "uid": "x", "label": "Hall", "enrolled_at": at, "revoked_at": None},
            ),
            create(
                f"sites/{SITE}/kiosks/kiosk-2", {"schema": 1, "uid": "y", "label": "Door", "enrolled_at": at, "revoked_at": at}
            ),
            create(f"sites/{SITE}/patients/P-7K2M-0003-QX", {"schema": 1, "doctors": ["ada"], "assigned_at": at}),
            create(f"models/{'0' * 64}", card),
        )

    def arrive(self, number: int, **changes: Any) -> str:
        """Send a record as a kiosk does, with its token and by the rules, and return its id."""
        record = document(number, PART, **changes)
        content = json.dumps(record)
        summary = summary_of(record["id"], content.encode())
        sha256 = hashlib.sha256(content.encode()).hexdigest()
        fields = {
            "schema": 1,
            "json": content,
            "sha256": sha256,
            "kiosk": summary.kiosk,
            "patient": summary.patient,
            "uploads": {"capture.npz": UPLOAD},
        }
        writes = {"records": fields, "worklist": summary.worklist, "consents": summary.consent}
        path = self.part_path(number)
        assert self.storage.upload(self.kiosk, path, PART, {"sha256": hashlib.sha256(PART).hexdigest()}).status == 200
        create = self.firestore.create
        answer = self.firestore.commit(
            self.kiosk,
            *(
                create(f"sites/{SITE}/{where}/{record['id']}", {**what, "received_at": NOW})
                for where, what in writes.items()
                if what
            ),
        )
        assert answer.status == 200, answer
        identifier: str = record["id"]
        return identifier

    def part_path(self, number: int) -> str:
        return f"sites/{SITE}/records/{record_id(number)}/{hashlib.sha256(PART).hexdigest()}/{UPLOAD}/capture.npz"
