"""What the portal's page asks for, one function for each request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from aiohttp import web

from cloud_sync.local.accounts import LONGEST_PASSPHRASE, Person
from cloud_sync.local.bodies import body_of, word, word_or_none
from cloud_sync.local.changes import Changes
from cloud_sync.local.portal import Portal
from cloud_sync.local.reviews import Signed
from cloud_sync.local.sessions import LONGEST_S
from cloud_sync.local.signing_in import CodeWanted, SignedIn
from cloud_sync.local.worklist import Query

COOKIE = "firstlight_session"
PORTAL = web.AppKey("portal", Portal)
CHANGES = web.AppKey("changes", Changes)
SIGN_INS = web.AppKey("sign_ins", asyncio.Semaphore)
"""One at a time is tried: a passphrase costs time on purpose, and whoever sends a hundred must not keep others from reading."""
PERSON = "person"
OPEN = frozenset({"/api/sign-in", "/api/sign-in/code", "/api/sign-out", "/api/session"})
"""What may be asked without being signed in; the last answers that nobody is."""
LONGEST_FIND = 100
LARGEST_NOTE = 16_000
"""Characters that are read; how many are taken is said by `cloud_sync.local.reviews`."""
T = TypeVar("T")


def routes() -> list[web.RouteDef]:
    record = "/api/records/{site}/{id}"
    return [
        web.get("/api/session", _session),
        web.post("/api/sign-in", _sign_in),
        web.post("/api/sign-in/code", _sign_in_with_code),
        web.post("/api/sign-out", _sign_out),
        web.post("/api/totp", _begin_totp),
        web.post("/api/totp/confirm", _confirm_totp),
        web.get("/api/site", _site),
        web.get("/api/counts", _counts),
        web.get("/api/worklist", _worklist),
        web.get("/api/changes", _changes),
        web.get("/api/patients/{patient}/records", _patient),
        web.get(record, _document),
        web.post(f"{record}/open", _open),
        web.get(f"{record}/parts/{{part}}", _part),
        web.get(f"{record}/reviews", _reviews),
        web.post(f"{record}/reviews", _review),
        web.get("/api/models/{sha256}", _card),
        web.get("/api/fleet", _fleet),
        web.get("/api/audit", _audit),
    ]


async def person_of(request: web.Request) -> Person | None:
    """Return who is signed in."""
    used = request.headers.get("X-Background") != "1"  # a timer of the page must not keep a session alive
    token = request.cookies.get(COOKIE, "")

    def ask() -> Person | None:
        with request.app[PORTAL].signing_in() as signing_in:
            return signing_in.person_of(token, used=used)

    return await call(ask)


def is_another(request: web.Request, person: Person) -> bool:
    """Whether the page believes that somebody else is signed in: in another tab one left and the next one came."""
    believed = request.headers.get("X-Signed-In-As")
    return believed is not None and unquote(believed) != person.uid


async def call(method: Callable[..., T], *arguments: Any) -> T:
    """Run what reads the disk or hashes a passphrase outside the event loop."""
    return await asyncio.to_thread(method, *arguments)


def json_response(document: dict[str, Any], status: int = 200) -> web.Response:
    return web.json_response(text=json.dumps(document, allow_nan=False, default=_plain), status=status)


# -- who


async def _session(request: web.Request) -> web.StreamResponse:
    person = await person_of(request)
    return json_response({"session": _as_json(person) if person and not is_another(request, person) else None})


async def _sign_in(request: web.Request) -> web.StreamResponse:
    body = await body_of(request, "name", "passphrase")
    name, passphrase = word(body, "name").strip(), word(body, "passphrase", 4 * LONGEST_PASSPHRASE).strip()

    def ask() -> SignedIn | CodeWanted:
        with request.app[PORTAL].signing_in() as signing_in:
            return signing_in.with_passphrase(name, passphrase)

    async with request.app[SIGN_INS]:
        answer = await call(ask)
    match answer:
        case CodeWanted(ticket):
            return json_response({"second_factor": ticket})
        case SignedIn() as signed_in:
            return _welcome(request, signed_in)


async def _sign_in_with_code(request: web.Request) -> web.StreamResponse:
    body = await body_of(request, "ticket", "code")
    ticket, code = word(body, "ticket"), word(body, "code")

    def ask() -> SignedIn:
        with request.app[PORTAL].signing_in() as signing_in:
            return signing_in.with_code(ticket, code)

    return _welcome(request, await call(ask))


def _welcome(request: web.Request, signed_in: SignedIn) -> web.Response:
    response = json_response({"session": _as_json(signed_in.person)})
    # Through a TLS proxy it must never go in clear to the same address.
    secure = request.headers.get("Origin", "").startswith("https://")
    age = int(LONGEST_S)
    response.set_cookie(COOKIE, signed_in.token, httponly=True, secure=secure, samesite="Strict", path="/", max_age=age)
    return response


async def _sign_out(request: web.Request) -> web.StreamResponse:
    token, person = request.cookies.get(COOKIE, ""), await person_of(request)
    if person is not None and is_another(request, person):
        return json_response({})  # whoever the page means has left already

    def ask() -> None:
        with request.app[PORTAL].signing_in() as signing_in:
            signing_in.sign_out(token)

    await call(ask)
    response = json_response({})
    response.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict")
    return response


async def _begin_totp(request: web.Request) -> web.StreamResponse:
    def ask() -> dict[str, str]:
        with request.app[PORTAL].signing_in() as signing_in:
            return signing_in.begin_totp(request[PERSON])

    return json_response(await call(ask))


async def _confirm_totp(request: web.Request) -> web.StreamResponse:
    code = word(await body_of(request, "code"), "code")

    def ask() -> None:
        with request.app[PORTAL].signing_in() as signing_in:
            signing_in.confirm_totp(request[PERSON], code)

    await call(ask)
    return json_response({})


# -- what is there


async def _site(request: web.Request) -> web.StreamResponse:
    return json_response(await call(request.app[PORTAL].site, request[PERSON]))


async def _counts(request: web.Request) -> web.StreamResponse:
    return json_response(await call(request.app[PORTAL].counts, request[PERSON]))


async def _worklist(request: web.Request) -> web.StreamResponse:
    asked, portal, person = request.query, request.app[PORTAL], request[PERSON]
    patients = await call(portal.patients_of, person) if asked.get("mine") == "1" else None
    query = Query(
        asked.get("reading", "all"), asked.get("urgency"), asked.get("modality"), asked.get("find", "")[:LONGEST_FIND], patients
    )
    return json_response(await call(portal.worklist, person, query, asked.get("after")))


async def _changes(request: web.Request) -> web.StreamResponse:
    portal, person = request.app[PORTAL], request[PERSON]
    token = await request.app[CHANGES].after(request.query.get("after", ""), lambda: call(portal.token, person))
    return json_response({"token": token})


async def _patient(request: web.Request) -> web.StreamResponse:
    return json_response(await call(request.app[PORTAL].patient, request[PERSON], request.match_info["patient"]))


async def _fleet(request: web.Request) -> web.StreamResponse:
    return json_response(await call(request.app[PORTAL].fleet, request[PERSON]))


async def _audit(request: web.Request) -> web.StreamResponse:
    asked = request.query
    arguments = (request[PERSON], asked.get("record"), asked.get("uid"), asked.get("after"))
    return json_response(await call(request.app[PORTAL].audit, *arguments))


async def _card(request: web.Request) -> web.StreamResponse:
    card = await call(request.app[PORTAL].card, request.match_info["sha256"])
    model = card.get("model")
    named = model if isinstance(model, dict) else {}
    return json_response({"name": str(named.get("name", "")), "version": str(named.get("version", "")), "card": card})


# -- one record


async def _open(request: web.Request) -> web.StreamResponse:
    await body_of(request)
    opened = await call(request.app[PORTAL].open, request[PERSON], *_record_of(request))
    request.app[CHANGES].happened()
    return json_response(opened)


async def _document(request: web.Request) -> web.StreamResponse:
    return json_response(await call(request.app[PORTAL].document, request[PERSON], *_record_of(request)))


async def _part(request: web.Request) -> web.StreamResponse:
    site, record = _record_of(request)
    part = request.match_info["part"]
    content = await call(request.app[PORTAL].part, request[PERSON], site, record, part)
    # Whatever media type a device claimed: a browser shall keep this, not show it.
    response = web.Response(body=content, content_type="application/octet-stream")
    name = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in f"{record[:8]}-{Path(part).stem}")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}{_suffix(part)}"'
    return response


async def _reviews(request: web.Request) -> web.StreamResponse:
    return json_response(await call(request.app[PORTAL].reviews, request[PERSON], *_record_of(request)))


async def _review(request: web.Request) -> web.StreamResponse:
    body = await body_of(request, "record_sha256", "verdict", "note", "supersedes")
    signed = Signed(
        word(body, "record_sha256"), word(body, "verdict"), word(body, "note", LARGEST_NOTE), word_or_none(body, "supersedes")
    )
    review = await call(request.app[PORTAL].review, request[PERSON], *_record_of(request), signed)
    request.app[CHANGES].happened()
    return json_response(review)


def _record_of(request: web.Request) -> tuple[str, str]:
    return request.match_info["site"], request.match_info["id"]


def _as_json(person: Person) -> dict[str, str]:
    return {"uid": person.uid, "name": person.name, "role": person.role.value, "site": person.site}


def _suffix(part: str) -> str:
    suffix = Path(part).suffix
    return suffix if suffix[1:].isascii() and suffix[1:].isalnum() else ""


def _plain(value: object) -> str:
    """TOML has dates and times, JSON has none."""
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    raise TypeError(type(value).__name__)
