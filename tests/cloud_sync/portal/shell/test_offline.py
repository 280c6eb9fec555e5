"""The real portal over the embedded cloud, whose server goes away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cloud_sync.local.conftest import Served
from tests.cloud_sync.portal.shell.conftest import WIDE, Portal
from tests.cloud_sync.samples import record_id

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

KEPT = """async (wanted) => {
    await navigator.serviceWorker.ready;
    for (const name of await caches.keys()) {
        const files = (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname);
        if (wanted.every((part) => files.some((file) => file.includes(part)))) return files;
    }
    return null;
}"""


def test_what_was_opened_before_is_there_without_the_server(browser: Browser, served: Served) -> None:
    portal = Portal(browser, served.url, WIDE)
    page = portal.page
    page.goto(served.url)
    page.fill("[name=name]", "doctor")
    page.fill("[name=password]", served.passphrase)
    page.press("[name=password]", "Enter")
    page.click(f'.line[data-record="{record_id(1)}"]')
    page.wait_for_selector("main#main canvas")
    page.wait_for_function(f"async () => (await ({KEPT})(['index.html', 'index-', 'record', 'local-'])) !== null")
    served.process.terminate()
    served.process.wait(30.0)
    portal.problems.clear()

    page.reload()
    page.wait_for_selector("main#main canvas")
    assert "P-1" in page.inner_text("main#main")
    page.goto(f"{served.url}/#/record/home/{record_id(2)}")
    page.wait_for_selector("main#main [data-fault=offline]")
    portal.problems.clear()  # Chromium itself complains of each request that nobody answered
    portal.close()


def test_the_workers_files_are_the_portals_own_and_no_patients(browser: Browser, served: Served) -> None:
    portal = Portal(browser, served.url, WIDE)
    page = portal.page
    page.goto(served.url)
    page.wait_for_selector("[name=password]")
    page.wait_for_function(f"async () => (await ({KEPT})(['index.html', 'index-', 'local-'])) !== null")
    kept = page.evaluate(KEPT, ["index.html"])
    assert [file for file in kept if "/api/" in file or "firebase" in file] == []
    portal.close()
