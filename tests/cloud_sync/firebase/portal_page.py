"""The portal's Firebase data layer in a real browser, without the portal's pages: bundled, and called from Python."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cloud_sync.firebase.emulators import ROOT, Emulators

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PORTAL = ROOT / "cloud_sync" / "portal"
ESBUILD = PORTAL / "node_modules" / ".bin" / "esbuild"
ENTRY = """
import { open } from "./src/data/firebase";
import { isSecondFactor } from "./src/data/cloud";
globalThis.portal = { open, isSecondFactor };
"""
SETTLED = """
async ([method, args]) => {
    try {
        return { value: await globalThis.act[method](...args) };
    } catch (error) {
        return { fault: error.kind ?? `no fault: ${error.name}: ${error.message}`, message: error.message };
    }
}
"""
ACTIONS = """
async (settings) => {
    const cloud = await globalThis.portal.open(settings);
    const heard = { sessions: [], worklist: [], reviews: [], fleet: [], faults: [] };
    const stops = {};
    const opened = {};
    let factor = null;
    const failed = (fault) => heard.faults.push(fault.kind);
    cloud.onSession((session) => heard.sessions.push(session));
    globalThis.heard = heard;
    globalThis.act = {
        signIn: async (name, password) => {
            const answer = await cloud.signIn(name, password);
            if (!globalThis.portal.isSecondFactor(answer)) return answer;
            factor = answer;
            return "second factor";
        },
        code: (code) => factor.confirm(code),
        signOut: () => cloud.signOut(),
        beginTotp: async () => (factor = await cloud.beginTotp()),
        site: () => cloud.site(),
        counts: () => cloud.counts(),
        worklist: (query, after) => cloud.worklist(query, after),
        watch: (query) => { stops.worklist = cloud.watchWorklist(query, (page) => heard.worklist.push(page), failed); },
        patient: (patient) => cloud.patientRecords(patient),
        open: async (site, id) => {
            const record = await cloud.openRecord(site, id);
            opened[id] = record;
            return record;
        },
        part: async (id, name) => Array.from(await cloud.part(opened[id], name)),
        watchReviews: (id) => {
            stops.reviews = cloud.watchReviews(opened[id], (reviews) => heard.reviews.push(reviews), failed);
        },
        review: (id, verdict, note, supersedes) => cloud.review(opened[id], verdict, note, supersedes),
        card: (bundle) => cloud.modelCard(bundle),
        fleet: () => { stops.fleet = cloud.fleet((kiosks) => heard.fleet.push(kiosks), failed); },
        audit: (filter, after) => cloud.audit(filter, after),
        stop: (what) => stops[what](),
    };
}
"""
ALL = {"reading": "all", "urgency": None, "modality": None, "mine": False, "find": ""}


class FaultSeen(Exception):
    """The data layer rejected with a `Fault` of this kind."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the data layer as one script, and yield its address; skip where the portal's packages are not installed.

    A server, not an intercepted request: Chromium lets only a page of this machine speak to the emulators on it.
    """
    if not ESBUILD.exists():
        pytest.skip("the portal's packages are not installed; ./test does it, or `npm ci` in cloud_sync/portal")
    command = [
        str(ESBUILD),
        "--bundle",
        "--format=iife",
        "--target=es2022",
        "--log-level=warning",
        f"--outfile={folder / 'portal.js'}",
    ]
    subprocess.run(command, input=ENTRY, text=True, cwd=PORTAL, check=True, timeout=100)
    (folder / "index.html").write_text("<!doctype html><link rel='icon' href='data:,'><script src='portal.js'></script>")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of each request."""


def settings(emulators: Emulators) -> dict[str, Any]:
    """Return what `/__firstlight.json` says where the cloud is these emulators."""
    return {
        "kind": "firebase",
        "project": emulators.project,
        "apiKey": emulators.api_key,
        "bucket": emulators.bucket,
        "authDomain": f"{emulators.project}.firebaseapp.com",
        "emulators": {"auth": emulators.auth_host, "firestore": emulators.firestore_host, "storage": emulators.storage_host},
    }


class PortalPage:
    """A browser of its own with the data layer in it."""

    def __init__(self, browser: Browser, address: str, configuration: Mapping[str, Any]) -> None:
        self._address = address
        self._configuration = configuration
        self.context = browser.new_context()
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.hosts: set[str] = set()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add("/".join(request.url.split("/")[:3])))
        self.start()

    def start(self) -> None:
        """Load the page, for the first time or once more."""
        self.page.goto(f"{self._address}/")
        self.page.evaluate(ACTIONS, self._configuration)
        self.wait("heard.sessions.length > 0")

    def call(self, method: str, *arguments: Any) -> Any:
        """Return what the data layer answers; raises `FaultSeen`."""
        answer: dict[str, Any] = self.page.evaluate(SETTLED, [method, list(arguments)])
        if "fault" in answer:
            raise FaultSeen(answer["fault"], answer["message"])
        return answer.get("value")

    def heard(self, what: str) -> Any:
        return self.page.evaluate(f"heard.{what}")

    def wait(self, condition: str, *, timeout_s: float = 30.0) -> None:
        self.page.wait_for_function(f"() => {condition}", timeout=timeout_s * 1000)

    def sign_in(self, email: str, password: str = "a long password") -> Any:
        return self.call("signIn", email, password)

    def close(self) -> None:
        self.context.close()
        assert self.errors == []
