"""The portal's Firebase data layer, in Chromium, against Firebase's own emulators with the project's rules."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import ANY

import pytest

from tests.cloud_sync.firebase.emulators import Emulators
from tests.cloud_sync.firebase.portal_page import ALL, FaultSeen, PortalPage, served, settings
from tests.cloud_sync.firebase.portal_site import ADMINISTRATOR, COLLEAGUE, DOCTOR, FAR, PART, SITE, Site
from tests.cloud_sync.firebase.rules_documents import heartbeat, line
from tests.cloud_sync.firebase.rules_rest import OWNER
from tests.cloud_sync.samples import document, record_id

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

pytestmark = pytest.mark.browser

URGENT, ROUTINE, ALTERED, ALTERED_PART, LATER = 3, 1, 6, 4, 9
KEPT = """() => new Promise((resolve) => {
    const request = indexedDB.open("firstlight-opened", 1);
    request.onsuccess = () => {
        const count = request.result.transaction("kept").objectStore("kept").count();
        count.onsuccess = () => resolve(count.result);
    };
})"""
"""How many answers of the cloud the browser keeps for when there is no network."""
Visit = Callable[[str | None], PortalPage]


@pytest.fixture(scope="module")
def site(emulators: Emulators) -> Site:
    emulators.clear()
    site = Site(emulators)
    site.prepare()
    for number in (ROUTINE, 2, URGENT, ALTERED_PART, ALTERED):
        site.arrive(number)
    record = f"sites/{SITE}/records/{record_id(ALTERED)}"
    site.firestore.prepare(
        site.firestore.update(record, {"json": json.dumps(document(ALTERED, PART, result="nothing_unusual"))})
    )
    site.storage.delete(OWNER, site.part_path(ALTERED_PART))
    site.storage.upload(OWNER, site.part_path(ALTERED_PART), PART[::-1])
    return site


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("portal")) as address:
        yield address


@pytest.fixture
def visit(browser: Browser, site: Site, address: str) -> Iterator[Visit]:
    pages: list[PortalPage] = []

    def visit(email: str | None) -> PortalPage:
        page = PortalPage(browser, address, settings(site.emulators))
        pages.append(page)
        if email is not None:
            page.sign_in(email)
        return page

    yield visit
    for page in pages:
        page.close()


def refused(page: PortalPage, *call: Any) -> str:
    with pytest.raises(FaultSeen) as seen:
        page.call(*call)
    return seen.value.kind


def test_people_sign_in_with_their_role_and_out_again(visit: Visit) -> None:
    page = visit(None)
    assert page.heard("sessions") == [None]
    assert refused(page, "signIn", DOCTOR, "wrong") == "wrong_password"
    assert refused(page, "signIn", "who@home.example", "wrong") == "wrong_password"
    assert refused(page, "signIn", "new@home.example", "a long password") == "not_allowed"
    assert refused(page, "counts") == "signed_out"
    session = page.sign_in(DOCTOR)
    assert session == {"uid": "ada", "name": "Dr. Ada", "role": "doctor", "site": SITE}
    assert page.heard("sessions") == [None, session]
    page.call("signOut")
    assert page.heard("sessions") == [None, session, None]
    assert refused(page, "worklist", ALL, None) == "signed_out"


def test_a_session_outlives_a_reload_but_not_half_an_hour_without_a_touch(visit: Visit) -> None:
    page = visit(DOCTOR)
    page.start()
    assert page.heard("sessions")[0]["uid"] == "ada"
    page.page.evaluate("localStorage.setItem('firstlight.used-at', String(Date.now() - 31 * 60_000))")
    page.start()
    assert page.heard("sessions")[0] is None
    page.start()
    assert page.heard("sessions") == [None]


def test_who_takes_over_a_browser_finds_nothing_of_the_one_before(visit: Visit) -> None:
    page = visit(DOCTOR)
    page.call("open", SITE, record_id(2))
    assert page.sign_in(COLLEAGUE)["uid"] == "bob"
    assert page.page.evaluate(KEPT) == 0
    assert page.call("site")["name"] == "Home clinic"


def test_the_worklist_comes_urgent_first_and_can_be_narrowed(visit: Visit) -> None:
    page = visit(DOCTOR)
    everything = page.call("worklist", ALL, None)
    urgencies = [item["urgency"] for item in everything["items"]]
    assert urgencies == sorted(urgencies, key=["look_first", "not_assessed", "routine"].index)
    assert {record_id(number) for number in (ROUTINE, 2, URGENT, ALTERED)} <= {item["id"] for item in everything["items"]}
    first = next(item for item in everything["items"] if item["id"] == record_id(URGENT))
    assert (first["site"], first["kiosk"], first["differenceK"], first["urgency"]) == (SITE, "kiosk-1", 0.92, "look_first")
    for narrowed in (
        {"urgency": "routine"},
        {"reading": "to_do"},
        {"modality": "thermal"},
        {"reading": "unread", "urgency": "look_first"},
    ):
        assert page.call("worklist", {**ALL, **narrowed}, None)["items"], narrowed
    assert page.call("worklist", {**ALL, "modality": "mri"}, None)["items"] == []
    mine = page.call("worklist", {**ALL, "mine": True}, None)["items"]
    assert {item["patient"] for item in mine} == {"P-7K2M-0003-QX"}
    found = page.call("worklist", {**ALL, "find": "p-7k2m-0003"}, None)["items"]
    assert [item["id"] for item in found] == [item["id"] for item in mine]
    for find in ("P-7k2m-0003", "0" * 20, record_id(URGENT)):
        assert page.call("worklist", {**ALL, "mine": True, "find": find}, None)["items"] == mine, find
    assert page.call("worklist", {**ALL, "mine": True, "find": "P-7K2M-0001"}, None)["items"] == []
    assert [item["id"] for item in page.call("worklist", {**ALL, "find": record_id(2)}, None)["items"]] == [record_id(2)]
    assert page.call("worklist", {**ALL, "find": "P-NOBODY"}, None)["items"] == []
    counts = page.call("counts")
    assert counts["total"] == len(everything["items"])
    assert counts["toDo"] == len(page.call("worklist", {**ALL, "reading": "to_do"}, None)["items"])


def test_pages_of_a_hundred_follow_one_another(visit: Visit, site: Site) -> None:
    lines = {record_id(number): line(record_id(number), patient="P-MANY") for number in range(1000, 1220)}
    site.firestore.prepare(*(site.firestore.create(f"sites/{SITE}/worklist/{one}", lines[one]) for one in lines))
    page = visit(DOCTOR)
    seen: list[str] = []
    after = None
    for _ in range(3):
        answer = page.call("worklist", ALL, after)
        seen += [item["id"] for item in answer["items"]]
        after = answer["next"]
    assert after is None
    assert len(seen) == len(set(seen)) == page.call("counts")["total"]
    assert len(page.call("patient", "P-MANY")) == 220


def test_a_search_comes_to_its_end_and_a_patient_is_whole(visit: Visit, site: Site) -> None:
    """520 lines, which arrived five at a time, as a kiosk's batches do; each third is reviewed, each fourth urgent."""
    held: dict[str, dict[str, Any]] = {}
    for number in range(2000, 2520):
        state = {"reading": "reviewed", "to_do": False} if number % 3 == 0 else {}
        urgency = {} if number % 4 == 0 else {"urgency": "routine", "rank": 2}
        at = datetime(2026, 11, 2, tzinfo=UTC) + timedelta(seconds=number // 5)
        patient = "P-PLENTY" if number < 2510 else f"P-PLENTY-{number}"
        held[record_id(number)] = {**line(record_id(number), patient=patient), "received_at": at, **state, **urgency}
    create = site.firestore.create
    site.firestore.prepare(*(create(f"sites/{SITE}/worklist/{one}", held[one]) for one in held))
    page = visit(DOCTOR)

    def found(**asked: Any) -> list[str]:
        seen, after, pages = [], None, 0
        while pages == 0 or after is not None:
            answer = page.call("worklist", {**ALL, **asked}, after)
            seen += [(item["id"], item["urgency"], item["receivedAt"]) for item in answer["items"]]
            after, pages = answer["next"], pages + 1
        assert len(seen) == len(set(seen))
        by_time = sorted(seen, key=lambda one: one[2], reverse=True)
        assert [one[1:] for one in seen] == [
            one[1:] for one in sorted(by_time, key=lambda one: ["look_first", "not_assessed", "routine"].index(one[1]))
        ]
        return sorted(one[0] for one in seen)

    def wanted(**fields: Any) -> list[str]:
        return sorted(one for one, each in held.items() if all(each[name] == value for name, value in fields.items()))

    assert found(find="p-plenty") == wanted()
    assert found(find="P-PLENTY", reading="to_do") == wanted(to_do=True)
    assert found(find="P-PLENTY", reading="reviewed", urgency="look_first") == wanted(reading="reviewed", urgency="look_first")
    assert found(find="p-plenty-2515") == [record_id(2515)]
    assert found(find=record_id(2003)) == [record_id(2003)]
    assert found(find=record_id(2001), reading="unread") == []
    assert set(held) <= set(found(find="0" * 20)), "all ids begin like that"
    patient = page.call("patient", "P-PLENTY")
    assert [one["id"] for one in patient] == [record_id(number) for number in range(2000, 2510)]


def test_new_records_appear_by_themselves(visit: Visit, site: Site) -> None:
    page = visit(DOCTOR)
    page.call("watch", {**ALL, "find": "P-LIVE"})
    page.wait("heard.worklist.length > 0")
    assert page.heard("worklist[0].items") == []
    site.arrive(700, patient="P-LIVE")
    page.wait("heard.worklist.at(-1).items.length === 1")
    assert page.heard("worklist.at(-1).items[0].id") == record_id(700)
    page.call("stop", "worklist")


def test_a_lost_network_is_said_and_no_empty_list_is_shown(visit: Visit) -> None:
    page = visit(DOCTOR)
    page.context.set_offline(True)
    page.call("watch", ALL)
    page.wait("heard.faults.length > 0")
    assert (page.heard("faults"), page.heard("worklist")) == (["offline"], [])
    page.context.set_offline(False)
    page.wait("heard.worklist.length > 0 && heard.worklist.at(-1).items.length > 0", timeout_s=60.0)
    page.call("stop", "worklist")


def test_opening_a_record_is_audited_and_marks_it(visit: Visit, site: Site) -> None:
    page = visit(DOCTOR)
    record = page.call("open", SITE, record_id(URGENT))
    assert record["summary"]["patient"] == "P-7K2M-0003-QX"
    assert record["prediction"]["probability"] == 0.71
    assert hashlib.sha256(record["json"].encode()).hexdigest() == record["sha256"]
    listed = site.firestore.get(OWNER, f"sites/{SITE}/worklist/{record_id(URGENT)}").body["fields"]
    assert listed["reading"] == {"stringValue": "opened"}
    assert bytes(page.call("part", record_id(URGENT), "capture.npz")) == PART
    assert refused(page, "part", record_id(URGENT), "photo.jpg") == "not_there"
    assert refused(page, "open", SITE, record_id(9999)) == "not_there"
    administrator = visit(ADMINISTRATOR)
    entries = administrator.call("audit", {"record": record_id(URGENT), "uid": None}, None)["items"]
    assert [(entry["uid"], entry["name"], entry["action"], entry["patient"]) for entry in entries] == [
        ("ada", "Dr. Ada", "open_record", "P-7K2M-0003-QX")
    ]
    looks = administrator.call("audit", {"record": None, "uid": "root"}, None)["items"]
    assert {entry["action"] for entry in looks} == {"open_audit"}
    assert refused(page, "audit", {"record": None, "uid": None}, None) == "not_allowed"


def test_altered_bytes_are_shown_to_nobody(visit: Visit) -> None:
    page = visit(DOCTOR)
    assert refused(page, "open", SITE, record_id(ALTERED)) == "altered"
    page.call("open", SITE, record_id(ALTERED_PART))
    assert refused(page, "part", record_id(ALTERED_PART), "capture.npz") == "altered"


def test_a_huge_document_is_refused_and_the_rest_goes_on(visit: Visit, site: Site) -> None:
    huge = site.arrive(820, reason="x" * 500_000)
    page = visit(DOCTOR)
    assert refused(page, "open", SITE, huge) == "too_large"
    assert page.call("open", SITE, record_id(2))["summary"]["id"] == record_id(2)


def test_a_review_is_signed_once_and_seen_by_colleagues_at_once(visit: Visit, site: Site) -> None:
    site.arrive(LATER)
    page, other = visit(DOCTOR), visit(COLLEAGUE)
    for each in (page, other):
        each.call("open", SITE, record_id(LATER))
    other.call("watchReviews", record_id(LATER))
    other.wait("heard.reviews.length > 0")
    note = "<script>window.broken = 1</script> und Umlaute: äöü"
    review = page.call("review", record_id(LATER), "recall", note, None)
    assert (review["author"], review["authorName"], review["verdict"], review["note"]) == ("ada", "Dr. Ada", "recall", note)
    other.wait("heard.reviews.at(-1).length === 1")
    second = page.call("review", record_id(LATER), "agree", "", review["id"])
    assert second["supersedes"] == review["id"]
    third = other.call("review", record_id(LATER), "disagree", "No.", None)
    other.wait("heard.reviews.at(-1).length === 3")
    assert [one["id"] for one in other.heard("reviews.at(-1)")] == [review["id"], second["id"], third["id"]]
    assert refused(other, "review", record_id(LATER), "agree", "", review["id"]) == "not_allowed"
    assert refused(page, "review", record_id(LATER), "agree", "x" * 4001, None) == "too_large"
    listed = site.firestore.get(OWNER, f"sites/{SITE}/worklist/{record_id(LATER)}").body["fields"]
    assert (listed["reading"]["stringValue"], listed["last_verdict"]["stringValue"], listed["to_do"]["booleanValue"]) == (
        "reviewed",
        "disagree",
        False,
    )
    again = page.call("open", SITE, record_id(LATER))
    assert again["summary"]["reading"] == "reviewed"


def test_two_doctors_open_at_once(visit: Visit, site: Site) -> None:
    site.arrive(810)
    pages = [visit(DOCTOR), visit(COLLEAGUE)]
    for page in pages:
        page.page.evaluate(
            f"globalThis.waiting = act.open('{SITE}', '{record_id(810)}').then(() => 'opened', (fault) => fault.kind)"
        )
    assert [page.page.evaluate("waiting") for page in pages] == ["opened", "opened"]


def test_another_sites_doctor_sees_nothing_of_this_site(visit: Visit, site: Site) -> None:
    page = visit(FAR)
    assert page.call("worklist", ALL, None)["items"] == []
    assert page.call("site")["name"] == "South"
    assert refused(page, "open", SITE, record_id(URGENT)) == "not_allowed"


def test_a_kiosks_token_opens_no_portal(visit: Visit, site: Site, emulators: Emulators) -> None:
    """Whoever takes a kiosk's user into a browser is nobody there; what the rules say to its token, test_rules.py has."""
    emulators.create_user("kiosk-user", email="kiosk@home.example", password="a long password", **site.kiosk_claims)
    page = visit(None)
    assert refused(page, "signIn", "kiosk@home.example", "a long password") == "not_allowed"
    assert page.heard("sessions")[-1] is None
    assert refused(page, "open", SITE, record_id(URGENT)) == "signed_out"


def test_the_fleet_the_site_and_a_card(visit: Visit, site: Site) -> None:
    page = visit(DOCTOR)
    page.call("fleet")
    page.wait("heard.fleet.length > 0 && heard.fleet.at(-1).length === 2")
    beat = site.firestore.set(f"sites/{SITE}/heartbeats/kiosk-1", heartbeat())
    assert site.firestore.commit(site.kiosk, beat).status == 200
    page.wait("heard.fleet.at(-1)[0].lastContact !== null")
    hall, door = page.heard("fleet.at(-1)")
    assert (hall["label"], hall["version"], hall["waiting"], len(hall["warnings"])) == ("Hall", "0.1.0", 3, 20)
    assert (door["label"], door["lastContact"], door["revokedAt"]) == ("Door", None, "2026-11-01T00:00:00.000Z")
    assert page.call("site") == {"id": SITE, "name": "Home clinic", "prevalence": {"breast": 0.006}}
    assert page.call("card", "0" * 64) == {"name": "breast", "version": "1.0.0", "card": {"model": {"name": "breast"}}}
    assert refused(page, "card", "1" * 64) == "not_there"


def test_what_was_opened_can_be_looked_at_without_a_network_and_nothing_else(visit: Visit, site: Site) -> None:
    page = visit(DOCTOR)
    page.call("worklist", ALL, None)
    record = page.call("open", SITE, record_id(2))
    page.call("part", record_id(2), "capture.npz")
    history = page.call("patient", record["summary"]["patient"])
    before = len(site.firestore.list(OWNER, f"sites/{SITE}/audit").body)
    page.context.set_offline(True)
    assert page.call("open", SITE, record_id(2))["json"] == record["json"]
    assert bytes(page.call("part", record_id(2), "capture.npz")) == PART
    assert page.call("patient", record["summary"]["patient"]) == history
    assert refused(page, "open", SITE, record_id(ROUTINE)) == "offline"
    assert refused(page, "review", record_id(2), "agree", "", None) == "offline"
    page.context.set_offline(False)
    assert page.call("open", SITE, record_id(2))["json"] == record["json"]
    assert len(site.firestore.list(OWNER, f"sites/{SITE}/audit").body) == before + 1  # none came late
    assert site.firestore.list(OWNER, f"sites/{SITE}/records/{record_id(2)}/reviews").body == [{"readTime": ANY, "done": True}]


def test_signing_out_leaves_nothing_of_a_patient_in_the_browser(visit: Visit) -> None:
    page = visit(DOCTOR)
    page.call("open", SITE, record_id(2))
    page.call("part", record_id(2), "capture.npz")
    page.call("signOut")
    databases = page.page.evaluate("async () => (await indexedDB.databases()).map((database) => database.name)")
    assert not [name for name in databases if name.startswith("firestore/")]
    assert page.page.evaluate(KEPT) == 0
    assert "ada" not in page.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert page.sign_in(COLLEAGUE)["uid"] == "bob"
    assert page.call("worklist", ALL, None)["items"]


def test_nobody_but_the_cloud_is_asked(visit: Visit, site: Site, address: str) -> None:
    page = visit(DOCTOR)
    page.call("open", SITE, record_id(2))
    page.call("part", record_id(2), "capture.npz")
    hosts = (site.emulators.auth_host, site.emulators.firestore_host, site.emulators.storage_host)
    assert page.hosts == {address, *(f"http://{host}" for host in hosts)}


def test_a_second_factor_is_not_offered_where_the_cloud_has_none(visit: Visit) -> None:
    """The Auth emulator knows no time-based codes."""
    assert visit(DOCTOR).call("beginTotp") is None


def test_a_code_is_asked_for_where_an_account_has_a_second_factor(visit: Visit, site: Site) -> None:
    """With answers as Google's REST reference has them in the place of the emulator's, which has none of this."""
    page = visit(None)
    factors = [{"mfaEnrollmentId": "factor-1", "displayName": "Authenticator app", "totpInfo": {}}]
    tokens = site.emulators.sign_in(DOCTOR, "a long password")

    def finalize(route: Route) -> None:
        sent: dict[str, Any] = json.loads(route.request.post_data or "{}")
        right = sent["mfaPendingCredential"] == "pending" and sent["totpVerificationInfo"]["verificationCode"] == "123456"
        good = {"idToken": tokens.id_token, "refreshToken": tokens.refresh_token}
        answer(route, good if right else {"error": {"code": 400, "message": "INVALID_CODE"}}, 200 if right else 400)

    page.page.route(
        "**/accounts:signInWithPassword*", lambda route: answer(route, {"mfaPendingCredential": "pending", "mfaInfo": factors})
    )
    page.page.route("**/accounts/mfaSignIn:finalize*", finalize)
    assert page.sign_in(DOCTOR) == "second factor"
    assert page.heard("sessions") == [None]
    assert refused(page, "code", "000000") == "second_factor_wrong"
    assert page.call("code", "123 456")["uid"] == "ada"
    assert page.call("site")["name"] == "Home clinic"


def test_a_second_factor_can_be_set_up(visit: Visit, site: Site) -> None:
    """As above: what is tried is this portal and Firebase's SDK, not Google's server."""
    page = visit(DOCTOR)
    begun = {"sharedSecretKey": "JBSWY3DPEHPK3PXP", "verificationCodeLength": 6, "hashingAlgorithm": "SHA1", "periodSec": 30}
    tokens = site.emulators.sign_in(DOCTOR, "a long password")
    sent: list[dict[str, Any]] = []

    def finalize(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or "{}"))
        answer(route, {"idToken": tokens.id_token, "refreshToken": tokens.refresh_token})

    page.page.route(
        "**/accounts/mfaEnrollment:start*", lambda route: answer(route, {"totpSessionInfo": {**begun, "sessionInfo": "s"}})
    )
    page.page.route("**/accounts/mfaEnrollment:finalize*", finalize)
    enrolment = page.call("beginTotp")
    assert enrolment["secret"] == "JBSWY3DPEHPK3PXP"
    assert enrolment["uri"].startswith("otpauth://totp/Firstlight:ada@home.example?secret=JBSWY3DPEHPK3PXP&issuer=Firstlight")
    page.call("code", "654321")
    assert sent[0]["totpVerificationInfo"] == {"sessionInfo": "s", "verificationCode": "654321"}


def answer(route: Route, body: dict[str, Any], status: int = 200) -> None:
    route.fulfill(status=status, json=body, headers={"Access-Control-Allow-Origin": "*"})
