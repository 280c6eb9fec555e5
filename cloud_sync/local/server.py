"""The HTTP server of the doctor's page."""

from __future__ import annotations

import asyncio
import json
import math
import sqlite3
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from cloud_sync.local.capture import BadCapture
from cloud_sync.local.cards import CardDamaged, CardMissing
from cloud_sync.local.files import FileDamaged
from cloud_sync.local.guard import Handler, guard
from cloud_sync.local.portal import Portal, SignInFailed, SignInPaused
from cloud_sync.local.reader import NotHeld
from cloud_sync.local.sessions import LONGEST_S
from cloud_sync.paths import BadPath, document_path
from device.process.logs import Log

STATIC = Path(__file__).parent / "static"
COOKIE = "firstlight_session"
LARGEST_REQUEST = 16 << 10
LONGEST_FIND = 100
_PORTAL = web.AppKey("portal", Portal)
_ACCOUNT = "account"
_OPEN = ("/api/sign-in", "/api/me")
"""What may be asked without being signed in; the second answers that nobody is."""
_log = Log(__name__)
T = TypeVar("T")


def build_app(portal: Portal, host: str) -> web.Application:
    """Return the application for a server that is reached as ``host``."""
    app = web.Application(middlewares=[guard(host), _faults, _signed_in], client_max_size=LARGEST_REQUEST)
    app[_PORTAL] = portal
    record = "/api/records/{site}/{id}"
    app.add_routes(
        [
            web.get("/", _index),
            web.static("/static", STATIC),
            web.post("/api/sign-in", _sign_in),
            web.post("/api/sign-out", _sign_out),
            web.get("/api/me", _me),
            web.get("/api/records", _records),
            web.get(record, _record),
            web.post(f"{record}/opened", _opened),
            web.get(f"{record}/images", _images),
            web.get(f"{record}/parts/{{part}}", _part),
            web.get("/api/models/{sha256}", _card),
        ]
    )
    return app


@web.middleware
async def _faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what can go wrong into a status and a sentence for the page."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400 or not request.path.startswith("/api/"):
            raise
        return _problem(error.status, error.text or error.reason)
    except (NotHeld, CardMissing, BadPath) as error:
        return _problem(404, str(error))
    except (BadCapture, CardDamaged, FileDamaged) as error:
        return _problem(422, str(error))
    except (OSError, sqlite3.Error) as error:
        _log.error("the cloud's folder cannot be read", error=str(error))
        return _problem(503, "The server cannot read its folder just now. Nothing is lost; tell the technician.")


@web.middleware
async def _signed_in(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let nobody see anything of a patient before signing in."""
    if request.path.startswith("/api/") and request.path not in _OPEN:
        account = _account_of(request)
        if account is None:
            return _problem(401, "You are signed out.")
        request[_ACCOUNT] = account
    return await handler(request)


def _account_of(request: web.Request) -> str | None:
    used = request.headers.get("X-Background") != "1"  # a timer of the page must not keep a session alive
    return request.app[_PORTAL].account_of(request.cookies.get(COOKIE, ""), used=used)


async def _index(_: web.Request) -> web.StreamResponse:
    return web.FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})


async def _sign_in(request: web.Request) -> web.StreamResponse:
    try:
        given = await request.json()
        name, passphrase = given["name"], given["passphrase"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise web.HTTPBadRequest(text="This is no sign-in.") from None
    if not isinstance(name, str) or not isinstance(passphrase, str):
        raise web.HTTPBadRequest(text="This is no sign-in.")
    try:
        token = await _call(request.app[_PORTAL].sign_in, name.strip(), passphrase.strip())
    except SignInPaused as error:
        seconds = math.ceil(error.wait_s)
        response = _problem(429, f"Too many wrong passphrases. Try again in {seconds} seconds.")
        response.headers["Retry-After"] = str(seconds)
        return response
    except SignInFailed:
        return _problem(401, "Name or passphrase is wrong.")
    response = _json({"name": name.strip()})
    response.set_cookie(COOKIE, token, httponly=True, samesite="Strict", path="/", max_age=int(LONGEST_S))
    return response


async def _sign_out(request: web.Request) -> web.StreamResponse:
    request.app[_PORTAL].sign_out(request.cookies.get(COOKIE, ""))
    response = _json({})
    response.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict")
    return response


async def _me(request: web.Request) -> web.StreamResponse:
    return _json({"name": _account_of(request)})


async def _records(request: web.Request) -> web.StreamResponse:
    find = request.query.get("find", "")[:LONGEST_FIND]
    return _json(await _call(request.app[_PORTAL].records, request[_ACCOUNT], find))


async def _record(request: web.Request) -> web.StreamResponse:
    return _json(await _call(request.app[_PORTAL].record, request[_ACCOUNT], _path_of(request)))


async def _opened(request: web.Request) -> web.StreamResponse:
    await _call(request.app[_PORTAL].mark_opened, request[_ACCOUNT], _path_of(request))
    return _json({})


async def _images(request: web.Request) -> web.StreamResponse:
    site, record_id = request.match_info["site"], request.match_info["id"]
    return _json(await _call(request.app[_PORTAL].images, site, record_id))


async def _part(request: web.Request) -> web.StreamResponse:
    site, record_id, part = (request.match_info[key] for key in ("site", "id", "part"))
    content, _ = await _call(request.app[_PORTAL].part, site, record_id, part)
    # Whatever media type a device claimed: a browser shall keep this, not show it.
    response = web.Response(body=content, content_type="application/octet-stream")
    name = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in f"{record_id[:8]}-{Path(part).stem}")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}{_suffix(part)}"'
    return response


async def _card(request: web.Request) -> web.StreamResponse:
    return _json(await _call(request.app[_PORTAL].card, request.match_info["sha256"]))


def _suffix(part: str) -> str:
    suffix = Path(part).suffix
    return suffix if suffix[1:].isascii() and suffix[1:].isalnum() else ""


def _path_of(request: web.Request) -> str:
    return document_path(request.match_info["site"], request.match_info["id"])


async def _call(method: Callable[..., T], *arguments: Any) -> T:
    """Run what reads the disk or hashes a passphrase outside the event loop."""
    return await asyncio.to_thread(method, *arguments)


def _problem(status: int, message: str) -> web.Response:
    return _json({"problem": message}, status=status)


def _json(document: dict[str, Any], status: int = 200) -> web.Response:
    return web.json_response(text=json.dumps(document, allow_nan=False, default=_plain), status=status)


def _plain(value: object) -> str:
    """TOML has dates and times, JSON has none."""
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    raise TypeError(type(value).__name__)
