"""A doctor's way through the portal, in a browser, on the embedded cloud."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from cloud_sync.local import totp
from cloud_sync.local.accounts import first_sign_in
from cloud_sync.local.dist import DIST, INDEX
from cloud_sync.local.remote import LocalRemote
from tests.cloud_sync.local.client import signed_in
from tests.cloud_sync.local.conftest import DAMAGED, HUGE, NASTY, NORMAL, URGENT, WITHOUT, Served, serve
from tests.cloud_sync.local.test_api import BEAT
from tests.cloud_sync.samples import capture, document, put, record_id, torso

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (DIST / INDEX).is_file(), reason="the portal is not built; ./test does that where there is Node"),
]

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDE, PHONE = (1440, 900), (390, 844)


class Tab:
    """A browser of its own, and what went wrong in it."""

    def __init__(self, browser: Browser, served: Served, size: tuple[int, int] = WIDE) -> None:
        self.served = served
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, accept_downloads=True, reduced_motion="reduce"
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.errors: list[str] = []
        self.hosts: set[str] = set()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self._heard(message.type, message.text))
        self.page.on("request", lambda request: self.hosts.add(re.sub(r"^(blob:)?(\w+://[^/]*).*", r"\2", request.url)))
        self.page.goto(served.url)
        self.page.wait_for_selector("[name=password]")

    def _heard(self, kind: str, text: str) -> None:
        # A refused request is said in the console, too, and that the browser looked for a newer service worker while the server
        # was away; what breaks the policy would be said nowhere else.
        if kind == "error" and "Failed to load resource" not in text and "error occurred when fetching the script" not in text:
            self.errors.append(text)

    def sign_in(self, name: str = "doctor", passphrase: str | None = None) -> None:
        if passphrase is None:
            kept = first_sign_in(self.served.folder, name)
            assert kept is not None
            passphrase = kept.passphrase
        self.page.fill("[name=name]", name)
        self.page.fill("[name=password]", passphrase)
        self.page.press("[name=password]", "Enter")

    def arrive(self) -> None:
        self.sign_in()
        self.page.wait_for_selector(".line, .worklist .empty")

    def open(self, number: int) -> None:
        self.page.evaluate(f"location.hash = '#/record/home/{record_id(number)}'")
        self.page.wait_for_selector(f'.record-page[data-record="{record_id(number)}"], .record-fault')

    def text(self, selector: str) -> str:
        return self.page.inner_text(selector)

    def close(self) -> None:
        self.context.close()
        assert self.errors == []
        assert self.hosts == {self.served.url}


@pytest.fixture
def tab(browser: Browser, served: Served) -> Iterator[Tab]:
    tab = Tab(browser, served)
    yield tab
    tab.close()


def entries(served: Served, number: int) -> list[str]:
    """Return who opened a record, by the audit, the last first."""
    found = signed_in(served, "administrator").get(f"/api/audit?record={record_id(number)}").json["items"]
    return [entry["uid"] for entry in found if entry["action"] == "open_record"]


def test_a_wrong_passphrase_is_said_and_the_right_one_leads_to_the_list(tab: Tab) -> None:
    tab.sign_in(passphrase="wrong")
    tab.page.wait_for_selector(".signin [role=alert]:not([hidden])")
    tab.arrive()
    lines = tab.page.locator(".line").all()
    assert "look_first" in (lines[0].get_attribute("class") or "")
    assert "7 in all" in tab.text(".worklist header") or len(lines) >= 7


def test_the_urgent_record_opens_with_picture_numbers_and_history_and_is_written_down(tab: Tab) -> None:
    before = entries(tab.served, URGENT)
    tab.arrive()
    tab.page.keyboard.press("j")
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_selector(f'.record-page[data-record="{record_id(URGENT)}"]')
    tab.page.wait_for_selector(".thermogram canvas")
    assert "+0.92 ± 0.31" in tab.text(".glance .panel >> nth=0").replace("\u00a0", " ")
    assert "Above the threshold" in tab.text(".glance")
    assert tab.page.locator(".visits li").count() == 2
    tab.page.wait_for_selector(f'.line.opened[data-record="{record_id(URGENT)}"]')
    assert entries(tab.served, URGENT) == ["doctor", *before]


def test_the_raw_data_is_what_the_kiosk_sent(tab: Tab, tmp_path: Path) -> None:
    tab.arrive()
    tab.open(URGENT)
    tab.page.wait_for_selector(".thermogram canvas")
    tab.page.locator(".downloads").first.wait_for()
    with tab.page.expect_download() as download:
        tab.page.locator(".thermogram .downloads button, .thermogram .downloads a").first.click()
    download.value.save_as(tmp_path / "raw.npz")
    with np.load(tmp_path / "raw.npz") as arrays:
        assert arrays["raw"].shape == (2, 2, 834)


def test_a_review_is_signed_and_another_tab_hears_of_it(browser: Browser, fresh: Served) -> None:
    remote = LocalRemote(fresh.folder)
    content = capture(torso())
    put(remote, document(3, content), content)
    remote.close()
    tab, other = Tab(browser, fresh), Tab(browser, fresh)
    for each in (tab, other):
        each.arrive()
        each.open(3)
    tab.page.keyboard.press("r")
    tab.page.check(".review-form input[value=recall]")
    tab.page.fill(".review-form textarea", "<img src=x onerror=alert(1)> come again")
    tab.page.click(".review-form button[type=submit]")
    tab.page.click("dialog .sign")
    for each in (tab, other):
        each.page.wait_for_selector(".reviews li")
        assert "<img src=x onerror=alert(1)> come again" in each.text(".reviews .note")
        assert "Recall" in each.text(".reviews .verdict")
        each.page.wait_for_selector("text=0 unread · 0 to do · 1 in all")
        each.close()


def test_bad_records_say_what_is_wrong_and_the_rest_goes_on(tab: Tab) -> None:
    tab.arrive()
    tab.open(DAMAGED)
    tab.page.wait_for_selector("[data-fault=damaged]")
    assert "± 0.31" in tab.text(".glance").replace("\u00a0", " ")  # what can be shown is shown
    tab.open(HUGE)
    tab.page.wait_for_selector(".record-fault[data-fault=too_large]")
    tab.open(4711)
    tab.page.wait_for_selector(".record-fault[data-fault=not_there]")
    tab.open(WITHOUT)
    tab.page.wait_for_selector(".record-page")
    tab.open(NORMAL)
    tab.page.wait_for_selector(".thermogram canvas")


def test_script_in_each_text_of_a_device_stays_text(tab: Tab) -> None:
    tab.arrive()
    tab.open(NASTY)
    tab.page.wait_for_selector(".thermogram canvas")
    assert tab.page.evaluate("window.broken") is None
    assert tab.page.query_selector_all("#app script, #app img[src='x']") == []
    assert tab.page.evaluate("document.body.innerText").count("<script>window.broken = 1</script>") >= 2


def test_an_altered_record_is_shown_to_nobody(browser: Browser, fresh: Served) -> None:
    remote = LocalRemote(fresh.folder)
    put(remote, document(1, None), None)
    remote.close()
    with sqlite3.connect(fresh.folder / "cloud.db") as database:
        database.execute("UPDATE documents SET content = ?", (json.dumps(document(1, None, result="x")).encode(),))
    database.close()
    tab = Tab(browser, fresh)
    tab.arrive()
    tab.open(1)
    tab.page.wait_for_selector(".record-fault[data-fault=altered]")
    tab.close()


def test_new_records_appear_by_themselves(browser: Browser, fresh: Served) -> None:
    tab = Tab(browser, fresh)
    tab.arrive()
    remote = LocalRemote(fresh.folder)
    put(remote, document(3, None, patient="P-live"), None)
    remote.close()
    tab.page.wait_for_selector(f'.line.look_first[data-record="{record_id(3)}"]', timeout=10_000)
    tab.close()


def test_what_was_opened_can_be_looked_at_while_the_server_is_away(browser: Browser, fresh: Served) -> None:
    remote = LocalRemote(fresh.folder)
    content = capture(torso())
    for number in (3, 4):
        put(remote, document(number, content), content)
    remote.close()
    tab = Tab(browser, fresh)
    tab.arrive()
    tab.open(3)
    tab.page.wait_for_selector(".thermogram canvas")
    fresh.process.terminate()
    fresh.process.wait(30.0)
    tab.open(4)
    tab.page.wait_for_selector(".record-fault[data-fault=offline]")
    tab.open(3)
    tab.page.wait_for_selector(".thermogram canvas")
    for _ in serve(fresh.folder, int(fresh.url.rpartition(":")[2])):
        tab.open(4)
        tab.page.wait_for_selector(".thermogram canvas")  # the session outlived the restart
        tab.close()


def test_signing_out_leaves_nothing_behind(tab: Tab) -> None:
    tab.arrive()
    tab.open(URGENT)
    tab.page.wait_for_selector(".thermogram canvas")
    kept = """async () => {
        const database = await new Promise(done => {
            const request = indexedDB.open("firstlight-opened");
            request.onsuccess = () => done(request.result);
        });
        return await new Promise(done => {
            const request = database.transaction("kept").objectStore("kept").getAllKeys();
            request.onsuccess = () => done(request.result);
        });
    }"""
    assert f"record/home/{record_id(URGENT)}" in tab.page.evaluate(kept)
    tab.page.click(".menu > button")
    tab.page.click("text=Sign out")
    tab.page.wait_for_selector("[name=password]")
    assert "P-1" not in tab.page.content()
    assert tab.page.evaluate(kept) == []
    assert [cookie for cookie in tab.context.cookies() if cookie["name"] == "firstlight_session"] == []
    tab.page.go_back()
    tab.page.reload()
    tab.page.wait_for_selector("[name=password]")
    assert record_id(URGENT) not in json.dumps(tab.page.evaluate("({...localStorage, ...sessionStorage})"))


def test_a_session_that_ended_elsewhere_leads_back_to_the_form(tab: Tab) -> None:
    tab.arrive()
    tab.context.clear_cookies()
    tab.page.evaluate(f"location.hash = '#/record/home/{record_id(NORMAL)}'")
    tab.page.wait_for_selector("[name=password]")


def test_a_second_factor_is_set_up_and_asked_for(browser: Browser, fresh: Served) -> None:
    tab = Tab(browser, fresh)
    tab.arrive()
    tab.page.evaluate("location.hash = '#/settings'")
    tab.page.click("text=Set up a second factor")
    tab.page.wait_for_selector("[name=totp-code]")
    with sqlite3.connect(fresh.folder / "portal.db") as database:
        (secret,) = database.execute("SELECT totp_pending FROM accounts WHERE name = 'doctor'").fetchone()
    database.close()
    assert totp.typed(secret) in tab.text("main").replace(" ", "")
    step = int(time.time() // 30)
    tab.page.fill("[name=totp-code]", totp.code_of(secret, step))
    tab.page.press("[name=totp-code]", "Enter")
    tab.page.wait_for_selector("text=The second factor is set up")
    tab.page.click(".menu > button")
    tab.page.click("text=Sign out")
    tab.page.wait_for_selector("[name=password]")
    tab.sign_in()
    tab.page.fill("[name=code]", totp.code_of(secret, step + 1))
    tab.page.press("[name=code]", "Enter")
    tab.page.wait_for_selector(".worklist")
    tab.close()


def test_an_administrator_sees_the_kiosks_and_who_opened_what(browser: Browser, fresh: Served) -> None:
    remote = LocalRemote(fresh.folder)
    put(remote, document(3, None), None)
    remote.put_heartbeat(BEAT, 5.0)
    remote.close()
    signed_in(fresh).open(3)
    tab = Tab(browser, fresh)
    tab.sign_in("administrator")
    tab.page.wait_for_selector(".worklist")
    tab.page.evaluate("location.hash = '#/fleet'")
    tab.page.wait_for_selector("[data-kiosk]")
    assert "1.2.3" in tab.text("main")
    assert "the disk is nearly full" in tab.text("main")
    tab.page.evaluate("location.hash = '#/audit'")
    tab.page.wait_for_selector("[data-entry]")
    assert "doctor" in tab.text("main")
    assert tab.page.locator("[data-entry]").count() == 2
    tab.close()


def test_a_doctor_reads_no_audit(tab: Tab) -> None:
    tab.arrive()
    tab.page.evaluate("location.hash = '#/audit'")
    tab.page.wait_for_selector("[data-fault=not_allowed]")


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_nothing_overflows(browser: Browser, served: Served, size: tuple[int, int]) -> None:
    tab = Tab(browser, served, size)
    tab.arrive()
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    tab.open(URGENT)
    tab.page.wait_for_selector(".thermogram canvas")
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    tab.close()
