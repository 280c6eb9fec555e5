"""Somebody at a browser: a tab of their own, and everything that went wrong in it or that it asked for."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.cloud_sync.portal.clouds.stage import HOME, Stage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDE, PHONE = (1440, 900), (390, 844)
DEADLINE_MS = 30_000
LOCAL = ("blob:", "data:")
PICTURES = Path(os.environ["FIRSTLIGHT_PICTURES"]) if "FIRSTLIGHT_PICTURES" in os.environ else None
"""Where each tab's last state is kept, for whoever wants to look at it."""


class Doctor:
    """Opens the portal; `close` holds it to what must be true of every test."""

    def __init__(
        self,
        browser: Browser,
        stage: Stage,
        size: tuple[int, int] = WIDE,
        *,
        dark: bool = False,
        language: str = "en-GB",
        clock: bool = False,
    ) -> None:
        self.stage = stage
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            locale=language,
            accept_downloads=True,
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(DEADLINE_MS)
        self.errors: list[str] = []
        self.asked: set[str] = set()
        # Firestore's SDK asks for a picture of Google's when it is offline; the page's policy keeps the browser from it.
        self.refused: set[str] = set()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.context.on("request", lambda request: self.asked.add(request.url))
        self.context.on("requestfailed", lambda request: self.refused.add(request.url) if request.failure == "csp" else None)
        if clock:
            self.page.clock.install()
        self.page.goto(stage.url)

    def sign_in(self, who: str) -> Doctor:
        login = self.stage.logins[who]
        self.page.fill('input[name="name"]', login.name)
        self.page.fill('input[name="password"]', login.password)
        self.page.press('input[name="password"]', "Enter")
        self.page.wait_for_selector(".worklist")
        return self

    def open(self, record_id: str, site: str = HOME) -> None:
        """Go to the record's own address, and wait until it or what is wrong with it is shown."""
        self.page.evaluate("to => { location.hash = to; }", f"#/record/{site}/{record_id}")
        self.page.wait_for_selector(f".record-page[data-record='{record_id}'], [data-fault]")

    def go(self, address: str) -> None:
        self.page.evaluate("to => { location.hash = to; }", address)

    def text(self, selector: str) -> str:
        return self.page.inner_text(selector)

    def wait_for_text(self, text: str) -> None:
        self.page.wait_for_function("text => document.body.innerText.includes(text)", arg=text)

    def review(self, verdict: str, note: str = "") -> None:
        """Fill in a review up to the dialog that asks whether to sign it."""
        self.page.keyboard.press("r")
        self.page.check(f".review-form input[value={verdict}]")
        self.page.fill(".review-form textarea", note)
        self.page.click(".review-form button[type=submit]")
        self.page.wait_for_selector("dialog .sign")

    def sign(self) -> None:
        self.page.click("dialog .sign")
        self.page.wait_for_selector("dialog", state="detached")

    def download(self, words: str, folder: Path) -> Path:
        """Choose ``words`` in the record's menu of downloads, and return the file."""
        self.page.click(".record-head .menu > button")
        with self.page.expect_download() as download:
            self.page.get_by_role("menuitem", name=words).click()
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        return path

    def picture(self, path: Path) -> None:
        self.page.screenshot(path=path)

    def broken(self) -> Any:
        return self.page.evaluate("() => window.broken ?? null")

    def close(self, name: str = "tab") -> None:
        broken = self.broken()
        if PICTURES:
            PICTURES.mkdir(parents=True, exist_ok=True)
            self.picture(PICTURES / f"{name}-{id(self) % 10_000:04d}.png")
        self.context.close()
        assert broken is None
        assert self.errors == []
        foreign = sorted(
            url for url in self.asked - self.refused if not url.startswith(LOCAL) and origin(url) not in self.stage.origins
        )
        assert foreign == [], foreign


def origin(url: str) -> str:
    return re.sub(r"^(\w+://[^/]*).*", r"\1", url)
