"""Signing in, the end of a session, the worklist, the fleet: what the shell does in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cloud_sync.portal.shell.conftest import PHONE, WIDE, Portal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

DOCTOR = {"as": "doctor"}
FIRST, SECOND = "0" * 32, "1" * 32


def line(record: str) -> str:
    return f'.line[data-record="{record}"]'


def sign_in(page: Page, name: str, password: str) -> None:
    page.fill("[name=name]", name)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")


def top_of(page: Page, record: str) -> float:
    box = page.locator(line(record)).bounding_box()
    assert box is not None
    return box["y"]


class TestSigningIn:
    def test_errors_are_sentences_and_a_pause_counts_down(self, portal: Portal) -> None:
        portal.go(records=20)
        page = portal.page
        page.wait_for_function("() => document.activeElement?.name === 'name'")
        for _ in range(2):
            sign_in(page, "ada", "wrong")
            page.wait_for_selector("[role=alert]:not([hidden])")
            assert "do not belong together" in page.inner_text("[role=alert]")
            page.wait_for_function("() => document.activeElement?.name === 'password'")
        sign_in(page, "ada", "wrong")
        page.wait_for_selector("text=/Please wait 1\\d seconds/")
        assert page.is_disabled("button[type=submit]")
        assert page.query_selector(".line") is None

    def test_the_second_factor(self, portal: Portal) -> None:
        portal.go(records=20)
        page = portal.page
        sign_in(page, "totp", "sample")
        page.fill("[name=code]", "000000")
        page.press("[name=code]", "Enter")
        page.wait_for_selector("text=This code is not right")
        page.fill("[name=code]", "123 456")
        page.press("[name=code]", "Enter")
        page.wait_for_selector(".line")

    def test_a_second_factor_is_enrolled_without_a_foreign_service(self, portal: Portal) -> None:
        portal.go("settings", **DOCTOR, records=20)
        page = portal.page
        page.click("text=Set up a second factor")
        assert page.inner_text(".secret") == "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP"
        assert (page.get_attribute("a[href^='otpauth:']", "href") or "").startswith("otpauth://totp/Firstlight:")
        page.fill("[name=totp-code]", "111111")
        page.press("[name=totp-code]", "Enter")
        page.wait_for_selector("text=This code is not right")
        page.fill("[name=totp-code]", "123456")
        page.press("[name=totp-code]", "Enter")
        page.wait_for_selector("text=The second factor is set up")


class TestTheEndOfASession:
    def test_who_signs_out_leaves_nothing_on_the_page(self, portal: Portal) -> None:
        portal.go(records=20)
        page = portal.page
        sign_in(page, "ada", "sample")
        page.click(line(FIRST))
        page.wait_for_selector("main#main")
        page.click(".menu > button")
        page.click("text=Sign out")
        page.wait_for_selector("text=You signed out. Nothing of the patients is left")
        assert page.evaluate("location.hash") == "#/"
        assert "P-HIST" not in page.content()
        page.reload()
        page.wait_for_selector("[name=password]")
        assert page.query_selector("text=You signed out") is None

    def test_a_session_that_ended_elsewhere_leads_back_to_the_form(self, portal: Portal) -> None:
        portal.go(records=20)
        page = portal.page
        sign_in(page, "ada", "sample")
        page.wait_for_selector(line(FIRST))
        page.evaluate("sampleCloud.expire()")
        page.wait_for_selector("text=You were signed out. Please sign in again.")
        assert "P-HIST" not in page.content()

    def test_nobody_there_is_warned_after_15_minutes_and_signed_out_after_30(self, portal: Portal) -> None:
        page = portal.page
        page.clock.install()
        portal.go(records=20)
        page.clock.run_for(1_000)
        sign_in(page, "ada", "sample")
        page.clock.run_for(1_000)
        page.wait_for_selector(line(FIRST))
        page.clock.fast_forward(14 * 60_000)
        page.clock.run_for(2_000)
        assert page.query_selector("dialog[open]") is None
        page.clock.fast_forward(60_000)
        page.clock.run_for(2_000)
        assert "You will be signed out in 14:5" in page.inner_text("dialog[open]")
        page.mouse.move(300, 300)  # a nudged table is nobody
        page.clock.run_for(2_000)
        page.click("text=Stay signed in")
        page.clock.run_for(2_000)
        assert page.query_selector("dialog[open]") is None
        page.clock.fast_forward(31 * 60_000)
        page.clock.run_for(2_000)
        page.wait_for_selector("text=nobody had used this page for 30 minutes")
        assert "P-HIST" not in page.content()


class TestTheWorklist:
    def test_urgent_and_new_come_first_and_the_keyboard_is_enough(self, portal: Portal) -> None:
        portal.go(**DOCTOR, records=300)
        page = portal.page
        page.wait_for_selector(line(FIRST))
        assert "unread" in (page.get_attribute(line(FIRST), "class") or "")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.wait_for_selector(f"{line(SECOND)}.selected")
        page.keyboard.press("k")
        page.wait_for_selector(f"{line(FIRST)}.selected")
        page.keyboard.press("Enter")
        page.wait_for_selector(f"{line(FIRST)}.open:not(.unread)")
        page.wait_for_function("() => document.activeElement?.id === 'main'")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_selector(f"{line(SECOND)}.open")
        page.click("nav >> text=Worklist")
        page.wait_for_selector(".at-worklist")
        page.keyboard.press("k")
        page.wait_for_function("id => document.activeElement.closest('.line')?.dataset.record === id", arg=FIRST)
        page.keyboard.press("Enter")  # opens the line, not the link to the worklist that was clicked before
        page.wait_for_selector(f"{line(FIRST)}.open")
        page.keyboard.press("Escape")
        page.wait_for_selector(".at-worklist")
        page.keyboard.press("j")
        page.wait_for_selector(f"{line(SECOND)}.selected")
        page.keyboard.press("?")
        page.wait_for_selector("dialog[open]")
        assert "next line of the worklist" in page.inner_text("dialog[open]")
        page.keyboard.press("j")  # rests behind a dialog
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog[open]", state="detached")
        assert page.query_selector(f"{line(SECOND)}.selected") is not None

    def test_a_patient_is_found(self, portal: Portal) -> None:
        portal.go(**DOCTOR, records=300)
        page = portal.page
        page.wait_for_selector(line(FIRST))
        page.keyboard.press("/")
        page.wait_for_function("() => document.activeElement?.tagName === 'INPUT'")
        page.keyboard.type("p-head")
        page.wait_for_function("() => document.querySelectorAll('.line').length === 1")
        page.keyboard.press("Enter")
        page.wait_for_selector(f"{line(SECOND)}.selected")
        page.keyboard.press("/")
        page.wait_for_function("() => document.activeElement?.tagName === 'INPUT'")
        page.keyboard.type("nobody")
        page.wait_for_selector("text=No record that the filters let through begins like that.")
        page.click("text=Search all records")
        page.wait_for_selector("text=No patient's reference begins like that.")
        page.click("text=Show all records")
        page.wait_for_selector(line(FIRST))

    def test_a_list_that_is_cut_says_so_and_goes_on_when_asked(self, portal: Portal) -> None:
        portal.go(**DOCTOR, records=1000)
        page = portal.page
        page.wait_for_selector(line(FIRST))
        page.evaluate(
            """() => {
                const { worklist } = sampleCloud;
                sampleCloud.worklist = () => Promise.reject(Object.assign(new Error("gone"), { kind: "offline" }));
                globalThis.mend = () => { sampleCloud.worklist = worklist; };
            }"""
        )
        to_the_end = "() => { const list = document.querySelector('.list'); list.scrollTop = list.scrollHeight; }"
        page.evaluate(to_the_end)
        page.wait_for_selector("text=100 records are shown, and there are more.")
        page.evaluate("() => mend()")
        page.click("text=Load more")
        page.wait_for_selector("text=records are shown, and there are more.", state="detached")
        page.evaluate(to_the_end)
        page.wait_for_function("() => Number(document.querySelector('.line:last-child').getAttribute('aria-posinset')) > 100")

    def test_filters_narrow_it(self, portal: Portal) -> None:
        portal.go(**DOCTOR, records=300)
        page = portal.page
        page.wait_for_selector(line(FIRST))
        page.select_option("select >> nth=2", "mri")
        page.wait_for_function("() => [...document.querySelectorAll('.kind')].every((kind) => kind.textContent === 'MRI')")
        page.select_option("select >> nth=2", "any")
        page.select_option("select >> nth=1", "not_assessed")
        page.wait_for_function(
            "() => document.querySelectorAll('.line').length > 0 && !document.querySelector('.line:not(.not_assessed)')"
        )
        page.keyboard.press("Escape")
        page.locator("h1").first.click()
        page.keyboard.press("u")
        page.wait_for_function(
            "() => document.querySelector('select').value === 'unread' && !document.querySelector('.line:not(.unread)')"
        )

    def test_what_arrives_does_not_move_what_is_read(self, portal: Portal) -> None:
        portal.go(**DOCTOR, records=300)
        page = portal.page
        page.click(line(SECOND))
        page.wait_for_selector(f"{line(SECOND)}.open:not(.unread)")
        before = top_of(page, SECOND)
        for _ in range(3):
            page.evaluate("sampleCloud.arrive({ urgency: 'look_first', patient: 'P-LIVE' })")
        page.wait_for_selector("text=3 new records")
        assert abs(top_of(page, SECOND) - before) < 1
        page.click(".arrivals button")
        page.wait_for_function("() => document.querySelector('.list').scrollTop === 0")
        assert page.locator(".line >> text=P-LIVE").count() == 3

    def test_at_the_top_and_with_nobody_at_the_list_it_shows_itself(self, portal: Portal) -> None:
        portal.go(**DOCTOR, records=300)
        page = portal.page
        page.wait_for_selector(line(FIRST))
        page.mouse.move(1000, 600)
        page.evaluate("sampleCloud.arrive({ urgency: 'look_first', patient: 'P-LIVE' })")
        page.wait_for_selector("text=P-LIVE")
        assert page.inner_text(".line >> nth=0").startswith("▲")
        assert "P-LIVE" in page.inner_text(".line >> nth=0")
        assert "1 new record" in page.inner_text(".arrivals")

    def test_what_is_urgent_is_said_on_other_pages_too(self, portal: Portal) -> None:
        portal.go(**DOCTOR, records=300)
        page = portal.page
        page.wait_for_selector(line(FIRST))
        page.click("nav >> text=Kiosks")
        page.wait_for_selector("[data-kiosk]")
        page.evaluate("sampleCloud.arrive({ urgency: 'routine' })")
        page.evaluate("sampleCloud.arrive({ urgency: 'look_first' })")
        page.wait_for_selector(".toast >> text=A record arrived that should be looked at first.")
        assert page.locator(".toast").count() == 1

    def test_what_was_reviewed_stays_while_it_is_read_and_goes_after(self, portal: Portal) -> None:
        portal.go(**DOCTOR, records=300)
        page = portal.page
        page.click(line(FIRST))
        page.wait_for_selector(f"{line(FIRST)}.open:not(.unread)")
        page.evaluate(
            """async (id) => {
                const record = await sampleCloud.openRecord("home", id);
                await sampleCloud.review(record, "agree", "", null);
            }""",
            FIRST,
        )
        page.wait_for_selector(f"{line(FIRST)} >> text=agreed")
        page.click(line(SECOND))
        page.wait_for_selector(f"{line(SECOND)}.open")
        page.wait_for_selector(line(FIRST), state="detached")

    def test_script_in_the_texts_of_a_device_stays_text(self, portal: Portal) -> None:
        portal.go(**DOCTOR, records=50)
        page = portal.page
        page.wait_for_selector(line("5" * 32))
        assert "<script>window.broken = 1" in page.inner_text(line("5" * 32))
        assert page.evaluate("window.broken") is None

    @pytest.mark.parametrize("size", [PHONE, (820, 1180)], ids=["phone", "upright tablet"])
    def test_on_a_narrow_screen_one_at_a_time(self, browser: Browser, sample_url: str, size: tuple[int, int]) -> None:
        portal = Portal(browser, sample_url, size)
        portal.go(**DOCTOR, records=50)
        page = portal.page
        page.click(line(FIRST))
        page.wait_for_selector("main#main")
        assert not page.is_visible(".worklist")
        page.go_back()
        page.wait_for_selector(line(FIRST))
        portal.close()

    def test_a_list_that_cannot_be_read_says_so_and_can_be_tried_again(self, portal: Portal) -> None:
        portal.go("settings", **DOCTOR, records=50)
        page = portal.page
        page.wait_for_selector(".appearance")
        page.evaluate("""() => {
            const watch = sampleCloud.watchWorklist.bind(sampleCloud);
            sampleCloud.watchWorklist = (_query, _changed, failed) => {
                sampleCloud.watchWorklist = watch;
                failed(Object.assign(new Error("no answer"), { kind: "offline" }));
                return () => {};
            };
        }""")
        page.click("nav >> text=Worklist")
        page.wait_for_selector(".list [role=alert]")
        page.click("text=Try again")
        page.wait_for_selector(line(FIRST))


class TestTheFleet:
    def test_a_silent_kiosk_stops_by_the_pages_own_clock(self, portal: Portal) -> None:
        page = portal.page
        page.clock.install()
        portal.go("fleet", **DOCTOR, records=20)
        page.clock.run_for(1_000)
        page.wait_for_selector("[data-kiosk=kiosk-3][data-condition=running]")
        page.clock.run_for(40_000)
        page.wait_for_selector("[data-kiosk=kiosk-3][data-condition=stopped]")
        assert "kiosk-3" in page.inner_text(".notice.urgent")
        assert "<b>The clock</b> is not set." in page.inner_text("[data-kiosk=kiosk-2]")

    def test_the_audit_is_the_administrators(self, portal: Portal) -> None:
        portal.go(**DOCTOR, records=20)
        portal.page.wait_for_selector(line(FIRST))
        assert portal.page.query_selector("nav >> text=Audit") is None
        portal.go("audit", **{"as": "admin"}, records=200)
        page = portal.page
        page.wait_for_selector("[data-entry]")
        assert len(page.query_selector_all("[data-entry]")) == 100
        page.click("text=Older entries")
        page.wait_for_function("() => document.querySelectorAll('[data-entry]').length === 200")
        page.click("text=Dr. Kofi Mensah >> nth=0")
        page.wait_for_selector("text=Entries of Dr. Kofi Mensah")
        assert set(page.locator("[data-entry] td:nth-of-type(1)").all_inner_texts()) == {"Dr. Kofi Mensah"}


class TestLanguageAndTheme:
    def test_the_choice_holds_and_arabic_is_written_from_right_to_left(self, portal: Portal) -> None:
        portal.go(**DOCTOR, records=20)
        page = portal.page
        page.click(".menu > button")
        page.click("text=العربية")
        page.wait_for_selector("html[dir=rtl][lang=ar]")
        page.click(".menu > button")
        page.click("text=المظهر: داكن")
        page.reload()
        page.wait_for_selector("html[dir=rtl][data-theme=dark] .line")
        listed, bar = page.locator(".worklist").bounding_box(), page.locator(".bar").bounding_box()
        assert listed is not None
        assert bar is not None
        assert listed["x"] + listed["width"] == bar["width"] == WIDE[0]
