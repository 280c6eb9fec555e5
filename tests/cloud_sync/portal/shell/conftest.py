"""The portal's pages over made-up records, as they are built, under the server's own policy.

See cloud_sync/portal/tests/sample-cloud.ts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cloud_sync.local.guard import HEADERS
from tests.checkout import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PORTAL = ROOT / "cloud_sync/portal"
WIDE, PHONE = (1440, 900), (390, 844)


def require_packages() -> None:
    """Skip the test where the portal cannot be built."""
    if shutil.which("node") is None or not (PORTAL / "node_modules/vite").exists():
        pytest.skip("the portal's packages are not installed; ./test does that where there is Node and a network")


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
    require_packages()
    folder = tmp_path_factory.mktemp("sample")
    build_sample(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/sample.html"
    finally:
        server.shutdown()
        thread.join(10.0)
        server.server_close()


def build_sample(folder: Path) -> None:
    vite = [str(PORTAL / "node_modules/.bin/vite"), "build", "--outDir", str(folder), "--emptyOutDir", "--logLevel", "warn"]
    environment = {**os.environ, "FIRSTLIGHT_SAMPLE": "1"}
    done = subprocess.run(vite, cwd=PORTAL, env=environment, capture_output=True, text=True, timeout=110, check=False)
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
