"""One field wrong in a commit that is right otherwise: each must be refused, and what is as good as it must not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.cloud_sync.firebase import rules_documents as documents
from tests.cloud_sync.firebase.rules_rest import Answer, Write
from tests.cloud_sync.firebase.rules_world import ADMINISTRATOR, DOCTOR, KIOSK, World


@dataclass(frozen=True)
class Case:
    name: str
    attempt: Callable[[World], Answer]
    allowed: bool


Changes = Mapping[str, Any]
Commit = Callable[[World, Changes], Answer]
"""Commits a document with these fields changed; `MISSING` leaves one out."""
MISSING = object()
LONG = "x" * 301
EARLIER = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def changed(document: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    return {key: value for key, value in {**document, **changes}.items() if value is not MISSING}


def with_arrival(collection: str) -> Commit:
    """Let a record arrive with something changed in its document, its line or its consent."""

    def commit(world: World, changes: Changes) -> Answer:
        record = world.fresh("record")
        made: dict[str, Mapping[str, Any]] = {
            "records": documents.record_document(record),
            "worklist": documents.line(record),
            "consents": documents.consent(record),
        }
        made[collection] = changed(made[collection], changes)
        return world.commit(KIOSK, *(world.firestore.create(f"sites/north/{name}/{record}", made[name]) for name in made))

    return commit


def beat(world: World, changes: Changes) -> Answer:
    return world.commit(KIOSK, world.firestore.set("sites/north/heartbeats/hall", changed(documents.heartbeat(), changes)))


def queue(world: World, changes: Changes) -> Answer:
    path = f"sites/north/kiosks/hall/commands/{world.fresh('command')}"
    return world.commit(ADMINISTRATOR, world.firestore.create(path, changed(documents.command(), changes)))


def answer(world: World, changes: Changes) -> Answer:
    return world.commit(KIOSK, world.firestore.update(world.queued(), changed(documents.answer(), changes)))


def audit(world: World, changes: Changes) -> Answer:
    fields = documents.entry("doctor", "Doctor", world.record())
    return world.commit(DOCTOR, world.firestore.create(f"sites/north/audit/{world.fresh('entry')}", changed(fields, changes)))


def open_record(world: World, changes: Changes) -> Answer:
    record = world.record()
    audited, _ = world.opening(DOCTOR, record, reading=False)
    fields = changed(documents.opening("doctor", record, _name(audited)), changes)
    return world.commit(DOCTOR, audited, world.firestore.set(f"sites/north/opened/doctor_{record}", fields))


def sign(world: World, changes: Changes) -> Answer:
    record = world.record()
    world.opened(record, DOCTOR)
    review = world.fresh("review")
    fields = changed(documents.review("doctor", "Doctor", record), changes)
    told = {"reading": "reviewed", "to_do": False, "last_verdict": fields.get("verdict"), "last_review": review}
    return world.commit(
        DOCTOR,
        world.firestore.create(f"sites/north/records/{record}/reviews/{review}", fields),
        world.firestore.update(f"sites/north/worklist/{record}", told),
    )


def tell(world: World, changes: Changes) -> Answer:
    record = world.record()
    world.opened(record, DOCTOR)
    return world.commit(DOCTOR, *world.review(DOCTOR, record, told=changes))


def _name(write: Write) -> str:
    path: str = write["update"]["name"]
    return path.rpartition("/")[2]


COMMITS: dict[str, Commit] = {
    "record": with_arrival("records"),
    "line": with_arrival("worklist"),
    "consent": with_arrival("consents"),
    "heartbeat": beat,
    "command": queue,
    "answer": answer,
    "audit": audit,
    "opening": open_record,
    "review": sign,
    "verdict on the line": tell,
}
WHOLE: dict[str, tuple[str, ...]] = {
    "record": tuple(documents.record_document("x")),
    "line": tuple(documents.line("x")),
    "consent": tuple(documents.consent("x")),
    "heartbeat": tuple(documents.heartbeat()),
    "command": tuple(documents.command()),
    "answer": tuple(documents.answer()),
    "audit": tuple(documents.entry("x", "x", "x")),
    "opening": tuple(documents.opening("x", "x", "x")),
    "review": tuple(documents.review("x", "x", "x")),
}
"""Documents of which no field may be missing, and to which none may be added."""
BAD: dict[str, dict[str, tuple[Any, ...]]] = {
    "record": {
        "schema": (2, "1", None),
        "json": ("{}", None, 1),
        "sha256": ("0" * 64, None),
        "kiosk": ("door", None),
        "patient": ("P-GONE", "P-2", 1, "a/b", LONG),
        "uploads": (
            None,
            ["0" * 32],
            {"a": "0" * 31},
            {"a": "../" + "0" * 29},
            {"a": "0" * 32, "b": 1},
            {"a": "0" * 32, "b": None},
            {str(number): "0" * 32 for number in range(101)},
        ),
        "received_at": (EARLIER, None, "now"),
    },
    "line": {
        "schema": (2,),
        "record": ("another", None),
        "kiosk": ("door", None),
        "patient": ("P-2", None),
        "patient_confirmed": (None, "yes"),
        "modality": (LONG, 1),
        "captured_at": (LONG, 1),
        "clock_synchronised": (None, "yes"),
        "received_at": (EARLIER, None),
        "urgency": ("routine", "not_assessed", "tomorrow", None),
        "rank": (1, 2, "0", None),
        "outcome": (LONG, 1),
        "result": (LONG, 1),
        "probability": ("0.7",),
        "difference_k": ("0.7",),
        "uncertainty_k": ("0.7",),
        "lesion_ml": ("0.7",),
        "lesion_uncertainty_ml": ("0.7",),
        "reading": ("opened", "reviewed", None),
        "last_verdict": ("agree",),
        "to_do": (False, None),
    },
    "consent": {
        "schema": (2,),
        "record": ("another",),
        "patient": ("P-2", None),
        "text_version": (LONG, 1),
        "screening": (None, "yes"),
        "photo": (None, "yes"),
        "training": (None, "yes"),
        "language": (LONG, 1),
        "captured_at": (LONG, 1),
        "received_at": (EARLIER,),
    },
    "heartbeat": {
        "schema": (2,),
        "at": (EARLIER, None),
        "version": ("x" * 101, None),
        "waiting": ("3", 3.5),
        "laid_aside": ("3",),
        "disk_free_bytes": ("3",),
        "disk_total_bytes": ("3",),
        "sensor_noise_k": ("0.1",),
        "clock_synchronised": ("yes", None),
        "warnings": ("none", None, ["x"] * 21, *([*["x"] * place, bad] for place in range(20) for bad in (LONG, 1))),
    },
    "command": {
        "schema": (2,),
        "kind": ("x" * 65, 1),
        "value": ("{}", None),
        "queued_at": (EARLIER,),
        "state": ("answered",),
        "accepted": (True,),
        "detail": ("",),
        "answered_at": (EARLIER,),
    },
    "answer": {
        "state": ("queued", None),
        "accepted": (None, "yes"),
        "detail": ("x" * 2001, None),
        "answered_at": (EARLIER,),
        "kind": ("other",),
        "value": ({},),
    },
    "audit": {
        "schema": (2,),
        "uid": ("colleague",),
        "name": ("Colleague", None),
        "action": ("open_audit", "look", None),
        "record": ("another", None, 1),
        "patient": ("P-2", None),
        "at": (EARLIER,),
    },
    "opening": {
        "schema": (2,),
        "uid": ("colleague",),
        "record": ("another",),
        "entry": ("another", None),
        "at": (EARLIER,),
    },
    "review": {
        "schema": (2,),
        "record": ("another",),
        "record_sha256": ("0" * 64,),
        "patient": ("P-2", None),
        "author": ("colleague",),
        "author_name": ("Colleague", None),
        "verdict": ("benign", None),
        "note": ("x" * 4001, None, 1),
        "supersedes": ("another", 1),
        "at": (EARLIER,),
    },
    "verdict on the line": {
        "reading": ("opened", "unread"),
        "to_do": (True, None),
        "last_verdict": ("agree", None),
        "last_review": ("another", None),
        "patient": ("P-2",),
        "urgency": ("routine",),
        "received_at": (EARLIER,),
    },
}
GOOD: dict[str, tuple[Changes, ...]] = {
    "record": ({}, {"uploads": {}}, {"uploads": {str(number): f"{number:032x}" for number in range(100)}}),
    "line": (
        {"urgency": "routine", "rank": 2},
        {"urgency": "not_assessed", "rank": 1},
        dict.fromkeys(("modality", "captured_at", "outcome", "result", "probability", "difference_k", "uncertainty_k")),
        {"lesion_ml": 3.2, "lesion_uncertainty_ml": 1, "probability": 1, "modality": "mri"},
    ),
    "consent": ({}, dict.fromkeys(("text_version", "language", "captured_at"))),
    "heartbeat": ({}, {"sensor_noise_k": None, "warnings": []}, {"warnings": ["ü" * 300] * 20}),
    "command": ({}, {"value": {}}),
    "answer": ({}, {"accepted": False, "detail": ""}),
    "audit": ({}, {"action": "export"}),
    "opening": ({},),
    "review": (
        {},
        {"note": ""},
        {"note": "ü" * 4000},
        *({"verdict": verdict} for verdict in ("agree", "disagree", "not_assessable")),
    ),
    "verdict on the line": ({},),
}


def cases() -> Iterator[Case]:
    for document, commit in COMMITS.items():
        for good in GOOD[document]:
            yield _case(document, f"is taken with {_short(good)}", commit, good, True)
        for field in WHOLE.get(document, ()):
            yield _case(document, f"is refused without {field}", commit, {field: MISSING}, False)
        if document in WHOLE:
            yield _case(document, "is refused with a field more", commit, {"role": "administrator"}, False)
        for field, values in BAD[document].items():
            for value in values:
                yield _case(document, f"is refused with {_short({field: value})}", commit, {field: value}, False)


def _case(document: str, what: str, commit: Commit, changes: Changes, allowed: bool) -> Case:
    return Case(f"{document} {what}", lambda world: commit(world, changes), allowed)


def _short(changes: Changes) -> str:
    text = ", ".join(f"{key}={value!r}" for key, value in changes.items()) or "nothing changed"
    return text if len(text) <= 60 else f"{text[:50]}…{len(text)}"
