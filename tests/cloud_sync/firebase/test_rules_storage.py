"""storage.rules: who may store and fetch what, on Firebase's own Storage emulator. It counts no coverage of Storage rules."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

import pytest

from tests.cloud_sync.firebase.emulators import Emulators
from tests.cloud_sync.firebase.rules_rest import OWNER, Answer
from tests.cloud_sync.firebase.rules_world import (
    ANY_STAFF,
    EVERYBODY,
    FAR_KIOSK,
    KIOSK,
    LATE,
    NOBODY_AT_ALL,
    SIBLING,
    STAFF,
    STALE,
    Actor,
    World,
)

CONTENT = b"what a sensor saw"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
UPLOAD = "0123456789abcdef" * 2
KIOSKS = frozenset({KIOSK, SIBLING})
Try = Callable[[World, Actor], Answer]


@pytest.fixture(scope="module")
def world(emulators: Emulators) -> World:
    emulators.clear()
    return World(emulators)


def part(world: World, name: str = "capture.npz") -> str:
    return f"sites/north/records/{world.fresh('record')}/{SHA256}/{UPLOAD}/{name}"


def stored(world: World, media_type: str = "application/x-npz") -> str:
    path = part(world)
    assert world.storage.upload(OWNER, path, CONTENT, {"sha256": SHA256}, media_type).status == 200
    return path


def model(world: World) -> str:
    path = f"models/{SHA256}.tar"
    assert world.storage.upload(OWNER, path, CONTENT).status == 200
    return path


def upload(world: World, actor: Actor, path: str) -> Answer:
    return world.storage.upload(actor.token, path, CONTENT, {"sha256": SHA256})


def begun_again(world: World, actor: Actor) -> Answer:
    """Try an upload session for a part that is there, to its end."""
    return world.storage.in_session(actor.token, stored(world), CONTENT, {"sha256": SHA256})


MATRIX: dict[str, tuple[Try, frozenset[str]]] = {
    "download a part": (lambda world, actor: world.storage.download(actor.token, stored(world)), STAFF),
    "describe a part": (lambda world, actor: world.storage.describe(actor.token, stored(world)), STAFF),
    "list a record's parts": (
        lambda world, actor: world.storage.list(actor.token, f"{stored(world).rpartition('/')[0]}/"),
        NOBODY_AT_ALL,
    ),
    "list a site's records": (lambda world, actor: world.storage.list(actor.token, "sites/north/records/"), NOBODY_AT_ALL),
    "store a part": (lambda world, actor: upload(world, actor, part(world)), KIOSKS),
    "store the same part again": (lambda world, actor: upload(world, actor, stored(world)), NOBODY_AT_ALL),
    "begin to store the same part again": (lambda world, actor: begun_again(world, actor), NOBODY_AT_ALL),
    "write the same metadata of a part again": (
        lambda world, actor: world.storage.relabel(actor.token, stored(world), {}),
        NOBODY_AT_ALL,
    ),
    "overwrite a part": (
        lambda world, actor: world.storage.upload(actor.token, stored(world), b"what a sensor SAW", {"sha256": SHA256}),
        NOBODY_AT_ALL,
    ),
    "relabel a part": (
        lambda world, actor: world.storage.relabel(actor.token, stored(world), {"contentType": "text/html"}),
        NOBODY_AT_ALL,
    ),
    "say something more of a part": (
        lambda world, actor: world.storage.relabel(actor.token, stored(world), {"metadata": {"read": "yes"}}),
        NOBODY_AT_ALL,
    ),
    "delete a part": (lambda world, actor: world.storage.delete(actor.token, stored(world)), NOBODY_AT_ALL),
    "download a model": (
        lambda world, actor: world.storage.download(actor.token, model(world)),
        ANY_STAFF | KIOSKS | {FAR_KIOSK},
    ),
    "store a model": (lambda world, actor: upload(world, actor, f"models/{world.fresh()}.tar"), NOBODY_AT_ALL),
    "overwrite a model": (lambda world, actor: upload(world, actor, model(world)), NOBODY_AT_ALL),
    "delete a model": (lambda world, actor: world.storage.delete(actor.token, model(world)), NOBODY_AT_ALL),
    "list the models": (lambda world, actor: world.storage.list(actor.token, "models/"), NOBODY_AT_ALL),
    "store anything else": (lambda world, actor: upload(world, actor, f"sites/north/{world.fresh()}"), NOBODY_AT_ALL),
    "read anything else": (lambda world, actor: world.storage.download(actor.token, "sites/north/records/any"), NOBODY_AT_ALL),
}


@pytest.mark.parametrize("what", MATRIX)
def test_each_operation_is_allowed_to_those_who_may_and_to_nobody_else(world: World, what: str) -> None:
    attempt, may = MATRIX[what]
    assert {name for name in EVERYBODY if attempt(world, world[name]).allowed} == may


def test_a_part_is_named_by_its_hash(world: World) -> None:
    token = world[KIOSK].token
    for metadata in ({}, {"sha256": "0" * 64}, {"sha256": SHA256.upper()}):
        assert not world.storage.upload(token, part(world), CONTENT, metadata).allowed
    nameless = part(world).replace(SHA256, "latest")
    assert not world.storage.upload(token, nameless, CONTENT, {"sha256": "latest"}).allowed


def test_each_upload_has_a_path_of_its_own(world: World) -> None:
    token = world[KIOSK].token
    for upload_id in ("latest", "0" * 31, "0" * 33, "A" * 32, UPLOAD[:-1] + "g"):
        assert not world.storage.upload(token, part(world).replace(UPLOAD, upload_id), CONTENT, {"sha256": SHA256}).allowed
    without = part(world).replace(f"/{UPLOAD}", "")
    assert not world.storage.upload(token, without, CONTENT, {"sha256": SHA256}).allowed


def test_no_answer_to_a_kiosk_says_anything_of_an_object_that_was_there_before(world: World) -> None:
    """A download token opens an object for ever, past all rules: a thief of a kiosk must get none for what it sent before."""
    path = stored(world)
    same = {"contentType": "application/x-npz", "metadata": {"sha256": SHA256}}
    for answer in (
        upload(world, world[KIOSK], path),
        begun_again(world, world[KIOSK]),
        *(world.storage.relabel(world[KIOSK].token, path, change) for change in ({}, same, {"metadata": {"sha256": SHA256}})),
        world.storage.describe(world[KIOSK].token, path),
        world.storage.download(world[KIOSK].token, path),
        world.storage.list(world[KIOSK].token, path.rpartition("/")[0] + "/"),
    ):
        assert answer.status == 403
        assert "downloadTokens" not in str(answer.body)


def test_a_part_of_more_than_32_mib_is_refused(world: World) -> None:
    limit = 32 * 1024 * 1024
    assert not world.storage.upload(world[KIOSK].token, part(world), bytes(limit + 1), {"sha256": SHA256}).allowed
    assert world.storage.upload(world[KIOSK].token, part(world), bytes(limit), {"sha256": SHA256}).allowed


def test_an_old_token_a_late_sign_in_and_a_user_who_is_no_kiosk_store_and_fetch_nothing(world: World) -> None:
    impostor = world.kiosk("kiosk", "north", "hall", uid="somebody")
    endless = world.kiosk("kiosk", "north", "hall", until_s=None)
    for who in (world[STALE], world[LATE], impostor, endless):
        assert not upload(world, who, part(world)).allowed
        assert not world.storage.download(who.token, model(world)).allowed


def test_the_upload_answers_with_the_md5_of_what_is_stored(world: World) -> None:
    """A kiosk compares it with that of what it sent."""
    answer = upload(world, world[KIOSK], part(world))
    assert base64.b64decode(answer.body["md5Hash"]) == hashlib.md5(CONTENT, usedforsecurity=False).digest()
    assert int(answer.body["size"]) == len(CONTENT)
