"""axe-core finds nothing on the shell's pages: in both themes and languages, on a desk and on a phone (WCAG 2.2 A and AA)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cloud_sync.portal.shell.conftest import PHONE, PORTAL, WIDE, Portal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

AXE = PORTAL / "node_modules/axe-core/axe.min.js"
RULES = """async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations, passes } = await axe.run(document, { runOnly: { type: "tag", values: tags } });
    return {
        passes: passes.length,
        violations: violations.map(({ id, nodes }) => [id, ...nodes.map(({ target }) => target.join(" "))].join(": ")),
    };
}"""
PAGES = {
    "sign in": ("", {}, ".signin form"),
    "worklist": ("", {"as": "doctor"}, ".line"),
    "fleet": ("fleet", {"as": "doctor"}, "[data-kiosk]"),
    "audit": ("audit", {"as": "admin"}, "[data-entry]"),
    "settings": ("settings", {"as": "doctor"}, ".appearance"),
    "help": ("help", {"as": "doctor"}, ".keys"),
}


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(RULES)
    assert found["passes"] > 10, "axe looked at nothing"
    return list(found["violations"])


@pytest.mark.parametrize(
    ("size", "dark", "language"),
    [
        pytest.param(WIDE, False, "en", id="wide-light-en"),
        pytest.param(WIDE, True, "en", id="wide-dark-en"),
        pytest.param(WIDE, False, "ar", id="wide-light-ar"),
        pytest.param(WIDE, True, "ar", id="wide-dark-ar"),
        pytest.param(PHONE, True, "en", id="phone-dark-en"),
        pytest.param(PHONE, False, "ar", id="phone-light-ar"),
    ],
)
def test_every_page_of_the_shell(browser: Browser, sample_url: str, size: tuple[int, int], dark: bool, language: str) -> None:
    portal = Portal(browser, sample_url, size, dark=dark, language=language)
    for name, (address, options, shown) in PAGES.items():
        portal.go(address, **options, records=300)
        portal.page.wait_for_selector(shown)
        assert portal.page.get_attribute("html", "lang") == language
        assert portal.page.get_attribute("html", "dir") == ("rtl" if language == "ar" else "ltr")
        assert violations(portal.page) == [], name
        assert portal.page.evaluate("document.scrollingElement.scrollWidth") <= size[0], name
    portal.close()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_what_opens_over_a_page(browser: Browser, sample_url: str, dark: bool) -> None:
    portal = Portal(browser, sample_url, WIDE, dark=dark)
    portal.go(**{"as": "doctor"}, records=300)
    portal.page.wait_for_selector(".line")
    portal.page.click(".menu > button")
    assert violations(portal.page) == []
    portal.page.keyboard.press("Escape")
    portal.page.keyboard.press("?")
    portal.page.wait_for_selector("dialog[open]")
    assert violations(portal.page) == []
    portal.page.keyboard.press("Escape")
    portal.page.fill("[name=find]", "nobody")
    portal.page.wait_for_selector(".worklist .empty")
    assert violations(portal.page) == []
    portal.go("audit", **{"as": "doctor"}, records=300)
    portal.page.wait_for_selector("[data-fault=not_allowed]")
    assert violations(portal.page) == []
    portal.close()


def test_targets_are_large_enough_and_the_focus_is_seen(portal: Portal) -> None:
    portal.go(**{"as": "doctor"}, records=300)
    portal.page.wait_for_selector(".line")
    small = portal.page.evaluate("""() => [...document.querySelectorAll("a, button, select, input")]
        .filter((node) => node.checkVisibility() && !node.matches(".skip"))
        .map((node) => [node.outerHTML.slice(0, 60), (node.closest("label") ?? node).getBoundingClientRect()])
        .filter(([, box]) => box.width < 24 || box.height < 24).map(([text]) => text)""")
    assert small == []
    for _ in range(12):
        portal.page.keyboard.press("Tab")
        outline = portal.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", portal.page.evaluate("document.activeElement.outerHTML.slice(0, 80)")
