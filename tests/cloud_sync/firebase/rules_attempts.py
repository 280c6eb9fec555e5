"""Whole attempts of people and kiosks, each of which makes what it needs; rules_attacks.py says which may succeed."""

from __future__ import annotations

from collections.abc import Callable

from tests.cloud_sync.firebase import rules_documents as documents
from tests.cloud_sync.firebase.rules_rest import Answer
from tests.cloud_sync.firebase.rules_world import COLLEAGUE, DOCTOR, KIOSK, World

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


def open_in_a_colleagues_place(world: World) -> Answer:
    record = world.record()
    audited, opened, _ = world.opening(DOCTOR, record)
    opened["update"]["name"] = opened["update"]["name"].replace(f"doctor_{record}", f"colleague_{record}")
    return world.commit(DOCTOR, audited, opened)


def mark(reading: str, before: str, *, opened: bool = True, kind: str = DOCTOR) -> Attempt:
    """Move a worklist line from ``before``, in a commit that opens the record or without one."""

    def attempt(world: World) -> Answer:
        record = world.record()
        path = f"{NORTH}/worklist/{record}"
        world.firestore.prepare(world.firestore.update(path, {"reading": before}))
        writes = world.opening(kind, record, reading=False) if opened else []
        return world.commit(kind, *writes, world.firestore.update(path, {"reading": reading}))

    return attempt


def mark_and_change(**more: object) -> Attempt:
    def attempt(world: World) -> Answer:
        record = world.record()
        told = world.firestore.update(f"{NORTH}/worklist/{record}", {"reading": "opened", **more})
        return world.commit(DOCTOR, *world.opening(DOCTOR, record, reading=False), told)

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


def second_review_without_the_worklist(world: World) -> Answer:
    record = world.record()
    world.opened(record, DOCTOR)
    world.firestore.prepare(*world.review(DOCTOR, record))
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


def arrive_as_endless(world: World) -> Answer:
    return world.commit(world.kiosk("kiosk", "north", "hall", until_s=None), *world.arrival(world.fresh("record")))


def heartbeat_with_anothers_claim(world: World) -> Answer:
    confused = world.kiosk("kiosk", "north", "door", uid="kiosk-north-hall")
    return world.commit(confused, world.firestore.set(f"{NORTH}/heartbeats/hall", documents.heartbeat()))


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


def counting(actor: str, collection: str) -> Attempt:
    return lambda world: world.firestore.count(world[actor].token, NORTH, collection)


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
