"""Every page of the patient's screen in a real browser: each language, both sizes, by day and by night."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from device.screen.catalogue import load_catalogues
from device.screen.server import ScreenServer
from device.screen.view import Page, View
from device.visit.reasons import Reason
from tools.screenshots import SIZES, contact_sheet, draw_pages, gallery, open_tab, show, torso_preview

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

pytestmark = pytest.mark.browser

LAYOUT = (Path(__file__).parent / "layout.js").read_text(encoding="utf-8")
SMALLEST_TYPE_PX = 28.0
HINTS = ("stand_here", "come_closer", "step_back", "move_left", "move_right", "hold_still")


def every_view() -> Iterator[tuple[str, View]]:
    """Everything that the visit can ever show: each page with each reason."""
    yield from gallery().items()
    preview = torso_preview()
    for reason in Reason:
        for accepting in (True, False):
            yield f"rest {reason}", View(Page.REST, {"accepting": accepting, "notice": reason, "health": "warning"})
        yield f"prepare {reason}", View(Page.PREPARE, {"seconds": 900, "seconds_left": 899, "notice": reason})
        for lost in (True, False):
            yield f"sorry {reason}", View(Page.SORRY, {"reason": reason, "lost": lost, "retry": True, "seconds_left": 20})
    for hint in HINTS:
        yield f"position {hint}", View(Page.POSITION, {"instruction": hint, "preview": preview, "fits": False})
        yield f"capture {hint}", View(Page.CAPTURE, {"progress": 0.3, "instruction": hint})
    for outcome in ("nothing_unusual", "doctor_will_look", "not_assessed"):
        for retry in (True, False):
            yield f"result {outcome}", View(Page.RESULT, {"result": outcome, "retry": retry, "seconds_left": 20})
    for data in (
        {"tries_left": 1, "wait_s": 0, "wrong": True},
        {"tries_left": 4, "wait_s": 0, "wrong": True},
        {"tries_left": 1, "wait_s": 3599, "wrong": True},
    ):
        yield f"pin {data}", View(Page.PIN, data)


def complaints(tab: Tab) -> list[str]:
    found: list[str] = tab.evaluate(LAYOUT, SMALLEST_TYPE_PX)
    return found


def complaints_about(server: ScreenServer, tab: Tab, view: View) -> list[str]:
    """Show ``view`` and look at it once it is there, in one round trip."""
    server.show(view)
    found: list[str] = tab.evaluate(
        f"""async ([sequence, page, smallest]) => {{
            const there = () => Number(document.documentElement.dataset.sequence) >= sequence;
            while (!there()) await new Promise((done) => setTimeout(done, 1));
            return [...(document.body.dataset.page === page ? [] : ["another page"]), ...({LAYOUT.strip()})(smallest)];
        }}""",
        [server.sequence, view.page, SMALLEST_TYPE_PX],
    )
    return found


@pytest.fixture(params=load_catalogues())
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def local(language: str) -> Iterator[ScreenServer]:
    server = ScreenServer(0, language=language)
    yield server
    server.close()


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_every_page_fits_its_screen(browser: Browser, local: ScreenServer, size: tuple[int, int]) -> None:
    tab = open_tab(browser, local.url, size)
    found: dict[str, list[str]] = {}
    for name, view in every_view():
        if faults := complaints_about(local, tab, view):
            found[name] = faults
    tab.context.close()
    assert found == {}


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        ("document.querySelector('h1').textContent = 'Donaudampfschifffahrtsgesellschaft'", "off the screen"),
        ("document.querySelector('.languages button').style.cssText = 'min-width: 0; width: 68px'", "wider than its box"),
        ("document.querySelector('h1').textContent = 'word '.repeat(200)", "off the screen"),
        ("document.body.style.height = '600px'", "px high"),
        ("document.querySelector('.rest p').style.color = '#8a8a8a'", "contrast of 3"),
        ("document.querySelector('.rest p').style.fontSize = '27px'", "type of 27px"),
        ("document.querySelector('.rest p').style.marginTop = '-70px'", "text over text"),
        ("document.querySelector('.speak').style.cssText = 'min-width: 0; width: 40px'", "target of 40"),
        ("document.querySelector('.speak').removeAttribute('aria-label')", "target without a name"),
        (
            "document.querySelector('.speak').style.pointerEvents = 'none'",
            "covered by",
        ),
        ("document.querySelector('.technician').style.right = '-30px'", "reaches off the screen"),
    ],
)
def test_the_eye_for_layout_sees_what_is_wrong(browser: Browser, server: ScreenServer, spoil: str, complaint: str) -> None:
    tab = open_tab(browser, server.url, (800, 480))
    assert complaints_about(server, tab, View(Page.REST, {"accepting": True, "notice": None, "health": "ok"})) == []
    tab.evaluate(spoil.replace(".rest p", "[data-page=rest] .words p"))
    found = complaints(tab)
    tab.context.close()
    assert any(complaint in each for each in found), found


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_what_is_behind_a_touch_fits_too(browser: Browser, local: ScreenServer, size: tuple[int, int]) -> None:
    tab = open_tab(browser, local.url, size)
    found = []
    show(local, tab, View(Page.NEW_CARD, {"text_version": "1"}))
    for _ in range(3):
        tab.click("[data-do=next]")
        found += complaints(tab)
    tab.click("[data-do=training]")
    found += complaints(tab)
    show(local, tab, View(Page.CHOOSE_PIN, {"shortest": 4, "longest": 8}))
    for digits in ("12345678", "12345679"):
        for digit in digits:
            tab.click(f"[data-page=choose_pin] [data-key='{digit}']")
        found += complaints(tab)
        tab.click("[data-page=choose_pin] [data-key=ok]")
        found += complaints(tab)
    local.close()
    tab.wait_for_selector("body[data-page=lost]")
    found += complaints(tab)
    tab.context.close()
    assert found == []


@pytest.mark.parametrize("dark", [False, True], ids=["day", "night"])
def test_contrast_and_calm_by_day_and_by_night(browser: Browser, server: ScreenServer, dark: bool) -> None:
    tab = open_tab(browser, server.url, (800, 480), dark=dark)
    found, red = {}, {}
    for name, view in gallery().items():
        if faults := complaints_about(server, tab, view):
            found[name] = faults
        if pixels := red_pixels(tab.screenshot()):
            red[name] = pixels
    paper = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    tab.context.close()
    assert (found, red) == ({}, {})
    assert (sum(map(int, paper[4:-1].split(","))) < 200) is dark


def red_pixels(png: bytes) -> int:
    """Count pixels that anybody would call red, pink or orange-red: hue within 20° of red, clearly coloured."""
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    hue, saturation, value = cv2.split(cv2.cvtColor(picture, cv2.COLOR_BGR2HSV))
    near = (hue < 10) | (hue > 170)  # OpenCV halves the degrees
    return int(np.count_nonzero(near & (saturation > 90) & (value > 60)))


def test_the_eye_for_red_sees_red() -> None:
    picture = np.full((4, 4, 3), (238, 247, 251), np.uint8)
    assert red_pixels(cv2.imencode(".png", picture)[1].tobytes()) == 0
    picture[1, 1] = (40, 40, 200)
    assert red_pixels(cv2.imencode(".png", picture)[1].tobytes()) == 1


def test_nothing_blinks(browser: Browser, server: ScreenServer) -> None:
    tab = open_tab(browser, server.url, (800, 480), still=False)
    moving = 0
    for view in gallery().values():
        show(server, tab, view)
        for animation in tab.evaluate(
            """() => document.getAnimations().map((each) => ({
                period: each.effect.getTiming().duration,
                endless: each.effect.getTiming().iterations === Infinity,
                faintest: Math.min(...each.effect.getKeyframes().map((frame) => Number(frame.opacity ?? 1))),
            }))"""
        ):
            moving += animation["endless"]
            assert not animation["endless"] or animation["period"] >= 2000
            assert animation["faintest"] >= 0.3
    tab.context.close()
    assert moving, "the hand at rest moves"


def test_movements_stop_for_who_cannot_bear_them(browser: Browser, server: ScreenServer) -> None:
    tab = open_tab(browser, server.url, (800, 480), still=True)
    for view in gallery().values():
        show(server, tab, view)
        assert tab.evaluate("document.getAnimations().filter((each) => each.playState === 'running').length") == 0
    tab.context.close()


def test_asks_nobody_but_the_kiosk(browser: Browser, server: ScreenServer) -> None:
    tab = open_tab(browser, "about:blank", (800, 480))
    asked: list[str] = []
    said: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.goto(server.url)
    for view in gallery().values():
        show(server, tab, view)
    fonts = tab.evaluate("[...document.fonts].map((font) => font.status)")
    tab.context.close()
    assert asked
    assert all(url.startswith(server.url) for url in asked)
    assert said == [], "the page has errors, or breaks its own content security policy"
    assert fonts == ["loaded"]


def test_drawings_say_the_same_as_sentences(browser: Browser, server: ScreenServer) -> None:
    tab = open_tab(browser, server.url, (800, 480))
    for name, view in gallery().items():
        show(server, tab, view)
        drawn: list[Any] = tab.evaluate(
            """() => [...document.querySelectorAll("main svg:not(.ring)")]
                .filter((svg) => svg.checkVisibility()).map((svg) => [svg.dataset.drawn, svg.childElementCount])"""
        )
        assert drawn, name
        assert all(count for _, count in drawn), name
    tab.context.close()


def test_result_always_says_what_it_is_not(browser: Browser, server: ScreenServer) -> None:
    tab = open_tab(browser, server.url, (800, 480))
    for outcome in ("nothing_unusual", "doctor_will_look", "not_assessed"):
        show(server, tab, View(Page.RESULT, {"result": outcome, "retry": False, "seconds_left": 20}))
        text = tab.inner_text("[data-page=result].page")
        assert "This is not a diagnosis. It does not replace mammography. If you notice a change, see a doctor." in text
    tab.context.close()


def test_mirror_is_mirrored(browser: Browser, server: ScreenServer) -> None:
    rows = np.zeros((24, 32), int)
    rows[:, :8] = 255  # warm at the left of the scene, which is the patient's right
    tab = open_tab(browser, server.url, (800, 480))
    show(server, tab, View(Page.POSITION, {"instruction": "stand_here", "preview": rows.tolist(), "fits": False}))
    left, right = tab.evaluate(
        """() => {
            const context = document.querySelector("canvas").getContext("2d");
            return [10, 246].map((x) => context.getImageData(x, 96, 1, 1).data[0]);
        }"""
    )
    tab.context.close()
    assert right < left - 100, "by day, warm is dark: the patient's right hand is on the right of the mirror"


def test_mirror_forgets(browser: Browser, server: ScreenServer) -> None:
    tab = open_tab(browser, server.url, (800, 480))
    show(server, tab, gallery()["position"])
    ink = "[...document.querySelector('canvas').getContext('2d').getImageData(0, 0, 256, 192).data].some(Boolean)"
    assert tab.evaluate(ink)
    show(server, tab, View(Page.REST))
    assert not tab.evaluate(ink)
    tab.context.close()


def test_mirror_does_without_a_picture(browser: Browser, server: ScreenServer) -> None:
    tab = open_tab(browser, server.url, (800, 480))
    show(server, tab, View(Page.POSITION, {"instruction": "stand_here", "preview": None, "fits": False}))
    assert tab.inner_text(".page[data-page=position] h1") == "Stand in the outline, arms up."
    tab.context.close()


def test_screenshots_can_be_remade(browser: Browser, tmp_path: Path) -> None:
    del browser  # one is there
    views = {name: view for name, view in gallery().items() if name in ("rest", "seen")}
    files = in_a_thread(lambda: draw_pages(tmp_path, views))
    contact_sheet(files, tmp_path / "sheet.png")
    assert [file.name for file in files] == ["rest.png", "seen.png"]
    sheet = cv2.imread(str(tmp_path / "sheet.png"))
    assert sheet is not None
    assert sheet.shape == (480, 1600, 3)


def in_a_thread(work: Any) -> Any:
    """Playwright's synchronous interface runs once in each thread."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()
