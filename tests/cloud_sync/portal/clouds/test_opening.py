"""A record is opened though Firebase refused by mistake, or its answer was lost on the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route

from tests.cloud_sync.portal.clouds.conftest import Visit
from tests.cloud_sync.portal.clouds.records import thermal
from tests.cloud_sync.portal.clouds.stage import DOCTOR, Stage

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    # The embedded cloud opens a record with one request, and refuses nothing by mistake.
    pytest.mark.parametrize("stage", ["firebase"], indirect=True, scope="package"),
]

COMMITS = "**/documents:commit*"
REFUSED = {"error": {"code": 403, "message": "evaluation error", "status": "PERMISSION_DENIED"}}


def refuse(route: Route) -> None:
    origin = route.request.headers.get("origin", "*")
    allowed = {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
    route.fulfill(status=403, json=REFUSED, headers=allowed)


def lose(route: Route) -> None:
    """The cloud does what it is asked for; nobody hears of it."""
    route.fetch()
    route.abort("connectionreset")


def meet(page: Page, *ends: Callable[[Route], None]) -> list[str]:
    """Let the first commits end like that and all others through; the list that comes back has an item for each commit."""
    seen: list[str] = []

    def handle(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        seen.append(route.request.url)
        return ends[len(seen) - 1](route) if len(seen) <= len(ends) else route.continue_()

    page.route(COMMITS, handle)
    return seen


@pytest.mark.parametrize(("end", "taken"), [(refuse, 1), (lose, 2)])
def test_a_doctor_gets_in_all_the_same(visit: Visit, stage: Stage, end: Callable[[Route], None], taken: int) -> None:
    """A busy emulator was seen to refuse ("evaluation error") over documents that were there. ``taken``: commits it took."""
    record = stage.deliver(*thermal(stage.number()))
    doctor = visit(DOCTOR)
    commits = meet(doctor.page, end)
    doctor.open(record)
    doctor.page.wait_for_selector(".review-form")
    assert len(commits) == 2
    assert stage.openings(record) == [stage.logins[DOCTOR].shown] * taken, "each try that the cloud took is in the audit"


def test_two_refusals_are_believed(visit: Visit, stage: Stage) -> None:
    record = stage.deliver(*thermal(stage.number()))
    doctor = visit(DOCTOR)
    commits = meet(doctor.page, refuse, refuse)
    doctor.open(record)
    assert doctor.page.get_attribute("[data-fault]", "data-fault") == "not_allowed"
    assert len(commits) == 2
    assert stage.openings(record) == []
