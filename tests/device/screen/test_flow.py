"""A patient's fingers on the screen, and what becomes of the page when the kiosk behind it goes away."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from device.screen.bench import BenchPanel
from device.screen.server import ScreenServer
from device.screen.view import Page, Said, Say, View
from drivers.clock import SystemClock
from drivers.sim.world import World
from tests.device.screen.conftest import TIMEOUT_S
from tools.screenshots import gallery, open_tab, show

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route
    from playwright.sync_api import Page as Tab

pytestmark = pytest.mark.browser
RESULT = View(Page.RESULT, {"result": "doctor_will_look", "retry": False, "seconds_left": 20})


def shown(tab: Tab) -> str:
    return str(tab.evaluate("document.body.dataset.page"))


def here(tab: Tab, selector: str) -> str:
    return f".page[data-page={shown(tab)}] {selector}"


def tap(tab: Tab, selector: str) -> None:
    """Touch something on the page that is shown, and wait until the kiosk has answered."""
    with tab.expect_response("**/touch"):
        tab.tap(here(tab, selector))


def type_digits(tab: Tab, digits: str) -> None:
    for digit in digits:
        tab.tap(here(tab, f"[data-key='{digit}']"))


def test_a_whole_visit_by_touch_alone(server: ScreenServer, tab: Tab) -> None:
    with tab.expect_response("**/touch"):
        tab.tap("[data-language=es]")
    assert server.heard() == [Said(Say.LANGUAGE, Page.REST, "es")]
    tab.wait_for_selector("html[lang=es]")
    assert tab.inner_text(here(tab, "h1")) == "Acerque aquí su tarjeta"

    show(server, tab, View(Page.SEEN))
    show(server, tab, View(Page.NEW_CARD, {"text_version": "1"}))
    assert not tab.is_visible("[data-do=agree]"), "nobody agrees before the question"
    for _ in range(3):
        tab.tap("[data-do=next]")
    tab.tap("[data-do=training]")
    tap(tab, "[data-do=agree]")
    assert server.heard() == [Said(Say.AGREE, Page.NEW_CARD, {"training": True})]

    show(server, tab, View(Page.CHOOSE_PIN, {"shortest": 4, "longest": 8}))
    type_digits(tab, "2580")
    tab.tap(here(tab, "[data-key=ok]"))
    type_digits(tab, "2580")
    tap(tab, "[data-key=ok]")
    assert [(said.say, said.value) for said in server.heard()] == [(Say.PIN, "2580")]

    show(server, tab, View(Page.PREPARE, {"seconds": 60, "seconds_left": 60, "notice": None}))
    tap(tab, "[data-do=start_now]")
    assert server.heard() == [Said(Say.START_NOW, Page.PREPARE)]

    for name in ("position", "position-fits", "capture", "working"):
        show(server, tab, gallery()[name])
    show(server, tab, RESULT)
    assert "Su médico mirará esto pronto." in tab.inner_text(".page[data-page=result]")
    tap(tab, "[data-do=done]")
    assert server.heard() == [Said(Say.DONE, Page.RESULT)]

    show(server, tab, View(Page.REST))
    assert tab.inner_text(here(tab, "h1")) == "Hold your card here", "the next person starts in the kiosk's language"


def test_a_card_is_acknowledged_however_quick_the_kiosk_is(server: ScreenServer, tab: Tab) -> None:
    tab.evaluate(
        """() => {
            window.pages = [];
            const note = () => window.pages.push(document.body.dataset.page);
            new MutationObserver(note).observe(document.body, { attributeFilter: ["data-page"] });
        }"""
    )
    for view in (View(Page.SEEN), View(Page.PREPARE, {"seconds": 9, "seconds_left": 9, "notice": None})):
        server.show(view)
    tab.wait_for_selector("body[data-page=prepare]")
    assert tab.evaluate("window.pages") == ["seen", "prepare"]


def test_saying_no_is_possible_at_each_step(server: ScreenServer, tab: Tab) -> None:
    show(server, tab, View(Page.NEW_CARD, {"text_version": "1"}))
    for _ in range(4):
        tap(tab, "[data-do=decline]")
        assert server.heard() == [Said(Say.DECLINE, Page.NEW_CARD)]
        if tab.is_visible("[data-do=next]"):
            tab.tap("[data-do=next]")


def test_images_for_research_are_off_for_each_new_person(server: ScreenServer, tab: Tab) -> None:
    for _ in range(2):
        show(server, tab, View(Page.NEW_CARD, {"text_version": "1"}))
        for _ in range(3):
            tab.tap("[data-do=next]")
        assert tab.get_attribute("[data-do=training]", "aria-checked") == "false"
        tab.tap("[data-do=training]")
        assert tab.get_attribute("[data-do=training]", "aria-checked") == "true"
        tab.tap("[data-do=back]")
        show(server, tab, View(Page.REST))


def test_cards_can_be_read_again(server: ScreenServer, tab: Tab) -> None:
    show(server, tab, View(Page.NEW_CARD, {"text_version": "1"}))
    tab.tap("[data-do=next]")
    tab.tap("[data-do=back]")
    assert tab.is_visible("text=What happens")
    assert not tab.is_visible("[data-do=back]")


# -- secret numbers


def test_a_number_typed_differently_is_asked_for_again(server: ScreenServer, tab: Tab) -> None:
    show(server, tab, View(Page.CHOOSE_PIN, {"shortest": 4, "longest": 8}))
    for digits in ("1234", "1235"):
        type_digits(tab, digits)
        tab.tap(here(tab, "[data-key=ok]"))
    assert tab.is_visible("text=That was not the same.")
    assert server.heard() == []


def test_a_number_can_be_done_without(server: ScreenServer, tab: Tab) -> None:
    show(server, tab, View(Page.CHOOSE_PIN, {"shortest": 4, "longest": 8}))
    tap(tab, "[data-do=none]")
    assert [(said.say, said.value) for said in server.heard()] == [(Say.PIN, "")]


def test_a_number_has_its_length(server: ScreenServer, tab: Tab) -> None:
    show(server, tab, View(Page.CHOOSE_PIN, {"shortest": 4, "longest": 6}))
    type_digits(tab, "123")
    assert tab.is_disabled(here(tab, "[data-key=ok]"))
    type_digits(tab, "456")
    assert tab.is_disabled(here(tab, "[data-key='7']"))
    tab.tap(here(tab, "[data-key=erase]"))
    assert tab.locator(here(tab, ".digits .on")).count() == 5


def test_digits_are_nowhere_on_the_page(server: ScreenServer, tab: Tab) -> None:
    show(server, tab, View(Page.PIN, {"tries_left": 5, "wait_s": 0, "wrong": False}))
    type_digits(tab, "7391")
    assert "7391" not in tab.content()
    assert tab.get_attribute(here(tab, ".digits"), "aria-label") == "4 digits typed"
    tap(tab, "[data-key=ok]")
    assert tab.locator(here(tab, ".digits .on")).count() == 0
    assert tab.is_disabled(here(tab, "[data-key=ok]")), "a second tap has nothing to send"


def test_a_wrong_number_says_how_often_one_may_try(server: ScreenServer, tab: Tab) -> None:
    show(server, tab, View(Page.PIN, {"tries_left": 1, "wait_s": 0, "wrong": True}))
    assert "You can try one more time." in tab.inner_text(here(tab, ".words"))


def test_the_keypad_waits_and_opens_again(server: ScreenServer, tab: Tab) -> None:
    show(server, tab, View(Page.PIN, {"tries_left": 1, "wait_s": 1, "wrong": True}))
    assert tab.is_disabled(here(tab, "[data-key='1']"))
    assert "Please wait 1 s." in tab.inner_text(here(tab, ".words"))
    tab.wait_for_selector(here(tab, "[data-key='1']:enabled"))


# -- what is said counts on the page that is shown


def test_a_touch_that_comes_too_late_is_dropped(server: ScreenServer, tab: Tab) -> None:
    show(server, tab, RESULT)

    def meanwhile(route: Route) -> None:
        server.show(View(Page.REST))
        server.show(RESULT)
        route.continue_()

    tab.route("**/touch", meanwhile)
    with tab.expect_response("**/touch") as answer:
        tab.tap(here(tab, "[data-do=done]"))
    assert answer.value.status == 409
    assert server.heard() == []


def test_a_touch_while_the_countdown_ticks_counts(server: ScreenServer, tab: Tab) -> None:
    show(server, tab, RESULT)

    def meanwhile(route: Route) -> None:
        server.show(RESULT)
        route.continue_()

    tab.route("**/touch", meanwhile)
    tap(tab, "[data-do=done]")
    assert [said.say for said in server.heard()] == [Say.DONE]


# -- losing the kiosk


def test_reconnects_to_the_current_page(server: ScreenServer, tab: Tab) -> None:
    show(server, tab, RESULT)
    loop, pages = server._loop, server._pages
    assert loop is not None
    assert pages is not None
    loop.call_soon_threadsafe(pages.close)  # every stream ends, and so does each new one
    tab.wait_for_selector("body[data-page=lost]")
    server.show(View(Page.WORKING))
    pages._closing = False
    tab.wait_for_selector("body[data-page=working]")


KIOSK = """
import sys
from device.screen.server import ScreenServer
from device.screen.view import Page, View
server = ScreenServer(int(sys.argv[1]))
if sys.argv[2] == "result":
    server.show(View(Page.RESULT, {"result": "doctor_will_look", "retry": False, "seconds_left": 20}))
print(server.port, flush=True)
sys.stdin.read()
"""


@dataclass
class Kiosk:
    process: subprocess.Popen[str]
    port: int


def start_kiosk(port: int, page: str) -> Kiosk:
    process = subprocess.Popen(
        [sys.executable, "-c", KIOSK, str(port), page], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return Kiosk(process, int(process.stdout.readline()))


def end(kiosk: Kiosk) -> None:
    kiosk.process.send_signal(signal.SIGCONT)
    kiosk.process.kill()
    kiosk.process.communicate(timeout=TIMEOUT_S)


@pytest.fixture
def kiosk() -> Iterator[Kiosk]:
    kiosk = start_kiosk(0, "result")
    yield kiosk
    end(kiosk)


def nothing_of_a_patient(tab: Tab) -> bool:
    return "doctor will look" not in tab.content().lower()


def test_when_the_kiosk_dies_the_page_says_so_and_forgets(browser: Browser, kiosk: Kiosk) -> None:
    tab = open_tab(browser, f"http://127.0.0.1:{kiosk.port}/", (800, 480))
    tab.wait_for_selector("body[data-page=result]")
    assert not nothing_of_a_patient(tab)
    kiosk.process.kill()
    tab.wait_for_selector("body[data-page=lost]")
    assert tab.inner_text(here(tab, "h1")) == "One moment, please"
    assert nothing_of_a_patient(tab)

    again = start_kiosk(kiosk.port, "rest")
    tab.wait_for_selector("body[data-page=rest]", timeout=TIMEOUT_S * 1000)
    assert nothing_of_a_patient(tab)
    tab.context.close()
    end(again)


def test_when_the_kiosk_hangs_the_page_forgets_too(browser: Browser, kiosk: Kiosk) -> None:
    tab = open_tab(browser, f"http://127.0.0.1:{kiosk.port}/", (800, 480))
    tab.wait_for_selector("body[data-page=result]")
    kiosk.process.send_signal(signal.SIGSTOP)  # its sockets stay open, but nothing comes any more
    tab.wait_for_selector("body[data-page=lost]")
    assert nothing_of_a_patient(tab)
    tab.context.close()


def test_a_result_that_nobody_ends_goes_away_by_itself(server: ScreenServer, tab: Tab) -> None:
    show(server, tab, View(Page.RESULT, {"result": "doctor_will_look", "retry": False, "seconds_left": -4}))
    tab.wait_for_selector("body[data-page=lost]")
    assert nothing_of_a_patient(tab)


@pytest.mark.parametrize("name", ["result-doctor", "sorry", "pin-wrong", "position"])
def test_nothing_of_a_patient_stays_behind(server: ScreenServer, tab: Tab, name: str) -> None:
    show(server, tab, View(Page.REST))
    empty = tab.inner_text("body", timeout=1000)
    slots = "[...document.querySelectorAll('.page:not([data-page=rest]) [data-slot=title]')].map((h) => h.textContent).join('')"
    show(server, tab, gallery()[name])
    show(server, tab, View(Page.REST))
    assert tab.inner_text("body") == empty
    assert tab.evaluate(slots) == ""


# -- eyes, ears, the technician


def test_follows_the_night(browser: Browser, server: ScreenServer, tab: Tab) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    day = tab.evaluate(paper)
    tab.emulate_media(color_scheme="dark")
    assert tab.evaluate(paper) != day


def test_language_changes_every_word(server: ScreenServer, tab: Tab) -> None:
    show(server, tab, gallery()["prepare"])
    english = set(tab.inner_text(here(tab, ".words")).split("\n\n"))
    tab.tap("[data-language=es]")
    tab.wait_for_selector("html[lang=es]")
    spanish = set(tab.inner_text(here(tab, ".words")).split("\n\n"))
    assert len(english) == len(spanish) == 4
    assert not english & spanish
    assert tab.get_attribute("[data-language=es]", "aria-pressed") == "true"
    assert tab.get_attribute("[data-language=en]", "aria-pressed") == "false"


def test_each_page_is_announced(server: ScreenServer, tab: Tab) -> None:
    for name, view in gallery().items():
        show(server, tab, view)
        live = tab.text_content("[aria-live=polite]")
        assert live, name
        assert live in tab.inner_text("body"), name


def test_each_page_is_read_aloud_with_a_voice_of_this_machine(server: ScreenServer, tab: Tab) -> None:
    tab.evaluate(
        """() => {
            window.SpeechSynthesisUtterance = function (text) { this.text = text; };
            speechSynthesis.speak = ({ text, voice }) => { window.said = [text, voice.lang]; };
        }"""
    )
    for name, view in gallery().items():
        show(server, tab, view)
        tab.tap(".speak")
        text, language = tab.evaluate("window.said")
        assert tab.inner_text(here(tab, "h1:visible")).replace("\n", " ") in text, name
        assert language.startswith("en"), name
    show(server, tab, RESULT)
    tab.tap(".speak")
    assert "This is not a diagnosis." in tab.evaluate("window.said[0]")


def test_without_a_voice_there_is_no_button(browser: Browser, server: ScreenServer) -> None:
    context = browser.new_context(viewport={"width": 800, "height": 480})
    context.add_init_script("speechSynthesis.getVoices = () => [{ lang: 'en-GB', localService: false, name: 'of a cloud' }]")
    tab = context.new_page()
    tab.goto(server.url)
    tab.wait_for_selector("body[data-page=rest]")
    assert not tab.is_visible(".speak")
    context.close()


def test_sounds_confirm_what_was_seen_and_done(browser: Browser, server: ScreenServer) -> None:
    context = browser.new_context(viewport={"width": 800, "height": 480})
    context.add_init_script(
        """window.notes = 0;
        const make = AudioContext.prototype.createOscillator;
        AudioContext.prototype.createOscillator = function () { window.notes += 1; return make.call(this); };
        Object.defineProperty(AudioContext.prototype, "state", { get: () => "running" });"""
    )
    tab = context.new_page()
    tab.goto(server.url)
    tab.wait_for_selector("body[data-page=rest]")
    assert tab.evaluate("window.notes") == 0
    server.show(View(Page.SEEN))
    show(server, tab, View(Page.WORKING))
    assert tab.evaluate("window.notes") == 2
    show(server, tab, RESULT)
    show(server, tab, RESULT)
    assert tab.evaluate("window.notes") == 5, "once for each result, not for each second of it"
    context.close()


@dataclass(frozen=True)
class Row:
    part: str
    status: str
    summary: str
    remedy: str | None = None


def test_the_technicians_dot_leads_to_health_and_back(server: ScreenServer, tab: Tab) -> None:
    server.set_health([Row("Card reader", "ok", "works"), Row("Disk", "fault", "full <b>", "Free some space.")])
    show(server, tab, View(Page.REST, {"accepting": True, "notice": None, "health": "fault"}))
    tab.tap(".technician")
    tab.wait_for_selector("#rows li:nth-child(2)")
    assert "full <b>" in tab.inner_text("#rows"), "text is text, whatever is in it"
    assert "Free some space." in tab.inner_text("#rows")
    assert [mark.get_attribute("aria-label") for mark in tab.locator(".mark").all()] == ["works", "needs help"]
    server.show(View(Page.SEEN))  # a patient has come
    tab.wait_for_selector("body[data-page=seen]")


def test_health_is_given_back_by_a_button(server: ScreenServer, tab: Tab) -> None:
    tab.tap(".technician")
    tab.wait_for_selector("#empty:visible")
    tab.tap("a.primary")
    tab.wait_for_selector("body[data-page=rest]")


def test_health_can_be_copied(server: ScreenServer, tab: Tab) -> None:
    server.set_health([Row("Disk", "fault", "full", "Free some space."), Row("Clock", "ok", "right")])
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.tap(".technician")
    tab.wait_for_selector("#rows li")
    tab.tap("#copy")
    tab.wait_for_selector("text=Copied")
    assert tab.evaluate("navigator.clipboard.readText()") == "fault   Disk: full -> Free some space.\nok      Clock: right"


def test_health_waits_for_a_kiosk_that_starts_again(server: ScreenServer, tab: Tab) -> None:
    server.set_health([Row("Disk", "ok", "before")])
    tab.tap(".technician")
    tab.wait_for_selector("text=before")
    server.close()
    again = ScreenServer(server.port)
    again.set_health([Row("Disk", "ok", "after the restart")])
    tab.wait_for_selector("text=after the restart")
    again.close()


# -- the bench


@pytest.fixture
def world() -> World:
    return World(SystemClock())


@pytest.fixture
def bench(browser: Browser, world: World) -> Iterator[Tab]:
    server = ScreenServer(0, bench=BenchPanel(world))
    assert server.bench_url is not None
    tab = open_tab(browser, server.bench_url, (1600, 1000))
    tab.wait_for_selector("html[data-ready]")
    yield tab
    tab.context.close()
    server.close()


def lying(world: World) -> int:
    return len(world.reader.cards)


def test_one_click_is_one_tap(bench: Tab, world: World) -> None:
    with bench.expect_response("**/bench/act"):
        bench.click("[data-card=ana]")
    assert lying(world) == 1
    bench.check("#beside")
    with bench.expect_response("**/bench/act"):
        bench.click("[data-card=ben]")
    assert lying(world) == 2
    bench.wait_for_selector("text=Ana's card and Ben's card")
    with bench.expect_response("**/bench/act"):
        bench.click("#pull")
    assert lying(world) == 0


def test_levers_move_the_world(bench: Tab, world: World) -> None:
    with bench.expect_response("**/bench/act"):
        bench.click("[data-body=torso]")
    assert world.body is not None
    with bench.expect_response("**/bench/act"):
        bench.locator("input[name=ambient]").fill("27.5")
    assert world.ambient_c == 27.5
    with bench.expect_response("**/bench/act"):
        bench.check("input[name=i2c_nack]")
    assert world.faults.active() == ("i2c_nack",)
    with bench.expect_response("**/bench/act"):
        bench.click("#mend")
    assert world.faults.active() == ()


def test_a_bad_upload_is_explained(bench: Tab, world: World) -> None:
    bench.set_input_files("#file", {"name": "cat.npy", "mimeType": "application/octet-stream", "buffer": b"meow"})
    bench.wait_for_selector("#trouble:visible")
    assert "no NumPy file" in bench.inner_text("#trouble")
    assert world.body is None


def test_the_bench_shows_the_screen_beside_it(bench: Tab) -> None:
    assert bench.frame_locator("iframe").locator(".page[data-page=rest] h1").inner_text() == "Hold your card here"
    assert bench.evaluate("document.documentElement.scrollWidth <= innerWidth")
