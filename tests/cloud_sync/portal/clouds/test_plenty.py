"""More records than fit on a page of the list, or into one answer of the cloud: all of them are found, on both clouds."""

from __future__ import annotations

import pytest

from tests.cloud_sync.portal.clouds.conftest import Visit
from tests.cloud_sync.portal.clouds.doctor import Doctor
from tests.cloud_sync.portal.clouds.stage import DOCTOR, Stage
from tests.cloud_sync.samples import document

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PATIENT, RECORDS = "P-PLENTY-01", 505
TO_THE_END = """wanted => {
    const list = document.querySelector(".list");
    list.scrollTop = list.scrollHeight;
    return document.querySelector(".line")?.getAttribute("aria-setsize") === String(wanted);
}"""
"""The list is fetched as it is scrolled; once it is whole, each line says of how many it is one."""
A_PART = """() => {
    const list = document.querySelector(".list");
    return list.querySelector(".line") !== null && list.innerText.includes("More records");
}"""
"""The search's first answer: until it comes, the list still shows what was there before the search, or that it loads."""


def test_a_patient_with_many_records_is_whole_in_the_search_and_on_their_page(visit: Visit, stage: Stage) -> None:
    numbers = [stage.number() for _ in range(RECORDS)]
    stage.deliver_many([document(number, None, patient=PATIENT) for number in numbers])
    doctor = visit(DOCTOR)
    page = doctor.page
    search(doctor, "p-plenty")
    page.wait_for_function(A_PART)
    assert page.locator(".line").first.get_attribute("aria-setsize") == "-1", "a part of the list is not taken for all of it"
    page.wait_for_function(TO_THE_END, arg=RECORDS)
    assert "More records" not in doctor.text(".list")
    assert page.locator(".line").last.get_attribute("aria-posinset") == str(RECORDS)
    assert "look_first" not in (page.locator(".line").last.get_attribute("class") or "")

    doctor.go(f"#/patient/{PATIENT}")
    doctor.wait_for_text(f"{RECORDS} records at this site")
    page.click(f"main button:has-text('{RECORDS}')")
    page.wait_for_function("wanted => document.querySelectorAll('main .records-table tbody tr').length === wanted", arg=RECORDS)


def test_a_search_that_a_filter_empties_says_so_and_leads_on(visit: Visit, stage: Stage) -> None:
    record = document(stage.number(), None, patient="P-SEEN-01")
    stage.deliver_many([record])
    doctor = visit(DOCTOR)
    page = doctor.page
    page.select_option(".worklist select >> nth=0", "reviewed")
    search(doctor, "P-SEEN")
    doctor.wait_for_text("No record that the filters let through begins like that.")
    page.click(".empty button:has-text('Search all records')")
    page.wait_for_selector(f".line[data-record='{record['id']}']")
    assert page.input_value(".worklist input[type=search]") == "P-SEEN"
    search(doctor, "P-NOBODY")
    doctor.wait_for_text("No patient's reference begins like that.")


def search(doctor: Doctor, text: str) -> None:
    doctor.page.fill(".worklist input[type=search]", text)
    doctor.page.press(".worklist input[type=search]", "Enter")
