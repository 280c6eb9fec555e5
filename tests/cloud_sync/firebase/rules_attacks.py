"""What somebody with a token of their own might try, and beside it what must work for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.cloud_sync.firebase import rules_documents as documents
from tests.cloud_sync.firebase.rules_fields import Case
from tests.cloud_sync.firebase.rules_rest import Answer
from tests.cloud_sync.firebase.rules_world import ADMINISTRATOR, COLLEAGUE, DOCTOR, FAR_DOCTOR, KIOSK, SIBLING, STALE, World

NORTH = "sites/north"
Attempt = Callable[[World], Answer]


def read_after(actor: str, s_ago: float) -> Attempt:
    def attempt(world: World) -> Answer:
        record = world.record()
        world.opened(record, actor, s_ago=s_ago)
        return world.firestore.get(world[actor].token, f"{NORTH}/records/{record}")

    return attempt


def reviews_after(s_ago: float) -> Attempt:
    def attempt(world: World) -> Answer:
        record = world.record()
        world.opened(record, DOCTOR, s_ago=s_ago)
        return world.firestore.list(world[DOCTOR].token, f"{NORTH}/records/{record}/reviews")

    return attempt


def read_with_a_colleagues_opening(world: World) -> Answer:
    record = world.record()
    world.opened(record, COLLEAGUE)
    return world.firestore.get(world[DOCTOR].token, f"{NORTH}/records/{record}")


def read_without_an_opening(world: World) -> Answer:
    return world.firestore.get(world[DOCTOR].token, f"{NORTH}/records/{world.record()}")


def open_with(change: Callable[[World, str, list[dict[str, object]]], list[dict[str, object]]]) -> Attempt:
    def attempt(world: World) -> Answer:
        record = world.record()
        return world.commit(DOCTOR, *change(world, record, world.opening(DOCTOR, record)))

    return attempt


def open_with_an_old_entry(world: World) -> Answer:
    record = world.record()
    audited, opened, _ = world.opening(DOCTOR, record)
    world.firestore.prepare(audited)
    return world.commit(DOCTOR, opened)


def open_with_the_entry_of_an_export(world: World) -> Answer:
    record = world.record()
    entry = world.fresh("entry")
    return world.commit(
        DOCTOR,
        world.firestore.create(f"{NORTH}/audit/{entry}", documents.entry("doctor", "Doctor", record, action="export")),
        world.firestore.set(f"{NORTH}/opened/doctor_{record}", documents.opening("doctor", record, entry)),
    )


def open_with_the_entry_of_another_record(world: World) -> Answer:
    record, other = world.record(), world.record()
    entry = world.fresh("entry")
    return world.commit(
        DOCTOR,
        world.firestore.create(f"{NORTH}/audit/{entry}", documents.entry("doctor", "Doctor", other)),
        world.firestore.set(f"{NORTH}/opened/doctor_{record}", documents.opening("doctor", record, entry)),
    )


def open_for_a_colleague(world: World) -> Answer:
    record = world.record()
    entry = world.fresh("entry")
    return world.commit(
        DOCTOR,
        world.firestore.create(f"{NORTH}/audit/{entry}", documents.entry("doctor", "Doctor", record)),
        world.firestore.set(f"{NORTH}/opened/colleague_{record}", documents.opening("colleague", record, entry)),
    )


def mark(reading: str, before: str, *, opened: bool = True, kind: str = DOCTOR) -> Attempt:
    """Move a worklist line from ``before``, in a commit that opens the record or without one."""

    def attempt(world: World) -> Answer:
        record = world.record()
        path = f"{NORTH}/worklist/{record}"
        world.firestore.prepare(world.firestore.update(path, {"reading": before}))
        writes = world.opening(kind, record, reading=False) if opened else []
        return world.commit(kind, *writes, world.firestore.update(path, {"reading": reading}))

    return attempt


def mark_with_an_old_opening(world: World) -> Answer:
    record = world.record()
    world.opened(record, DOCTOR, s_ago=5.0)
    return world.commit(DOCTOR, world.firestore.update(f"{NORTH}/worklist/{record}", {"reading": "opened"}))


def review_after(s_ago: float, actor: str = DOCTOR) -> Attempt:
    def attempt(world: World) -> Answer:
        record = world.record()
        world.opened(record, actor, s_ago=s_ago)
        return world.commit(actor, *world.review(actor, record))

    return attempt


def review_superseding(author: str) -> Attempt:
    def attempt(world: World) -> Answer:
        record = world.record()
        world.opened(record, DOCTOR)
        earlier = world.signed(record, author)
        return world.commit(DOCTOR, *world.review(DOCTOR, record, changes={"supersedes": earlier}))

    return attempt


def review_superseding_one_of_another_record(world: World) -> Answer:
    record = world.record()
    world.opened(record, DOCTOR)
    earlier = world.signed(world.record(), DOCTOR)
    return world.commit(DOCTOR, *world.review(DOCTOR, record, changes={"supersedes": earlier}))


def review_without_the_worklist(world: World) -> Answer:
    record = world.record()
    world.opened(record, DOCTOR)
    return world.commit(DOCTOR, world.review(DOCTOR, record)[0])


def verdict_without_a_review(world: World) -> Answer:
    record = world.record()
    world.opened(record, DOCTOR)
    return world.commit(DOCTOR, world.review(DOCTOR, record)[1])


def verdict_with_an_old_review(world: World) -> Answer:
    record = world.record()
    world.opened(record, DOCTOR)
    told = {"reading": "reviewed", "to_do": False, "last_verdict": "recall", "last_review": world.signed(record, COLLEAGUE)}
    return world.commit(DOCTOR, world.firestore.update(f"{NORTH}/worklist/{record}", told))


def two_review_at_once(world: World) -> Answer:
    record = world.record()
    for who in (DOCTOR, COLLEAGUE):
        world.opened(record, who)
    first = world.commit(DOCTOR, *world.review(DOCTOR, record))
    return first if not first.allowed else world.commit(COLLEAGUE, *world.review(COLLEAGUE, record))


def rewrite(actor: str, path: Callable[[World, str], str], **changes: object) -> Attempt:
    def attempt(world: World) -> Answer:
        record = world.record()
        world.opened(record, actor)
        return world.commit(actor, world.firestore.update(path(world, record), changes))

    return attempt


def arrive_as(actor: str, **options: str) -> Attempt:
    return lambda world: world.commit(actor, *world.arrival(world.fresh("record"), **options))


def arrive_only(*collections: str) -> Attempt:
    def attempt(world: World) -> Answer:
        record = world.fresh("record")
        writes = [write for write in world.arrival(record) if write["update"]["name"].split("/")[-2] in collections]
        return world.commit(KIOSK, *writes)

    return attempt


def line_for_an_old_record(world: World) -> Answer:
    record = world.fresh("record")
    content, listed, _ = world.arrival(record)
    world.firestore.prepare(content)
    return world.commit(KIOSK, listed)


def arrive_as_impostor(world: World) -> Answer:
    impostor = world.kiosk("kiosk", "north", "hall", uid="somebody")
    return world.commit(impostor, *world.arrival(world.fresh("record")))


def arrive_without_a_patient(world: World) -> Answer:
    return world.commit(KIOSK, *world.arrival(world.fresh("record"), patient=None))


def confirm_other_bytes(**changes: str) -> Attempt:
    def attempt(world: World) -> Answer:
        return world.commit(KIOSK, world.firestore.update(f"{NORTH}/records/{world.record()}", changes))

    return attempt


def confirm_anothers(world: World) -> Answer:
    return world.commit(
        KIOSK, world.firestore.update(f"{NORTH}/records/{world.record(kiosk='door')}", {"patient": documents.PATIENT})
    )


def answer_twice(world: World) -> Answer:
    return world.commit(KIOSK, world.firestore.update(world.queued(state="answered"), documents.answer()))


def answer_anothers(world: World) -> Answer:
    return world.commit(KIOSK, world.firestore.update(world.queued("door"), documents.answer()))


def read_anothers_commands(world: World) -> Answer:
    world.queued("door")
    return world.firestore.list(world[KIOSK].token, f"{NORTH}/kiosks/door/commands")


def anothers_heartbeat(world: World) -> Answer:
    return world.commit(KIOSK, world.firestore.set(f"{NORTH}/heartbeats/door", documents.heartbeat()))


def group(actor: str, collection: str) -> Attempt:
    query = {"from": [{"collectionId": collection, "allDescendants": True}]}
    return lambda world: world.firestore.query(world[actor].token, "", query)


def a_colleagues_opening(world: World) -> Answer:
    record = world.record()
    world.opened(record, COLLEAGUE)
    return world.firestore.get(world[DOCTOR].token, f"{NORTH}/opened/colleague_{record}")


def others_openings(world: World) -> Answer:
    world.opened(world.record(), COLLEAGUE)
    return world.firestore.list(world[DOCTOR].token, f"{NORTH}/opened")


def audit_as(claims: dict[str, str], name: str) -> Attempt:
    """Write an entry about oneself under ``name``, with a token that says ``claims``."""

    def attempt(world: World) -> Answer:
        who = world.staff("doctor", {"role": "doctor", "site": "north"}, **claims)
        fields = documents.entry(who.uid, name, world.record())
        return world.commit(who, world.firestore.create(f"{NORTH}/audit/{world.fresh('entry')}", fields))

    return attempt


def audit_of_the_audit(record: str | None, patient: str | None) -> Attempt:
    fields = documents.entry("doctor", "Doctor", record, action="open_audit", patient=patient)
    return lambda world: world.commit(DOCTOR, world.firestore.create(f"{NORTH}/audit/{world.fresh('entry')}", fields))


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
    "an audit entry in another's name": audit_as({"name": "Doctor"}, "Colleague"),
    "an audit entry without a name": audit_as({"name": "Doctor"}, ""),
    "an opening of the audit that names a patient": audit_of_the_audit(None, documents.PATIENT),
    "an opening of the audit that names a record": audit_of_the_audit("any", None),
    "mark as opened without an opening": mark("opened", "unread", opened=False),
    "mark as opened with an earlier opening": mark_with_an_old_opening,
    "mark as unread": mark("unread", "opened"),
    "mark as opened what was reviewed": mark("opened", "reviewed"),
    "a review without an opening": review_after(12 * 3600 + 5),
    "a review by an administrator": review_after(0.0, ADMINISTRATOR),
    "a review that replaces a colleague's": review_superseding(COLLEAGUE),
    "a review that replaces one of another record": review_superseding_one_of_another_record,
    "a review that the worklist does not know": review_without_the_worklist,
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
    "a user who is no kiosk with a kiosk's claims": arrive_as_impostor,
    "a record of an erased patient": arrive_as(KIOSK, patient="P-GONE"),
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
    "an audit entry of a person without a name, under the address": audit_as({"email": "d@north.example"}, "d@north.example"),
    "an audit entry of the audit itself": audit_of_the_audit(None, None),
    "a kiosk's own record": arrive_as(SIBLING, kiosk="door"),
    "a record without a patient": arrive_without_a_patient,
    "a consent alone": arrive_only("records", "consents"),
    "an unreadable record, without a consent": arrive_only("records", "worklist"),
}
