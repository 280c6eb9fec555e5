"""What somebody with a token of their own might try, and beside it what must work for them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.cloud_sync.firebase import rules_documents as documents
from tests.cloud_sync.firebase.rules_attempts import (
    NORTH,
    Attempt,
    a_colleagues_opening,
    anothers_heartbeat,
    answer_anothers,
    answer_twice,
    arrive_as,
    arrive_as_endless,
    arrive_as_impostor,
    arrive_only,
    arrive_without_a_patient,
    audit_as,
    audit_of_the_audit,
    confirm_anothers,
    confirm_other_bytes,
    counting,
    group,
    heartbeat_with_anothers_claim,
    line_for_an_old_record,
    mark,
    mark_and_change,
    mark_with_an_old_opening,
    open_for_a_colleague,
    open_in_a_colleagues_place,
    open_with,
    open_with_an_old_entry,
    open_with_the_entry_of_an_export,
    open_with_the_entry_of_another_record,
    others_openings,
    read_after,
    read_anothers_commands,
    read_with_a_colleagues_opening,
    read_without_an_opening,
    review_after,
    review_superseding,
    review_superseding_one_of_another_record,
    review_without_the_worklist,
    reviews_after,
    rewrite,
    second_review_without_the_worklist,
    two_review_at_once,
    verdict_with_an_old_review,
    verdict_without_a_review,
)
from tests.cloud_sync.firebase.rules_fields import LONG, Case
from tests.cloud_sync.firebase.rules_world import ADMINISTRATOR, COLLEAGUE, DOCTOR, FAR_DOCTOR, KIOSK, LATE, SIBLING, STALE


def cases() -> Iterator[Case]:
    for name, attempt in REFUSED.items():
        yield Case(f"refused: {name}", attempt, False)
    for name, attempt in TAKEN.items():
        yield Case(f"taken: {name}", attempt, True)


REFUSED: dict[str, Attempt] = {
    "read a record without an opening": read_without_an_opening,
    "read a record a minute after it was opened": read_after(DOCTOR, 63.0),
    "read a record with a colleague's opening": read_with_a_colleagues_opening,
    "another site's doctor reads an opened record": read_after(FAR_DOCTOR, 0.0),
    "read reviews 12 hours after the opening": reviews_after(12 * 3600 + 5),
    "an opening without its audit entry": open_with(lambda world, record, writes: writes[1:]),
    "an opening with the entry of an earlier one": open_with_an_old_entry,
    "an opening with the entry of an export": open_with_the_entry_of_an_export,
    "an opening with the entry of another record": open_with_the_entry_of_another_record,
    "an opening for a colleague": open_for_a_colleague,
    "another site's doctor counts the worklist": counting(FAR_DOCTOR, "worklist"),
    "another site's doctor counts consents": counting(FAR_DOCTOR, "consents"),
    "a kiosk counts the worklist": counting(KIOSK, "worklist"),
    "a doctor counts records": counting(DOCTOR, "records"),
    "a doctor counts the audit": counting(DOCTOR, "audit"),
    "an opening in a colleague's place": open_in_a_colleagues_place,
    "an audit entry in another's name": audit_as({"called": "Doctor"}, "Colleague"),
    "an audit entry without a name": audit_as({"called": "Doctor"}, ""),
    "an audit entry under a name that they gave themselves": audit_as({"called": "Doctor", "name": "Colleague"}, "Colleague"),
    "an audit entry under an address": audit_as({"email": "d@north.example"}, "d@north.example"),
    "an opening of the audit that names a patient": audit_of_the_audit(None, documents.PATIENT),
    "an opening of the audit that names a record": audit_of_the_audit("any", None),
    "mark as opened without an opening": mark("opened", "unread", opened=False),
    "mark as opened with an earlier opening": mark_with_an_old_opening,
    "mark as opened and as done": mark_and_change(to_do=False),
    "mark as opened and as another patient's": mark_and_change(patient="P-2"),
    "mark as unread": mark("unread", "opened"),
    "mark as opened what was reviewed": mark("opened", "reviewed"),
    "a review without an opening": review_after(12 * 3600 + 5),
    "a review by an administrator": review_after(0.0, ADMINISTRATOR),
    "a review that replaces a colleague's": review_superseding(COLLEAGUE),
    "a review that replaces one of another record": review_superseding_one_of_another_record,
    "a review that the worklist does not know": review_without_the_worklist,
    "a second review that the worklist does not know": second_review_without_the_worklist,
    "a verdict without a review": verdict_without_a_review,
    "a verdict with a colleague's earlier review": verdict_with_an_old_review,
    "an own review altered": rewrite(
        DOCTOR, lambda world, record: f"{NORTH}/records/{record}/reviews/{world.signed(record, DOCTOR)}", note="x"
    ),
    "a record altered by a doctor": rewrite(DOCTOR, lambda world, record: f"{NORTH}/records/{record}", json="{}"),
    "a patient assigned by a doctor": rewrite(
        DOCTOR, lambda world, record: f"{NORTH}/patients/{documents.PATIENT}", doctors=["doctor"]
    ),
    "a prevalence changed by an administrator in the browser": rewrite(
        ADMINISTRATOR, lambda world, record: NORTH, prevalence={}
    ),
    "a role in the site's document": rewrite(DOCTOR, lambda world, record: NORTH, role="administrator"),
    "a kiosk that writes for another site": lambda world: world.commit(KIOSK, *world.arrival(world.fresh(), site="south")),
    "a kiosk that writes for another kiosk": arrive_as(SIBLING),
    "a kiosk with an old token": arrive_as(STALE),
    "a kiosk that signed in after its enrolment file's end": arrive_as(LATE),
    "a kiosk whose enrolment file has no end": arrive_as_endless,
    "a user who is no kiosk with a kiosk's claims": arrive_as_impostor,
    "a kiosk whose claim names another": heartbeat_with_anothers_claim,
    "a record of an erased patient": arrive_as(KIOSK, patient="P-GONE"),
    "a record of a patient whose reference is too long": arrive_as(KIOSK, patient=LONG),
    "a record that nobody would see": arrive_only("records"),
    "a line without a record": arrive_only("worklist"),
    "a consent without a record": arrive_only("consents"),
    "a line for a record that is there": line_for_an_old_record,
    "a kiosk confirms other bytes": confirm_other_bytes(json="{}"),
    "a kiosk confirms another hash": confirm_other_bytes(sha256="0" * 64),
    "a kiosk confirms a field more": confirm_other_bytes(note=""),
    "a kiosk asks for another kiosk's record": confirm_anothers,
    "a kiosk reads a record that it opened": read_after(KIOSK, 0.0),
    "a kiosk reads another's commands": read_anothers_commands,
    "a kiosk answers another's command": answer_anothers,
    "a kiosk answers a command twice": answer_twice,
    "a kiosk's heartbeat for another": anothers_heartbeat,
    "a colleague's opening": a_colleagues_opening,
    "everybody's openings": others_openings,
    **{
        f"all {collection} of all sites": group(DOCTOR, collection)
        for collection in ("records", "reviews", "worklist", "kiosks", "commands")
    },
    "all audit entries of all sites": group(ADMINISTRATOR, "audit"),
}
TAKEN: dict[str, Attempt] = {
    "read a record within a minute": read_after(DOCTOR, 50.0),
    "read reviews within 12 hours": reviews_after(12 * 3600 - 60),
    "mark as opened what is opened already": mark("opened", "opened"),
    "mark as opened by an administrator": mark("opened", "unread", kind=ADMINISTRATOR),
    "a review within 12 hours": review_after(12 * 3600 - 60),
    "a review that replaces an own one": review_superseding(DOCTOR),
    "two doctors review at once": two_review_at_once,
    "an audit entry of a person without a name, under the uid": audit_as({"name": "Colleague"}, "doctor"),
    "an audit entry of the audit itself": audit_of_the_audit(None, None),
    "a kiosk's own record": arrive_as(SIBLING, kiosk="door"),
    "a record of a patient whose reference is as long as can be": arrive_as(KIOSK, patient=LONG[1:]),
    "a record without a patient": arrive_without_a_patient,
    "a consent alone": arrive_only("records", "consents"),
    "an unreadable record, without a consent": arrive_only("records", "worklist"),
}
