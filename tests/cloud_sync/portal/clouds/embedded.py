"""The embedded cloud as a stage: the server in a process of its own over a folder."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloud_sync.local.accounts import Accounts, Role
from cloud_sync.local.database import open_database
from cloud_sync.local.ledger import open_ledger
from cloud_sync.local.remote import LocalRemote
from cloud_sync.paths import document_path, object_path
from cloud_sync.remote import Heartbeat, RemoteError
from tests.cloud_sync.portal.clouds.records import BUNDLE
from tests.cloud_sync.portal.clouds.stage import ADMINISTRATOR, AWAY, COLLEAGUE, DOCTOR, FAR_DOCTOR, HOME, Login, Said, Stage

if TYPE_CHECKING:
    from tests.cloud_sync.portal.clouds.doctor import Doctor

_NAMES = {DOCTOR: "Dr. Ada Brandt", COLLEAGUE: "Dr. Bo Lund", FAR_DOCTOR: "Dr. Far Away", ADMINISTRATOR: "Noor Haddad"}


class Embedded(Stage):
    kind = "embedded"

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__()
        self.url = url
        self.origins = frozenset({url})
        self._folder = folder
        self._remote = LocalRemote(folder)
        self.logins = {who: self._add(who) for who in _NAMES}

    def deliver(self, record: dict[str, Any], parts: Mapping[str, bytes]) -> str:
        for name, content in parts.items():
            path = object_path(record["site"], record["id"], name)
            self._remote.put_object(path, content, record["parts"][name]["media_type"], 10.0)
        self._remote.put_document(document_path(record["site"], record["id"]), written(record), 10.0)
        return str(record["id"])

    def deliver_many(self, records: Sequence[dict[str, Any]]) -> None:
        for record in records:
            self.deliver(record, {})

    def deliver_bytes(self, record_id: str, content: bytes) -> bool:
        try:
            self._remote.put_document(document_path(HOME, record_id), content, 10.0)
        except RemoteError:
            return False
        return True

    def alter(self, record_id: str) -> None:
        with self._database() as database:
            change = (
                "UPDATE documents SET content = CAST(replace(CAST(content AS TEXT), '0.71', '0.17') AS BLOB) WHERE path = ?"
            )
            assert database.execute(change, (document_path(HOME, record_id),)).rowcount == 1

    def heartbeat(self, heartbeat: Heartbeat) -> None:
        self._remote.put_heartbeat(heartbeat, 10.0)

    def openings(self, record_id: str) -> Sequence[str]:
        asked = "SELECT name FROM audit WHERE record = ? AND action = 'open_record' ORDER BY seq"
        return [name for (name,) in self._ask(asked, record_id)]

    def reviews(self, record_id: str) -> Sequence[Said]:
        asked = "SELECT author_name, verdict, note, supersedes FROM reviews WHERE record = ? ORDER BY seq"
        return [Said(*row) for row in self._ask(asked, record_id)]

    def end_session(self, doctor: Doctor, who: str) -> None:
        ledger = open_ledger(self._folder)
        ledger.execute("DELETE FROM sessions WHERE account = ?", (self.logins[who].name,))
        ledger.close()
        # The page may have heard of it by itself already; then there is nothing to be pressed any more.
        doctor.page.locator("dialog .sign").evaluate_all("buttons => buttons.forEach((button) => button.click())")

    def raw_open(self, doctor: Doctor, record_id: str) -> bool:
        return any(
            asked(doctor, method, f"/api/records/{site}/{record_id}{rest}")[0] == 200
            for site in (HOME, AWAY)
            for method, rest in (("GET", ""), ("POST", "/open"), ("GET", "/parts/capture.npz"), ("GET", "/reviews"))
        )

    def as_kiosk(self, doctor: Doctor, record_id: str) -> Mapping[str, bool]:
        """A kiosk of the embedded cloud writes its folder and has no account: its name opens nothing."""
        sign_in = asked(doctor, "POST", "/api/sign-in", {"name": "kiosk-1", "passphrase": ""})
        return {
            "sign in": sign_in[0] == 200,
            "list": asked(doctor, "GET", "/api/worklist?reading=all")[0] == 200,
            "read": self.raw_open(doctor, record_id),
            "fleet": asked(doctor, "GET", "/api/fleet")[0] == 200,
        }

    def forge(self, doctor: Doctor, record_id: str) -> Mapping[str, bool]:
        path = f"/api/records/{HOME}/{record_id}"
        sha256 = asked(doctor, "GET", path)[1]["sha256"]
        review = {"record_sha256": sha256, "verdict": "agree", "note": ""}
        colleague = self.logins[COLLEAGUE].shown
        status, answer = asked(doctor, "POST", f"{path}/reviews", {**review, "author": colleague, "author_name": colleague})
        wrong = {
            "of other bytes": {**review, "record_sha256": "0" * 64},
            "with another verdict": {**review, "verdict": "healthy"},
            "with a note without end": {**review, "note": "x" * 4001},
            "that supersedes nothing": {**review, "supersedes": "f" * 32},
        }
        taken = {name: asked(doctor, "POST", f"{path}/reviews", body)[0] == 200 for name, body in wrong.items()}
        changed = {
            method: asked(doctor, method, f"{path}/reviews/{answer.get('id', 'x')}", review)[0] < 400
            for method in ("PUT", "PATCH", "DELETE")
        }
        return {"in another name": status == 200 and answer.get("author_name") == colleague, **taken, **changed}

    def close(self) -> None:
        self._remote.close()

    def _add(self, who: str) -> Login:
        ledger = open_ledger(self._folder)
        role = Role.ADMINISTRATOR if who == ADMINISTRATOR else Role.DOCTOR
        sign_in = Accounts(ledger, self._folder).add(_NAMES[who], role, AWAY if who == FAR_DOCTOR else HOME)
        ledger.close()
        return Login(sign_in.name, sign_in.passphrase, sign_in.name)

    def _ask(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        ledger = open_ledger(self._folder)
        rows = ledger.execute(query, values).fetchall()
        ledger.close()
        return rows

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        database = open_database(self._folder, 5.0)
        yield database
        database.commit()
        database.close()


@contextmanager
def embedded(folder: Path, pages: Path) -> Iterator[Embedded]:
    """Run the server over ``folder``, with the portal's built ``pages``."""
    options = ["--folder", str(folder), "--port", "0", "--models", str(BUNDLE.parent), "--site", HOME, "--pages", str(pages)]
    process = subprocess.Popen([sys.executable, "-m", "cloud_sync.local", *options], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    line = process.stderr.readline()
    found = re.search(r"url=(http://[^/\s]+)", line)
    assert found, line
    stage = Embedded(folder, found[1])
    try:
        yield stage
    finally:
        stage.close()
        process.terminate()
        assert process.wait(30.0) == 0
        assert "Traceback" not in process.stderr.read()
        process.stderr.close()


def asked(doctor: Doctor, method: str, path: str, body: object = None) -> tuple[int, Any]:
    """Ask the portal's server from within the page, with its cookie."""
    script = """async ([method, path, body]) => {
        const sent = body === null ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
        const answer = await fetch(path, { method, ...sent });
        return [answer.status, await answer.json().catch(() => ({}))];
    }"""
    sent = {} if body is None and method == "POST" else body
    status, answer = doctor.page.evaluate(script, [method, path, sent])
    return status, answer


def written(record: Mapping[str, Any]) -> bytes:
    """Return the document as a kiosk would send it."""
    return json.dumps(record).encode()
