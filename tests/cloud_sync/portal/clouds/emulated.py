"""Firebase's emulators as a stage: records come through a kiosk's own remote, pages from a server that knows nothing else."""

from __future__ import annotations

import functools
import http.server
import json
import os
import threading
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from cloud_sync.firebase.remote import LARGEST_BATCH, FirebaseRemote
from cloud_sync.paths import document_path, object_path
from cloud_sync.remote import Confirmation, Heartbeat, RemoteError
from tests.cloud_sync.firebase.emulators import FIREBASE, Emulators
from tests.cloud_sync.firebase.kiosks import Enrolled, enrol
from tests.cloud_sync.firebase.rules_rest import OWNER, Firestore, encoded
from tests.cloud_sync.portal.clouds.embedded import written
from tests.cloud_sync.portal.clouds.records import BUNDLE, MODEL
from tests.cloud_sync.portal.clouds.stage import (
    ADMINISTRATOR,
    AWAY,
    COLLEAGUE,
    DOCTOR,
    FAR_DOCTOR,
    HOME,
    Login,
    Said,
    Stage,
)

if TYPE_CHECKING:
    from tests.cloud_sync.portal.clouds.doctor import Doctor

_PASSWORD = "correct-horse-battery"
_NAMES = {DOCTOR: "Dr. Ada Brandt", COLLEAGUE: "Dr. Bo Lund", FAR_DOCTOR: "Dr. Far Away", ADMINISTRATOR: "Noor Haddad"}
_KIOSK = "kiosk-1"


class Emulated(Stage):
    kind = "firebase"

    def __init__(self, emulators: Emulators, folder: Path, url: str) -> None:
        super().__init__()
        self.url = url
        hosts = (emulators.auth_host, emulators.firestore_host, emulators.storage_host)
        self.origins = frozenset({url, *(f"http://{host}" for host in hosts)})
        self._emulators = emulators
        self._firestore = Firestore(emulators)
        self._kiosk = enrol(emulators, HOME, _KIOSK)
        self.logins = {who: self._create(who) for who in _NAMES}
        self._prepare()
        with mock.patch.dict(os.environ, emulators.environment):
            self._remote: FirebaseRemote = self._kiosk.remote(folder)

    def deliver(self, record: dict[str, Any], parts: Mapping[str, bytes]) -> str:
        for name, content in parts.items():
            path = object_path(record["site"], record["id"], name)
            self._remote.put_object(path, content, record["parts"][name]["media_type"], 20.0)
        self._remote.put_document(document_path(record["site"], record["id"]), written(record), 20.0)
        return str(record["id"])

    def deliver_many(self, records: Sequence[dict[str, Any]]) -> None:
        for start in range(0, len(records), LARGEST_BATCH):
            some = records[start : start + LARGEST_BATCH]
            documents = [(document_path(record["site"], record["id"]), written(record)) for record in some]
            outcomes = self._remote.put_documents(documents, 20.0)
            assert {type(outcome) for outcome in outcomes} == {Confirmation}, outcomes

    def deliver_bytes(self, record_id: str, content: bytes) -> bool:
        try:
            self._remote.put_document(document_path(HOME, record_id), content, 20.0)
        except RemoteError:
            return False
        return True

    def alter(self, record_id: str) -> None:
        path = document_path(HOME, record_id)
        whole = self._fields(path)["json"]["stringValue"]
        assert "0.71" in whole
        self._firestore.prepare(self._firestore.update(path, {"json": whole.replace("0.71", "0.17")}))

    def heartbeat(self, heartbeat: Heartbeat) -> None:
        self._remote.put_heartbeat(heartbeat, 20.0)

    def openings(self, record_id: str) -> Sequence[str]:
        found = self._listed(f"sites/{HOME}/audit", record=record_id, action="open_record")
        return [fields["name"]["stringValue"] for fields in found]

    def reviews(self, record_id: str) -> Sequence[Said]:
        found = self._listed(f"sites/{HOME}/records/{record_id}/reviews")
        return [
            Said(
                fields["author_name"]["stringValue"],
                fields["verdict"]["stringValue"],
                fields["note"]["stringValue"],
                fields["supersedes"].get("stringValue"),
            )
            for fields in found
        ]

    def end_session(self, doctor: Doctor, who: str) -> None:
        doctor.page.evaluate("() => localStorage.setItem('firstlight.used-at', '1')")

    def raw_open(self, doctor: Doctor, record_id: str) -> bool:
        token = self._token(doctor)
        return any(
            self._asked(doctor, token, "GET", f"sites/{site}/records/{record_id}{rest}")
            for site in (HOME, AWAY)
            for rest in ("", "/reviews/x")
        ) or self._asked(doctor, token, "GET", f"sites/{HOME}/worklist/{record_id}")

    def as_kiosk(self, doctor: Doctor, record_id: str) -> Mapping[str, bool]:
        token = self._emulators.sign_in(self._kiosk.email, self._kiosk.password).id_token
        acts = {
            "read": ("GET", f"sites/{HOME}/records/{record_id}", None),
            "list": ("GET", f"sites/{HOME}/worklist?pageSize=5", None),
            "open": ("POST", f"sites/{HOME}/audit?documentId=forged", {"uid": self._kiosk.uid, "action": "open_record"}),
            "review": ("POST", f"sites/{HOME}/records/{record_id}/reviews?documentId=forged", self._review(record_id)),
            "change": ("PATCH", f"sites/{HOME}/records/{record_id}?updateMask.fieldPaths=json", {"json": "{}"}),
            "delete": ("DELETE", f"sites/{HOME}/records/{record_id}", None),
        }
        worked = {name: self._asked(doctor, token, *act) for name, act in acts.items()}
        return {**worked, "sign in": self._signs_in(doctor, self._kiosk)}

    def forge(self, doctor: Doctor, record_id: str) -> Mapping[str, bool]:
        token = self._token(doctor)
        right = self._review(record_id)
        wrong = {
            "in another name": {"author": "u-colleague", "author_name": _NAMES[COLLEAGUE]},
            "under another name": {"author_name": _NAMES[COLLEAGUE]},
            "of other bytes": {"record_sha256": "0" * 64},
            "with another verdict": {"verdict": "healthy"},
            "with a note without end": {"note": "x" * 4001},
            "that supersedes nothing": {"supersedes": "nothing"},
            "of another record": {"record": "f" * 32},
        }
        path = f"sites/{HOME}/records/{record_id}/reviews?documentId="
        taken = {
            name: self._asked(doctor, token, "POST", f"{path}forged-{at}", right | change)
            for at, (name, change) in enumerate(wrong.items())
        }
        record = f"sites/{HOME}/records/{record_id}"
        return {
            **taken,
            "change the record": self._asked(doctor, token, "PATCH", f"{record}?updateMask.fieldPaths=json", {"json": "{}"}),
            "delete the record": self._asked(doctor, token, "DELETE", record),
            "remove the audit": self._asked(doctor, token, "DELETE", f"sites/{HOME}/opened/u-doctor_{record_id}"),
            "list records": self._asked(doctor, token, "GET", f"sites/{HOME}/records?pageSize=5"),
        }

    def close(self) -> None:
        self._remote.close()

    def _create(self, who: str) -> Login:
        email = f"{who.replace(' ', '-')}@clinic.example"
        claims = {"role": "administrator" if who == ADMINISTRATOR else "doctor", "site": AWAY if who == FAR_DOCTOR else HOME}
        uid = f"u-{who.replace(' ', '-')}"
        self._emulators.create_user(uid, email=email, password=_PASSWORD, name=_NAMES[who], **claims)
        return Login(email, _PASSWORD, _NAMES[who])

    def _prepare(self) -> None:
        """Write what an administrator's tools write."""
        at, create = datetime.now(UTC), self._firestore.create
        kiosk = {"schema": 1, "uid": self._kiosk.uid, "label": "Hall", "enrolled_at": at, "revoked_at": None}
        told = json.dumps(tomllib.loads((BUNDLE / "card.toml").read_text()), ensure_ascii=False, sort_keys=True)
        card = {"schema": 1, "card": told, "name": "breast", "version": "0.2.0", "published_at": at}
        sites = [
            create(f"sites/{site}", {"schema": 1, "name": site, "prevalence": {"breast": 0.006}, "created_at": at})
            for site in (HOME, AWAY)
        ]
        self._firestore.prepare(*sites, create(f"sites/{HOME}/kiosks/{_KIOSK}", kiosk), create(f"models/{MODEL}", card))

    def _fields(self, path: str) -> dict[str, Any]:
        fields: dict[str, Any] = self._firestore.get(OWNER, path).body["fields"]
        return fields

    def _listed(self, collection: str, **equal: Any) -> list[dict[str, Any]]:
        """Return the fields of a collection's documents by the cloud's time, the oldest first."""
        answers = self._firestore.list(OWNER, collection, **equal).body
        found = [answer["document"]["fields"] for answer in answers if "document" in answer]
        return sorted(found, key=lambda fields: str(fields["at"]["timestampValue"]))

    def _review(self, record_id: str) -> dict[str, Any]:
        sha256 = self._fields(document_path(HOME, record_id))["sha256"]["stringValue"]
        return {
            "schema": 1, "record": record_id, "record_sha256": sha256, "patient": None, "author": "u-doctor",
            "author_name": _NAMES[DOCTOR], "verdict": "agree", "note": "", "supersedes": None, "at": datetime.now(UTC),
        }  # fmt: skip

    def _token(self, doctor: Doctor) -> str:
        """Return the ID token that the page's SDK keeps: what any script in the page could take."""
        script = """() => new Promise((found, failed) => {
            const asked = indexedDB.open("firebaseLocalStorageDb");
            asked.onerror = () => failed(asked.error);
            asked.onsuccess = () => {
                const all = asked.result.transaction("firebaseLocalStorage").objectStore("firebaseLocalStorage").getAll();
                all.onsuccess = () => found(all.result[0].value.stsTokenManager.accessToken);
            };
        })"""
        return str(doctor.page.evaluate(script))

    def _asked(self, doctor: Doctor, token: str, method: str, path: str, fields: Mapping[str, Any] | None = None) -> bool:
        """Ask Firestore from within the page, past the portal; return whether it did as asked."""
        script = """async ([url, method, token, body]) => {
            const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
            return (await fetch(url, { method, headers, ...(body === null ? {} : { body }) })).status;
        }"""
        url = f"http://{self._emulators.firestore_host}/v1/{self._emulators.documents}/{path}"
        body = None if fields is None else json.dumps({"fields": {name: encoded(value) for name, value in fields.items()}})
        status = doctor.page.evaluate(script, [url, method, token, body])
        assert status in (200, 403, 404, 409), status
        return bool(status == 200)

    def _signs_in(self, doctor: Doctor, kiosk: Enrolled) -> bool:
        doctor.page.fill('input[name="name"]', kiosk.email)
        doctor.page.fill('input[name="password"]', kiosk.password)
        doctor.page.press('input[name="password"]', "Enter")
        doctor.page.wait_for_selector(".worklist, [role=alert]:not([hidden])")
        return doctor.page.locator(".worklist").count() > 0


@contextmanager
def emulated(emulators: Emulators, folder: Path, pages: Path) -> Iterator[Emulated]:
    emulators.clear()
    addresses = {"auth": emulators.auth_host, "firestore": emulators.firestore_host, "storage": emulators.storage_host}
    settings = {
        "kind": "firebase",
        "project": emulators.project,
        "apiKey": emulators.api_key,
        "bucket": emulators.bucket,
        "authDomain": f"{emulators.project}.firebaseapp.com",
        "emulators": addresses,
    }
    handler = functools.partial(_Pages, json.dumps(settings).encode(), _headers(emulators), directory=str(pages))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    stage = Emulated(emulators, folder, f"http://127.0.0.1:{server.server_address[1]}")
    try:
        yield stage
    finally:
        stage.close()
        server.shutdown()
        server.server_close()
        thread.join(10.0)


def _headers(emulators: Emulators) -> dict[str, str]:
    """Return what is deployed to Firebase's hosting, with the emulators in the place of Google's servers."""
    deployed = json.loads((FIREBASE / "firebase.json").read_text())["hosting"]["headers"][0]["headers"]
    headers = {header["key"]: str(header["value"]) for header in deployed}
    del headers["Strict-Transport-Security"]
    policy = headers["Content-Security-Policy"]
    for server, host in {
        "firestore": emulators.firestore_host,
        "identitytoolkit": emulators.auth_host,
        "securetoken": emulators.auth_host,
        "firebasestorage": emulators.storage_host,
    }.items():
        assert f"https://{server}.googleapis.com" in policy
        policy = policy.replace(f"https://{server}.googleapis.com", f"http://{host}")
    return {**headers, "Content-Security-Policy": policy}


class _Pages(http.server.SimpleHTTPRequestHandler):
    """What Firebase's hosting does: files, and one description of the cloud."""

    def __init__(self, settings: bytes, headers: Mapping[str, str], *arguments: Any, **options: Any) -> None:
        self._settings, self._headers = settings, headers
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        if self.path != "/__firstlight.json":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(self._settings)

    def end_headers(self) -> None:
        for name, value in self._headers.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *arguments: Any) -> None: ...
