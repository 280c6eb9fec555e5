"""Everybody × every collection × every operation: what is tried, and who may."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.cloud_sync.firebase import rules_documents as documents
from tests.cloud_sync.firebase.rules_rest import Answer
from tests.cloud_sync.firebase.rules_world import (
    ADMINISTRATOR,
    ANY_STAFF,
    DOCTORS,
    KIOSK,
    NOBODY_AT_ALL,
    STAFF,
    Actor,
    World,
)

OPERATIONS = ("get", "list", "create", "update", "delete")
Try = Callable[[World, Actor], Answer]


@dataclass(frozen=True)
class Cell:
    collection: str
    operation: str
    attempt: Try
    may: frozenset[str]

    @property
    def name(self) -> str:
        return f"{self.operation} {self.collection}"


MAY: dict[str, dict[str, frozenset[str]]] = {
    "sites": {"get": STAFF},
    "models": {"get": ANY_STAFF, "list": ANY_STAFF},
    "patients": {"get": STAFF, "list": STAFF},
    "tombstones": {"get": frozenset({ADMINISTRATOR}), "list": frozenset({ADMINISTRATOR})},
    "kiosks": {"get": STAFF | {KIOSK}, "list": STAFF},
    "commands": {
        "get": frozenset({KIOSK, ADMINISTRATOR}),
        "list": frozenset({KIOSK, ADMINISTRATOR}),
        "create": frozenset({ADMINISTRATOR}),
        "update": frozenset({KIOSK}),
    },
    "heartbeats": {"get": STAFF, "list": STAFF, "create": frozenset({KIOSK}), "update": frozenset({KIOSK})},
    "records": {"get": STAFF, "create": frozenset({KIOSK}), "update": frozenset({KIOSK})},
    "worklist": {"get": STAFF, "list": STAFF, "create": frozenset({KIOSK}), "update": STAFF},
    "consents": {"get": STAFF, "list": STAFF, "create": frozenset({KIOSK})},
    "reviews": {"get": STAFF, "list": STAFF, "create": DOCTORS},
    "audit": {"get": frozenset({ADMINISTRATOR}), "list": frozenset({ADMINISTRATOR}), "create": STAFF},
    "opened": {"get": STAFF, "list": STAFF, "create": STAFF, "update": STAFF},
    "others": {},
}
"""Who may; whoever is not named here is refused, and so is each operation that is not."""


def cells() -> Iterator[Cell]:
    for collection, may in MAY.items():
        for operation in OPERATIONS:
            yield Cell(collection, operation, _attempt(collection, operation), may.get(operation, NOBODY_AT_ALL))


def _attempt(collection: str, operation: str) -> Try:
    special = SPECIAL.get((collection, operation))
    if special is not None:
        return special
    path = PATHS[collection]
    match operation:
        case "get":
            return lambda world, actor: world.firestore.get(actor.token, path(world, actor))
        case "list":
            return lambda world, actor: world.firestore.list(actor.token, path(world, actor).rpartition("/")[0])
        case "create":
            return lambda world, actor: world.commit(
                actor, world.firestore.create(_beside(world, path(world, actor)), {"schema": 1})
            )
        case "update":
            return lambda world, actor: world.commit(actor, world.firestore.update(path(world, actor), {"schema": 1}))
        case _:
            return lambda world, actor: world.commit(actor, world.firestore.delete(path(world, actor)))


def _beside(world: World, path: str) -> str:
    return f"{path.rpartition('/')[0]}/{world.fresh()}"


def _of_record(collection: str) -> Callable[[World, Actor], str]:
    return lambda world, actor: f"sites/north/{collection}/{_opened(world, actor)}"


def _opened(world: World, actor: Actor) -> str:
    record = world.record()
    world.opened(record, actor)
    return record


def _review(world: World, actor: Actor) -> str:
    record = _opened(world, actor)
    return f"sites/north/records/{record}/reviews/{world.signed(record, 'doctor')}"


def _audit(world: World, actor: Actor) -> str:
    path = f"sites/north/audit/{world.fresh('entry')}"
    world.firestore.prepare(world.firestore.create(path, documents.entry(actor.uid, actor.name.title(), world.record())))
    return path


def _heartbeat(world: World, actor: Actor) -> str:
    world.firestore.prepare(world.firestore.set("sites/north/heartbeats/hall", documents.heartbeat()))
    return "sites/north/heartbeats/hall"


PATHS: dict[str, Callable[[World, Actor], str]] = {
    "sites": lambda world, actor: "sites/north",
    "models": lambda world, actor: "models/bundle",
    "patients": lambda world, actor: f"sites/north/patients/{documents.PATIENT}",
    "tombstones": lambda world, actor: "sites/north/tombstones/P-GONE",
    "kiosks": lambda world, actor: "sites/north/kiosks/hall",
    "commands": lambda world, actor: world.queued(),
    "heartbeats": _heartbeat,
    "records": _of_record("records"),
    "worklist": _of_record("worklist"),
    "consents": _of_record("consents"),
    "reviews": _review,
    "audit": _audit,
    "opened": lambda world, actor: f"sites/north/opened/{actor.uid}_{_opened(world, actor)}",
    "others": lambda world, actor: "sites/north/others/any",
}


def _queue(world: World, actor: Actor) -> Answer:
    return world.commit(
        actor, world.firestore.create(_beside(world, "sites/north/kiosks/hall/commands/x"), documents.command())
    )


def _answer(world: World, actor: Actor) -> Answer:
    return world.commit(actor, world.firestore.update(world.queued(), documents.answer()))


def _first_beat(world: World, actor: Actor) -> Answer:
    world.firestore.prepare(world.firestore.delete("sites/north/heartbeats/hall"))
    return world.commit(actor, world.firestore.create("sites/north/heartbeats/hall", documents.heartbeat()))


def _beat(world: World, actor: Actor) -> Answer:
    return world.commit(actor, world.firestore.set(_heartbeat(world, actor), documents.heartbeat(), exists=True))


def _arrive(world: World, actor: Actor) -> Answer:
    return world.commit(actor, *world.arrival(world.fresh("record")))


def _confirm(world: World, actor: Actor) -> Answer:
    record = world.record()
    content = {
        key: value for key, value in documents.record_document(record).items() if key in ("json", "sha256", "kiosk", "patient")
    }
    return world.commit(actor, world.firestore.update(f"sites/north/records/{record}", content))


def _open(first: int) -> Try:
    """Open a record, with this write first: the rules need not look at the others where it is refused."""

    def attempt(world: World, actor: Actor) -> Answer:
        writes = world.opening(actor, world.record())
        return world.commit(actor, writes.pop(first), *writes)

    return attempt


def _open_again(world: World, actor: Actor) -> Answer:
    return world.commit(actor, *world.opening(actor, _opened(world, actor)))


def _sign(world: World, actor: Actor) -> Answer:
    return world.commit(actor, *world.review(actor.name, _opened(world, actor)))


def _list_own(world: World, actor: Actor) -> Answer:
    world.opened(world.record(), actor)
    return world.firestore.list(actor.token, "sites/north/opened", uid=actor.uid)


SPECIAL: dict[tuple[str, str], Try] = {
    ("commands", "create"): _queue,
    ("commands", "update"): _answer,
    ("heartbeats", "create"): _first_beat,
    ("heartbeats", "update"): _beat,
    ("records", "create"): _arrive,
    ("records", "update"): _confirm,
    ("worklist", "create"): _arrive,
    ("worklist", "update"): _open(2),
    ("consents", "create"): _arrive,
    ("reviews", "create"): _sign,
    ("audit", "create"): _open(0),
    ("opened", "create"): _open(1),
    ("opened", "update"): _open_again,
    ("opened", "list"): _list_own,
}
"""What takes more than one plain document to be right."""
