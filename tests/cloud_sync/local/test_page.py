"""A doctor's way through the page, in a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from cloud_sync.local.remote import LocalRemote
from tests.cloud_sync.local.conftest import CLOCKLESS, DAMAGED, HUGE, NASTY, NORMAL, URGENT, WITHOUT, Served, serve
from tests.cloud_sync.samples import capture, document, put, record_id, torso

pytestmark = pytest.mark.browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDE, PHONE = (1440, 900), (390, 844)
PANELS = ("measurement", "machine", "person")


class Doctor:
    """A tab of its own, and what went wrong in it."""

    def __init__(self, browser: Browser, served: Served, size: tuple[int, int] = WIDE, *, dark: bool = False) -> None:
        self.served = served
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if dark else "light", accept_downloads=True
        )
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.hosts: set[str] = set()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add(re.sub(r"^(\w+://[^/]*).*", r"\1", request.url)))
        self.page.goto(served.url)
        self.page.wait_for_selector("#passphrase")

    def sign_in(self) -> None:
        self.page.fill("#passphrase", self.served.passphrase)
        self.page.press("#passphrase", "Enter")
        self.page.wait_for_selector(".row, .empty")

    def open(self, number: int) -> None:
        self.page.click(f'.row[data-path="sites/home/records/{record_id(number)}"]')
        self.page.wait_for_selector(f'.row.opened[data-path$="{record_id(number)}"]', state="attached")

    def text(self, selector: str) -> str:
        return self.page.inner_text(selector)

    def close(self) -> None:
        self.context.close()
        assert self.errors == []
        assert self.hosts == {self.served.url}


@pytest.fixture
def doctor(browser: Browser, served: Served) -> Iterator[Doctor]:
    doctor = Doctor(browser, served)
    yield doctor
    doctor.close()


@pytest.fixture
def signed_in(doctor: Doctor) -> Doctor:
    doctor.sign_in()
    return doctor


def test_a_wrong_passphrase_is_said_and_the_right_one_opens_the_list(doctor: Doctor) -> None:
    assert "Screening, not a diagnosis." in doctor.text(".sign-in")
    doctor.page.fill("#passphrase", "wrong")
    doctor.page.press("#passphrase", "Enter")
    doctor.page.wait_for_function(
        "() => document.querySelector('.form-problem').textContent === 'Name or passphrase is wrong.'"
    )
    doctor.sign_in()
    assert "Screening, not a diagnosis." in doctor.text(".bar")
    groups = [group.inner_text() for group in doctor.page.query_selector_all(".group")]
    assert groups == ["Look first", "Could not be assessed", "Nothing unusual"]
    first = doctor.page.query_selector(".row")
    assert first is not None
    assert record_id(URGENT) in (first.get_attribute("href") or "")


def test_a_record_shows_picture_numbers_machine_and_person(signed_in: Doctor) -> None:
    signed_in.open(URGENT)
    signed_in.page.wait_for_selector(".thermogram canvas")
    areas = {}
    for selector in (".canvas-box canvas", ".panel.measurement", ".panel.machine", ".trend svg", ".list"):
        box = signed_in.page.locator(selector).first.bounding_box()
        assert box is not None
        areas[selector] = box["width"] * box["height"]
    assert max(areas, key=lambda name: areas[name]) == ".canvas-box canvas"
    assert "+0.92 ± 0.31 K" in signed_in.text(".glance .measurement")
    assert "Beyond twice its standard uncertainty (±\u00a00.62\u00a0K)." in signed_in.text(".glance .measurement")
    assert "Score above the threshold" in signed_in.text(".glance .machine")
    assert "0.71 of 1, threshold 0.50. What a score means at this clinic is not known." in signed_in.text(".glance .machine")
    machine = signed_in.text(".facts .machine")
    assert "Score 0.71 of 1; threshold 0.50, no answer from 0.40 to 0.60" in machine
    assert "Screening, not a diagnosis." in machine
    signed_in.page.wait_for_function("() => document.querySelector('.evidence').textContent.includes('AUROC 0.71')")
    assert "95 % interval 0.60 to 0.81, 74 patients" in signed_in.text(".evidence")
    assert "Your doctor will look at this soon." in machine
    assert "No doctor's reading is on file." in signed_in.text(".panel.person")
    styles = {
        kind: signed_in.page.eval_on_selector(f".panel.{kind}", "node => getComputedStyle(node).borderStyle") for kind in PANELS
    }
    assert styles == {"measurement": "solid", "machine": "dashed", "person": "solid"}
    fonts = {signed_in.page.eval_on_selector(f".panel.{kind}", "node => getComputedStyle(node).fontFamily") for kind in PANELS}
    assert len(fonts) == 2  # a person's words are set in another face
    quality = signed_in.text(".panel.quality")
    assert "0.098 K (target 0.10 K)" in quality
    assert "✗ motion" in quality


def test_the_cursor_reads_the_temperature_of_its_own_pixel(signed_in: Doctor) -> None:
    signed_in.open(URGENT)
    canvas = signed_in.page.wait_for_selector(".canvas-box canvas")
    assert canvas is not None
    box = canvas.bounding_box()
    assert box is not None
    celsius = torso(warm_spot_k=1.5)
    for column, row in [(0, 0), (31, 23), (21, 13), (5, 3)]:
        signed_in.page.mouse.move(box["x"] + (column + 0.5) * box["width"] / 32, box["y"] + (row + 0.5) * box["height"] / 24)
        read = signed_in.text(".readout")
        assert f"{np.round(celsius[row, column], 2):.2f} ± 0.10 °C" in read
        assert f"column {column + 1}, row {row + 1}" in read
        assert ("broken pixel" in read) == ((column, row) == (5, 3))
    canvas.focus()
    signed_in.page.keyboard.press("ArrowUp")
    signed_in.page.keyboard.press("ArrowRight")
    assert "column 7, row 3" in signed_in.text(".readout")


def test_overlays_have_scales_of_their_own(signed_in: Doctor) -> None:
    signed_in.open(URGENT)
    signed_in.page.wait_for_selector(".thermogram")
    drawn = {}
    for key, unit in (("1", ["°C"]), ("2", ["°C", "K"]), ("3", ["°C", "p"])):
        signed_in.page.keyboard.press(key)
        assert [title.inner_text() for title in signed_in.page.query_selector_all(".scale-title")] == unit
        drawn[key] = signed_in.page.eval_on_selector(".canvas-box canvas", "canvas => canvas.toDataURL()")
    assert len(set(drawn.values())) == 3
    signed_in.page.keyboard.press("s")
    assert signed_in.page.eval_on_selector(".canvas-box canvas", "canvas => canvas.toDataURL()") != drawn["3"]
    assert "as measured" in signed_in.text(".caption")


def test_the_warmest_place_is_drawn_the_brightest(signed_in: Doctor) -> None:
    signed_in.open(URGENT)
    signed_in.page.wait_for_selector(".thermogram")
    signed_in.page.keyboard.press("s")
    lightness = signed_in.page.eval_on_selector(
        ".canvas-box canvas",
        """canvas => {
            const context = canvas.getContext("2d");
            const at = (column, row) => context.getImageData(column * 24 + 12, row * 24 + 12, 1, 1).data;
            return [at(21, 13), at(15, 13), at(0, 0)].map(([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b);
        }""",
    )
    assert lightness == sorted(lightness, reverse=True)
    assert lightness[0] > lightness[2] + 100


def test_the_keyboard_is_enough(signed_in: Doctor) -> None:
    page = signed_in.page
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_selector(f'.row.opened[data-path$="{record_id(URGENT)}"]')
    page.wait_for_selector(".thermogram")
    page.keyboard.press("?")
    assert "next record" in signed_in.text("dialog")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    page.keyboard.press("c")
    assert "Model card: breast 1.0.0" in signed_in.text("dialog")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    page.keyboard.press("u")
    page.wait_for_function("() => document.querySelectorAll('.row:not(.unread):not(.opened)').length === 0")
    page.keyboard.press("u")
    page.keyboard.press("Escape")
    page.wait_for_selector(".workspace:not(.has-record)")


def test_opening_a_record_marks_it_as_read_also_after_a_reload(browser: Browser, served: Served) -> None:
    doctor = Doctor(browser, served)
    remote = LocalRemote(served.folder)
    put(remote, document(501, None, patient="P-unread"), None)
    remote.close()
    doctor.sign_in()
    row = f'.row[data-path$="{record_id(501)}"]'
    assert "unread" in (doctor.page.get_attribute(row, "class") or "")
    doctor.open(501)
    doctor.page.wait_for_selector(f"{row}:not(.unread)")
    doctor.page.reload()
    doctor.page.wait_for_selector(f"{row}:not(.unread)")
    doctor.close()


def test_the_model_card_is_one_click_away_and_says_what_was_not_shown(signed_in: Doctor) -> None:
    signed_in.open(NORMAL)
    signed_in.page.click(".card-button")
    card = signed_in.text("dialog .card-page")
    assert "Deciding whose picture a doctor looks at first." in card
    assert "What was not shown" in card
    assert "That it helps anybody." in card
    assert "0.71 (0.6 to 0.81)" in card
    assert "<img src=x" in card  # as text
    assert [re.sub(r"\s+", " ", row) for row in signed_in.page.locator(".card-page tr").all_inner_texts()] == [
        "name population subject value (95 % interval) n counts as evidence note",
        "auroc 2013-2015 this model 0.71 (0.6 to 0.81) 74 patients yes patient-level",
        "population method chance value (95 % interval) n note",
        "unseen patients occlusion map 0.05 0.42 (0.3 to 0.55) 60 the maximum lies within the outline",
        "kind share (interval) n made how",
        "hands 0.995 (0.99 to 1) 400 drawn",
        "statistic lowest 10 % 20 % 30 % 40 % 50 % 60 % 70 % 80 % 90 % highest",
        "body fraction 0.4 0.5 0.55 0.6 0.62 0.64 0.66 0.68 0.7 0.8 0.98",
    ]
    assert "28.5 to 38.2" in card
    assert "thermograms of chests" in card
    signed_in.page.keyboard.press("Escape")
    signed_in.open(CLOCKLESS)
    signed_in.page.click(".card-button")
    signed_in.page.wait_for_selector("dialog .problem")
    assert "not installed on this server" in signed_in.text("dialog .problem")


def test_a_clock_that_was_not_set_is_said_plainly(signed_in: Doctor) -> None:
    signed_in.open(CLOCKLESS)
    signed_in.page.wait_for_selector(".warning")
    assert "The kiosk's clock was not set. It showed 1 Jan 1970" in signed_in.text(".warning")
    assert "≈" in signed_in.text(f'.row[data-path$="{record_id(CLOCKLESS)}"]')


def test_bad_records_say_what_is_wrong_and_the_rest_goes_on(signed_in: Doctor) -> None:
    signed_in.open(DAMAGED)
    signed_in.page.wait_for_selector(".record .problem")
    assert "the file is damaged" in signed_in.text(".record .problem")
    assert "± 0.31 K" in signed_in.text(".glance .measurement")  # what can be shown is shown
    signed_in.open(HUGE)
    signed_in.page.wait_for_selector(".record .problem")
    assert "this page shows at most" in signed_in.text(".record .problem")
    signed_in.open(WITHOUT)
    signed_in.page.wait_for_selector(".picture-place .empty")
    assert "No model has looked at this picture." in signed_in.text(".panel.machine")
    signed_in.open(NORMAL)
    signed_in.page.wait_for_selector(".thermogram")
    signed_in.page.evaluate("location.hash = '#/sites/home/records/none'")
    signed_in.page.wait_for_selector(".record .problem")
    assert "There is no such record here." in signed_in.text(".record .problem")
    signed_in.page.evaluate("location.hash = '#/%E0%A4%A'")
    signed_in.page.wait_for_selector(".record .problem")


def test_script_in_each_text_of_a_device_stays_text(signed_in: Doctor) -> None:
    signed_in.open(NASTY)
    signed_in.page.wait_for_selector(".thermogram")
    signed_in.page.click(".card-button")
    signed_in.page.wait_for_selector("dialog .problem")
    assert signed_in.page.evaluate("window.broken") is None
    assert signed_in.page.query_selector_all("#app script, #app img[src='x'], dialog img") == []
    shown = signed_in.page.evaluate("document.body.innerText")
    assert shown.count("<script>window.broken = 1</script>") >= 8


def test_the_history_has_a_trend_and_says_whether_a_change_counts(signed_in: Doctor) -> None:
    signed_in.open(NORMAL)
    signed_in.page.wait_for_selector(".trend svg")
    assert len(signed_in.page.query_selector_all(".trend .point")) == 2
    assert "−0.81 ± 0.44 K since" in signed_in.text(".change")
    assert "no change beyond its uncertainty" in signed_in.text(".change")
    signed_in.page.click(".visits a")
    signed_in.page.wait_for_selector(f'.row.opened[data-path$="{record_id(URGENT)}"]')


def test_raw_data_can_be_downloaded(signed_in: Doctor, tmp_path: Path) -> None:
    signed_in.open(URGENT)
    with signed_in.page.expect_download() as download:
        signed_in.page.click("a.button[download]")
    download.value.save_as(tmp_path / "raw.npz")
    with np.load(tmp_path / "raw.npz") as arrays:
        assert arrays["raw"].shape == (2, 2, 834)


def test_new_records_appear_by_themselves(browser: Browser, served: Served) -> None:
    doctor = Doctor(browser, served)
    doctor.sign_in()
    remote = LocalRemote(served.folder)
    content = capture(torso())
    put(remote, document(700, content, patient="P-live", result="doctor_will_look"), content)
    remote.close()
    doctor.page.wait_for_selector(f'.row.look_first[data-path$="{record_id(700)}"]', timeout=20_000)
    doctor.close()


def test_signing_out_leaves_nothing_behind(browser: Browser, served: Served) -> None:
    doctor = Doctor(browser, served)
    doctor.sign_in()
    doctor.open(URGENT)
    doctor.page.click("text=Sign out")
    doctor.page.wait_for_selector("#passphrase")
    assert "P-1" not in doctor.page.content()
    assert doctor.context.cookies() == []
    doctor.page.go_back()
    doctor.page.reload()
    doctor.page.wait_for_selector("#passphrase")
    assert doctor.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})") == json.dumps({})
    doctor.close()


def test_a_session_that_ended_elsewhere_leads_back_to_the_form(browser: Browser, served: Served) -> None:
    doctor = Doctor(browser, served)
    doctor.sign_in()
    doctor.context.clear_cookies()
    doctor.page.click(".row")
    doctor.page.wait_for_selector("#passphrase")
    assert "You were signed out. Please sign in again." in doctor.text(".form-problem")
    doctor.close()


def test_an_empty_cloud_and_a_server_that_goes_away(browser: Browser, tmp_path: Path) -> None:
    for served in serve(tmp_path / "cloud"):
        doctor = Doctor(browser, served)
        doctor.sign_in()
        assert "No records yet." in doctor.text(".list")
        served.process.terminate()
        doctor.page.wait_for_selector(".list-notice:not([hidden])", timeout=20_000)
        assert "The server does not answer." in doctor.text(".list-notice")
        doctor.close()


@pytest.mark.parametrize("number", [URGENT, CLOCKLESS])
def test_picture_and_numbers_are_seen_at_once(browser: Browser, served: Served, number: int) -> None:
    """Who has forty records to look at does not scroll in each of them."""
    doctor = Doctor(browser, served)
    doctor.sign_in()
    doctor.open(number)
    doctor.page.wait_for_selector(".thermogram")
    for selector in (".glance .measurement .figure", ".glance .machine .subtle", ".canvas-box canvas", ".scales"):
        box = doctor.page.locator(selector).bounding_box()
        assert box is not None
        assert box["y"] > 0
        assert box["y"] + box["height"] <= WIDE[1], selector
    doctor.close()


def test_a_patient_is_found_with_the_keyboard(signed_in: Doctor) -> None:
    page = signed_in.page
    everything = len(page.query_selector_all(".row"))
    page.keyboard.press("/")
    page.keyboard.type("p-1")
    page.wait_for_function("() => document.querySelectorAll('.row').length === 2")
    assert "of 2 found" in signed_in.text(".list-head")
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector(".row.opened")
    page.keyboard.press("/")
    page.keyboard.type("nobody")
    page.wait_for_function("() => document.querySelector('.list .empty') !== null")
    assert "No patient's reference contains that." in signed_in.text(".list")
    page.keyboard.press("Escape")
    page.wait_for_function(f"() => document.querySelectorAll('.row').length >= {everything}")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [WIDE, PHONE, (820, 1180)])
def test_nothing_overflows_at_any_size(browser: Browser, served: Served, size: tuple[int, int], dark: bool) -> None:
    doctor = Doctor(browser, served, size, dark=dark)
    doctor.sign_in()
    assert doctor.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    doctor.open(URGENT)
    doctor.page.wait_for_selector(".thermogram")
    for key in "123":
        doctor.page.keyboard.press(key)
        assert doctor.page.evaluate("document.documentElement.scrollWidth") <= size[0]
        box = doctor.page.locator(".canvas-box canvas").bounding_box()
        assert box is not None
        assert box["width"] > (0.6 if size == PHONE else 0.4) * size[0]
    if size == PHONE:
        doctor.page.click(".back")
        doctor.page.wait_for_selector(".row")
        assert doctor.page.is_visible(".row")
    doctor.close()
