"""Pictures in the portal: what the cursor reads, what a region says, what a slice is, and what is refused a comparison."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from tests.cloud_sync.portal.shell.conftest import PHONE, WIDE, Portal
from tests.cloud_sync.portal.shell.test_accessible import AXE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

THERMAL, OTHER_PATIENT, MRI = "0" * 32, "2" * 32, "1" * 32
AS = {"as": "doctor", "records": 60}
PICTURE = ".viewer canvas"
AXE_RULES = """async (place) => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations, passes } = await axe.run(place, { runOnly: { type: "tag", values: tags } });
    const told = violations.map(({ id, nodes }) => [id, ...nodes.map(({ target }) => target.join(" "))].join(": "));
    return { passes: passes.length, violations: told };
}"""


def show(portal: Portal, address: str, shown: str = PICTURE) -> Page:
    portal.go(address, **AS)
    portal.page.wait_for_selector(shown)
    return portal.page


def pixel(page: Page, row: int, column: int, rows: int = 24, columns: int = 32) -> tuple[float, float]:
    """Return the middle of a pixel on the page."""
    page.locator(PICTURE).first.scroll_into_view_if_needed()
    box = page.locator(PICTURE).first.bounding_box()
    assert box is not None
    return box["x"] + (column + 0.5) * box["width"] / columns, box["y"] + (row + 0.5) * box["height"] / rows


def temperatures(page: Page) -> dict[tuple[int, int], dict[str, str]]:
    """Return the downloaded table, by row and column."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Temperatures (.csv)").click()
    with download.value.path().open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 24 * 32
    return {(int(line["row"]), int(line["column"])): line for line in lines}


def plain(text: str) -> str:
    return (
        text.replace("\N{NO-BREAK SPACE}", " ")
        .replace("\N{LEFT-TO-RIGHT ISOLATE}", "")
        .replace("\N{POP DIRECTIONAL ISOLATE}", "")
    )


def violations(page: Page, place: str) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(AXE_RULES, place)
    assert found["passes"] > 5, "axe looked at nothing"
    return list(found["violations"])


def test_the_cursor_reads_the_pixel_that_it_is_on(portal: Portal) -> None:
    page = show(portal, f"record/home/{THERMAL}")
    table = temperatures(page)
    for row, column in [(0, 0), (23, 31), (13, 21), (3, 5)]:
        page.mouse.move(*pixel(page, row, column))
        read = page.inner_text(".readout")
        # 0.098 K of noise and 0.5 K / √3 of non-uniformity; with 1 K / √3 of accuracy and 0.06 K of emissivity 0.66 K.
        assert f"{float(table[row, column]['celsius']):.2f} ± 0.30 °C" in read
        assert "0.66 K" in read
        assert f"column {column + 1}, row {row + 1}" in read
        assert ("broken pixel" in read) == (table[row, column]["bad"] == "1") == ((row, column) == (3, 5))
    page.focus(PICTURE)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert "column 7, row 5" in page.inner_text(".readout")
    assert page.get_attribute(".readout", "aria-live") == "polite"


def test_a_region_drawn_by_keyboard_says_what_its_pixels_say(portal: Portal) -> None:
    page = show(portal, f"record/home/{THERMAL}")
    table = temperatures(page)
    page.mouse.move(*pixel(page, 12, 20))
    page.focus(PICTURE)
    for key in ("b", "ArrowRight", "ArrowRight", "ArrowDown", "Enter"):  # rows 12 and 13, columns 20 to 22
        page.keyboard.press(key)
    inside = [float(table[row, column]["celsius"]) for row in (12, 13) for column in (20, 21, 22)]
    cells = page.locator(".table.regions tbody td").all_inner_texts()
    assert cells[0] == f"{sum(inside) / 6:.2f} ± 0.29"
    assert cells[1] == f"{min(inside):.2f} … {max(inside):.2f}"
    assert cells[2] == "6 px"
    assert "▲" in cells[3]  # the patient's left is warmer there, by more than twice the uncertainty
    page.locator(".table.regions th button").focus()
    page.keyboard.press("Shift+ArrowDown")
    assert page.locator(".table.regions tbody td").all_inner_texts()[2] == "9 px"
    page.keyboard.press("Delete")
    assert page.locator(".table.regions").count() == 0


def test_each_view_has_its_own_scale_and_the_sides_change_in_the_mirror(portal: Portal) -> None:
    page = show(portal, f"record/home/{THERMAL}")
    drawn, units, sides = set(), [], []
    for name in ("Temperature", "Left–right", "Model’s view", "Mirrored"):
        page.get_by_role("button", name=name, exact=True).click()
        page.wait_for_timeout(60)
        drawn.add(page.eval_on_selector(PICTURE, "canvas => canvas.toDataURL()"))
        units.append(page.locator(".scale-bar .unit").all_inner_texts())
        sides.append(page.locator(".board .side").all_inner_texts())
    assert len(drawn) == 4
    assert units == [["°C"], ["°C", "K"], ["°C", "p"], ["°C"]]
    assert sides == [["R", "L"], ["R", "L"], ["R", "L"], ["L", "R"]]


def test_a_language_from_right_to_left_does_not_mirror_a_picture(browser: Browser, sample_url: str) -> None:
    drawn = set()
    for language in ("en", "ar"):
        portal = Portal(browser, sample_url, WIDE, language=language)
        page = show(portal, f"record/home/{THERMAL}")
        page.set_viewport_size({"width": 1440, "height": 900})
        box = page.locator(PICTURE).bounding_box()
        left, right = page.locator(".board .side.left").bounding_box(), page.locator(".board .side.right").bounding_box()
        assert box is not None
        assert left is not None
        assert right is not None
        assert (page.inner_text(".board .side.left"), page.inner_text(".board .side.right")) == ("R", "L")
        assert left["x"] < box["x"] + box["width"] / 2 < right["x"]
        drawn.add(page.eval_on_selector(PICTURE, WARMEST))
        portal.close()
    assert len(drawn) == 1
    assert drawn.pop() > 0.55  # the warm spot is the patient's left: on the right of the picture


WARMEST = """canvas => {
    const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let best = -1, place = 0;
    for (let at = 0; at < width * height; at += 1) {
        const light = data[at * 4] + data[at * 4 + 1] + data[at * 4 + 2];
        if (light > best) [best, place] = [light, at];
    }
    return Math.round(20 * (place % width) / width) / 20;
}"""


def test_the_slices_begin_with_the_most_suspicious_and_lengths_are_in_millimetres(portal: Portal) -> None:
    page = show(portal, f"record/home/{MRI}")
    first = page.inner_text(".readout strong")
    assert first.startswith("Slice 14 of 24 · 65.0 mm above the lowest · score 0.9")
    page.mouse.move(*pixel(page, 48, 48, 96, 96))
    page.mouse.wheel(0, 120)
    page.wait_for_function("() => document.querySelector('.readout strong').textContent.startsWith('Slice 13 ')")
    page.focus(PICTURE)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.inner_text(".readout strong").startswith("Slice 15 ")
    page.get_by_role("button", name="Most suspicious slice").click()
    assert page.inner_text(".readout strong") == first
    page.get_by_role("button", name="Measure").click()
    page.mouse.move(*pixel(page, 48, 40, 96, 96))
    page.mouse.down()
    page.mouse.move(*pixel(page, 48, 60, 96, 96), steps=4)
    page.mouse.up()
    assert "36.0 ± 0.7 mm" in page.inner_text(".lengths")  # 20 pixels of 1.8 mm
    with page.expect_download() as download:
        page.get_by_role("button", name="result-sr.dcm").click()
    assert download.value.path().read_bytes()[128:132] == b"DICM"


def test_a_trend_has_the_same_numbers_as_a_table_and_two_visits_lead_to_a_comparison(portal: Portal) -> None:
    page = show(portal, "patient/P-HIST-0001-00", ".trend canvas")
    assert page.locator(".time-line a").count() == 12
    page.locator(".trend summary").first.click()
    assert page.locator(".trend").first.locator("tbody tr").count() == 12
    assert "+0.92 ± 0.31 K" in plain(page.locator(".trend").first.locator("tbody tr").first.inner_text())
    # No step of it exceeds its uncertainty, the whole of it does: 0.90 against 2 · √2 · 0.31.
    assert "more than twice its uncertainty" not in page.locator(".trend").first.locator("tbody").inner_text()
    assert "+0.90 ± 0.44 K, more than twice its uncertainty" in plain(page.locator(".trend").first.inner_text())
    boxes = page.locator(".records-table input")
    boxes.nth(0).check()
    assert page.locator(".choose-bar a").count() == 0
    boxes.nth(3).check()
    page.click(".choose-bar a")
    page.wait_for_selector(PICTURE)
    assert page.locator(PICTURE).count() == 3
    assert page.inner_text(".thermal-pair .notice").startswith("Registered.")
    page.mouse.move(*pixel(page, 13, 21))
    read = page.inner_text(".readout")
    assert all(words in read for words in ("earlier", "later", "change here"))
    assert page.locator(".board .cursor").count() == 3


def test_records_of_two_patients_are_not_shown_beside_each_other(portal: Portal) -> None:
    page = show(portal, f"compare/{THERMAL}/{OTHER_PATIENT}", ".compare-page .notice")
    assert "not of one patient" in page.inner_text(".compare-page .notice")
    assert page.locator("canvas").count() == 0


def test_slices_of_two_visits_go_together(portal: Portal) -> None:
    page = show(portal, "patient/P-HEAD-0002-00", ".records-table input")
    page.locator(".records-table input").nth(0).check()
    page.locator(".records-table input").nth(1).check()
    page.click(".choose-bar a")
    page.wait_for_selector(PICTURE)
    heads = page.locator(".readout strong")
    at = heads.nth(0).inner_text().split(" · ")[0]
    assert heads.nth(1).inner_text().startswith(at)
    page.locator(PICTURE).nth(1).focus()
    page.keyboard.press("Home")
    assert [heads.nth(which).inner_text().split(" · ")[0] for which in (0, 1)] == ["Slice 1 of 24"] * 2
    page.get_by_role("button", name="One slice up").click()
    assert heads.nth(1).inner_text().startswith("Slice 2 of 24")
    assert "not registered" in page.inner_text(".mri-pair .notice")


@pytest.mark.parametrize(
    ("size", "dark", "language"), [(WIDE, False, "en"), (WIDE, True, "ar"), (PHONE, True, "en"), (PHONE, False, "ar")]
)
def test_axe_finds_nothing_on_pictures_and_charts(
    browser: Browser, sample_url: str, size: tuple[int, int], dark: bool, language: str
) -> None:
    portal = Portal(browser, sample_url, size, dark=dark, language=language)
    pages = {
        f"record/home/{THERMAL}": ".viewer",
        f"record/home/{MRI}": ".viewer",
        "patient/P-HIST-0001-00": ".patient-page",
        f"compare/{THERMAL}/{OTHER_PATIENT}": ".compare-page",
    }
    for address, place in pages.items():
        page = show(portal, address, f"{place} :is(canvas, .notice)")
        assert violations(page, place) == [], address
        assert page.evaluate("document.scrollingElement.scrollWidth") <= size[0], address
    portal.close()
