"""The portal's pages over made-up records, as they are built, under the server's own policy.

See cloud_sync/portal/tests/sample-cloud.ts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cloud_sync.local.guard import HEADERS
from cloud_sync.local.remote import LocalRemote
from tests.checkout import ROOT
from tests.cloud_sync.local.conftest import Served, serve
from tests.cloud_sync.samples import capture, document, put, torso

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PORTAL = ROOT / "cloud_sync/portal"
WIDE, PHONE = (1440, 900), (390, 844)


class _Files(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *_arguments: Any) -> None:
        """Say nothing of a request."""


@pytest.fixture(scope="session")
def sample_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of the built sample page."""
    folder = tmp_path_factory.mktemp("sample")
    build(folder, {"FIRSTLIGHT_SAMPLE": "1"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/sample.html"
    finally:
        server.shutdown()
        thread.join(10.0)
        server.server_close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the portal as it is built for clinics."""
    folder = tmp_path_factory.mktemp("dist")
    build(folder, {})
    return folder


@pytest.fixture
def served(tmp_path: Path, pages: Path) -> Iterator[Served]:
    """The embedded cloud with two records, which serves `pages`."""
    folder = tmp_path / "cloud"
    remote = LocalRemote(folder)
    content = capture(torso())
    put(remote, document(1, content, patient="P-1"), content)
    put(remote, document(2, content, patient="P-2"), content)
    remote.close()
    yield from serve(folder, 0, "--pages", str(pages))


def build(folder: Path, more: Mapping[str, str]) -> None:
    """Build the portal into ``folder``, with ``more`` in its environment; skip the test where that cannot be done."""
    if shutil.which("node") is None or not (PORTAL / "node_modules/vite").exists():
        pytest.skip("the portal's packages are not installed; ./test does that where there is Node and a network")
    vite = [str(PORTAL / "node_modules/.bin/vite"), "build", "--outDir", str(folder), "--emptyOutDir", "--logLevel", "warn"]
    done = subprocess.run(
        vite, cwd=PORTAL, env={**os.environ, **more}, capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


class Portal:
    """A tab of its own, and what went wrong in it."""

    def __init__(self, browser: Browser, url: str, size: tuple[int, int], *, dark: bool = False, language: str = "en") -> None:
        self.url = url
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            locale=language,
            reduced_motion="reduce",
        )
        self.page: Page = self.context.new_page()
        self.problems: list[str] = []
        self.hosts: set[str] = set()
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda message: self.problems.append(message.text) if message.type == "error" else None)
        self.page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))

    def go(self, address: str = "", **options: object) -> None:
        """Open ``address`` (what stands after ``#/``) anew; ``options``: see sample-cloud.ts."""
        asked = "&".join(f"{name}={value}" for name, value in options.items())
        self.page.goto("about:blank")
        self.page.goto(f"{self.url}?{asked}#/{address}")

    def close(self) -> None:
        self.context.close()
        assert self.problems == []
        assert self.hosts <= {self.url.split("/")[2]}


@pytest.fixture
def portal(browser: Browser, sample_url: str) -> Iterator[Portal]:
    portal = Portal(browser, sample_url, WIDE)
    yield portal
    portal.close()
