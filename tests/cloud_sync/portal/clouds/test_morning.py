"""A doctor's morning, and an administrator's, on both clouds."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from fhir.resources.R4B.bundle import Bundle

from cloud_sync.remote import Heartbeat
from tests.cloud_sync.portal.clouds.conftest import Visit
from tests.cloud_sync.portal.clouds.doctor import WIDE, Doctor
from tests.cloud_sync.portal.clouds.records import mri, thermal
from tests.cloud_sync.portal.clouds.stage import ADMINISTRATOR, DOCTOR, Said, Stage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]  # the first test on Firebase waits for its emulators

NOTE = "Warm spot over a vein; see the photograph. ويُنصح بإعادة الفحص خلال 6 أسابيع."


def test_a_doctors_morning(visit: Visit, stage: Stage, tmp_path: Path) -> None:
    earlier = stage.deliver(*thermal(stage.number(), warm=False, patient="P-MORN-0001-AA", captured_at="2026-10-19T09:00:00Z"))
    urgent = stage.deliver(*thermal(stage.number(), patient="P-MORN-0001-AA", captured_at="2026-11-19T09:00:00Z"))
    doctor = visit(DOCTOR)
    page = doctor.page

    # The urgent one stands above the routine one, and the keyboard opens it.
    page.fill(".worklist input[type=search]", "P-MORN")
    page.wait_for_timeout(600)  # the search waits until nobody types
    page.wait_for_function("() => document.querySelectorAll('.list a[href*=record]').length === 2")
    lines = page.locator(".list a[href*=record]")
    assert [urgent in (lines.nth(at).get_attribute("href") or "") for at in range(2)] == [True, False]
    page.keyboard.press("Enter")
    page.wait_for_selector(".list a[tabindex='0']")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".record-page[data-record='{urgent}']")
    assert stage.openings(urgent) == [stage.logins[DOCTOR].shown]

    # Every number stands with what it means.
    assert "+0.92 ± 0.31" in doctor.text(".panel.measured")
    machine = doctor.text(".glance .panel.machine")
    assert "Probability 0.71 · threshold 0.50 · no answer from 0.40 to 0.60" in machine
    assert "Of 1,000 patients with this answer at this site, about 9 (6–13) had a finding." in machine
    assert "This is not a diagnosis." in doctor.text(".record-body")
    the_picture_is_the_largest_thing(doctor)
    measure(doctor)
    the_card_is_one_key_away(doctor)

    # Compared with the visit before, side by side.
    page.keyboard.press("p")
    page.wait_for_function("() => location.hash.startsWith('#/compare/')")
    page.wait_for_function("() => document.querySelectorAll('main canvas').length >= 2")
    assert earlier in page.evaluate("() => location.hash")
    page.go_back()
    page.wait_for_selector(f".record-page[data-record='{urgent}']")

    doctor.review("recall", NOTE)
    said = doctor.text("dialog")
    for part in (stage.logins[DOCTOR].shown, "Recall", urgent, "P-MORN-0001-AA", NOTE):
        assert part in said
    doctor.sign()
    page.wait_for_selector(".reviews li")
    assert stage.reviews(urgent) == [Said(stage.logins[DOCTOR].shown, "recall", NOTE, None)]
    assert "Recall" in doctor.text(".glance .panel.person")
    the_report_is_one_page(doctor, urgent, tmp_path)
    bundle = json.loads(doctor.download("FHIR", tmp_path).read_text())
    Bundle.model_validate(bundle)
    assert NOTE in json.dumps(bundle, ensure_ascii=False)


def the_picture_is_the_largest_thing(doctor: Doctor) -> None:
    """It is seen whole without scrolling, and no panel beside it is larger."""
    picture = doctor.page.locator(".picture-place canvas").first.bounding_box()
    assert picture
    assert picture["y"] + picture["height"] <= WIDE[1]
    for panel in doctor.page.locator(".panel").all():
        box = panel.bounding_box()
        if box and box["y"] < WIDE[1]:
            assert box["width"] * box["height"] < picture["width"] * picture["height"], panel.inner_text()


def measure(doctor: Doctor) -> None:
    page = doctor.page
    page.get_by_role("button", name="Box").click()
    canvas = page.locator(".picture-place canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.60, box["y"] + box["height"] * 0.45)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.72, box["y"] + box["height"] * 0.65, steps=4)
    page.mouse.up()
    page.wait_for_function("() => /±\\s*\\d+\\.\\d+/.test(document.querySelector('.picture-place').innerText)")
    assert re.search(r"\bA\b", doctor.text(".picture-place"))


def the_card_is_one_key_away(doctor: Doctor) -> None:
    page = doctor.page
    page.evaluate("() => document.activeElement?.blur?.()")
    page.keyboard.press("c")
    page.wait_for_selector(".card-page .not-shown")
    card = doctor.text(".card-page")
    assert "It has not been shown that this model finds cancer" in card
    assert "date alone" in card  # the trivial baseline
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")


def the_report_is_one_page(doctor: Doctor, record_id: str, folder: Path) -> None:
    require_poppler()
    path = doctor.download("Report", folder)
    assert path.name == f"firstlight-{record_id}.pdf"  # no patient in the name of a file
    told = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True, timeout=60).stdout
    assert re.search(r"Pages:\s+1\b", told)
    assert "P-MORN" not in told
    text = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True, timeout=60).stdout
    for part in (
        "P-MORN-0001-AA",
        record_id,
        "SHA-256",
        "+0.92 ± 0.31",
        "Recall",
        "Warm spot over a vein",
        "about 9 (6–13)",
        "is not a diagnosis",
        "AUROC",
    ):
        assert re.sub(r"\s+", " ", part) in re.sub(r"\s+", " ", text), part
    assert "No picture" not in text
    images = subprocess.run(["pdfimages", "-list", path], capture_output=True, text=True, check=True, timeout=60).stdout
    assert len([line for line in images.splitlines() if " image " in line]) >= 2
    subprocess.run(["pdftoppm", "-r", "60", "-gray", path, folder / "page"], check=True, timeout=60)
    (drawn,) = folder.glob("page*.pgm")
    assert margins_are_empty(drawn.read_bytes())


def test_long_notes_are_cut_with_a_mark_and_leave_the_report_on_one_page(visit: Visit, stage: Stage, tmp_path: Path) -> None:
    require_poppler()
    record = stage.deliver(*thermal(stage.number(), patient="P-L0NG-0001-AA"))
    doctor = visit(DOCTOR)
    doctor.open(record)
    doctor.page.wait_for_selector(".review-form")
    for note in ("word " * 799 + "END", "كلمة " * 790, "漢字😀<img src=x> " * 200):
        doctor.review("disagree", note)
        doctor.sign()
        doctor.page.wait_for_function(
            "count => document.querySelectorAll('.reviews li').length === count", arg=len(stage.reviews(record))
        )
    path = doctor.download("Report", tmp_path)
    told = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True, timeout=60).stdout
    assert re.search(r"Pages:\s+1\b", told)
    text = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True, timeout=60).stdout
    assert "continued in the portal" in text
    assert "END" not in text
    assert "is not a diagnosis" in text
    assert "□" in text  # what the font lacks is marked, and the report says so
    subprocess.run(["pdftoppm", "-r", "60", "-gray", path, tmp_path / "page"], check=True, timeout=60)
    (drawn,) = tmp_path.glob("page*.pgm")
    assert margins_are_empty(drawn.read_bytes())


def require_poppler() -> None:
    if any(shutil.which(name) is None for name in ("pdfinfo", "pdftotext", "pdftoppm", "pdfimages")):
        pytest.skip("poppler-utils are missing (./test installs them)")


def margins_are_empty(pgm: bytes) -> bool:
    """Whether nothing is drawn within 8 mm of the paper's edge (60 dots per inch: 19 dots)."""
    header = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", pgm)
    assert header
    width, height = int(header[1]), int(header[2])
    pixels = pgm[header.end() :]
    rows = [pixels[at * width : (at + 1) * width] for at in range(height)]
    assert min(min(row) for row in rows) < 80  # something is drawn
    edge = 19
    return all(min(row) > 240 for row in (*rows[:edge], *rows[-edge:])) and all(
        min(row[:edge] + row[-edge:]) > 240 for row in rows
    )


def test_an_mri_record_begins_with_its_most_suspicious_slice(visit: Visit, stage: Stage) -> None:
    record = stage.deliver(*mri(stage.number(), patient="P-HEAD-0001-AA"))
    doctor = visit(DOCTOR)
    doctor.open(record)
    doctor.page.wait_for_selector(".picture-place canvas")
    doctor.page.wait_for_function("() => /5\\s*(of|\\/)\\s*8/.test(document.querySelector('.picture-place').innerText)")
    assert "5.6 ± 0.7" in doctor.text(".panel.measured")
    assert "meningioma" in doctor.text(".glance .panel.machine")


def test_an_administrators_morning(visit: Visit, stage: Stage) -> None:
    record = stage.deliver(*thermal(stage.number(), patient="P-AUDI-0001-AA"))
    stage.heartbeat(Heartbeat("0.9.1", 3, 1, 4_000_000_000, 30_000_000_000, 0.104, ("Disk nearly full",), True))
    doctor = visit(DOCTOR)
    doctor.open(record)
    administrator = visit(ADMINISTRATOR)
    page = administrator.page
    administrator.go("#/fleet")
    administrator.wait_for_text("0.9.1")
    fleet = administrator.text("main")
    for part in ("kiosk-1", "Disk nearly full", "0.104"):
        assert part in fleet
    page.click("nav a[href*=audit]")
    administrator.wait_for_text("P-AUDI-0001-AA")
    row = page.locator("[data-entry]", has_text="P-AUDI-0001-AA").first.inner_text()
    assert stage.logins[DOCTOR].shown in row
    administrator.open(record)
    assert "Reviews are signed by doctors" in administrator.text(".record-body")
    assert page.locator(".review-form").count() == 0
    assert stage.openings(record) == [stage.logins[DOCTOR].shown, stage.logins[ADMINISTRATOR].shown]
