"""The HTTP server of the portal: its files, its API, and what stands before both."""

from __future__ import annotations

import asyncio
import math
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from cloud_sync.local import api
from cloud_sync.local.cards import CardDamaged, CardMissing
from cloud_sync.local.changes import Changes
from cloud_sync.local.dist import DIST, Dist
from cloud_sync.local.faults import PortalFault, SignedOut
from cloud_sync.local.files import FileDamaged
from cloud_sync.local.guard import Handler, guard
from cloud_sync.local.portal import Portal
from cloud_sync.local.reader import NotHeld
from cloud_sync.paths import BadPath
from device.process.logs import Log

LARGEST_REQUEST = 64 << 10
"""Bytes. A note of 4,000 characters has up to 48,000 where each is written as ``\\ud83d\\ude00``."""
_KINDS = {401: "signed_out", 403: "not_allowed", 404: "not_there", 413: "too_large"}
_log = Log(__name__)


def build_app(portal: Portal, host: str, dist: Path = DIST, names: Sequence[str] = ()) -> web.Application:
    """Return the application for a server that is reached as ``host`` or under ``names``; the page's files are in ``dist``."""
    app = web.Application(middlewares=[guard(host, *names), _faults, _signed_in], client_max_size=LARGEST_REQUEST)
    app[api.PORTAL] = portal
    app[api.CHANGES] = Changes()
    app[api.SIGN_INS] = asyncio.Semaphore(1)
    files = Dist(dist)
    app.add_routes(api.routes())
    app.add_routes(
        [
            web.get("/", files.index),
            web.get("/__firstlight.json", _kind),
            web.route("*", "/api/{path:.*}", _nothing),
            web.get("/{path:.+}", files.file),
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
        return _problem(error.status, _KINDS.get(error.status, "unavailable"), error.text or error.reason)
    except PortalFault as error:
        response = _problem(error.status, error.kind, str(error))
        if error.retry_after_s is not None:
            response.headers["Retry-After"] = str(math.ceil(error.retry_after_s))
        return response
    except (NotHeld, CardMissing, BadPath) as error:
        return _problem(404, "not_there", str(error))
    except CardDamaged as error:
        return _problem(422, "damaged", str(error))
    except FileDamaged as error:
        _log.error("a file of the cloud is damaged", error=str(error))
        return _problem(
            409, "altered", "The file on the server's disk is not the one that the kiosk sent. Tell the technician."
        )
    except (OSError, sqlite3.Error) as error:
        _log.error("the cloud's folder cannot be read", error=str(error))
        return _problem(503, "unavailable", "The server cannot read its folder just now. Nothing is lost; tell the technician.")


@web.middleware
async def _signed_in(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let nobody see anything of a patient before signing in."""
    if request.path.startswith("/api/") and request.path not in api.OPEN:
        person = await api.person_of(request)
        if person is None or api.is_another(request, person):
            raise SignedOut
        request[api.PERSON] = person
    return await handler(request)


async def _kind(_: web.Request) -> web.StreamResponse:
    return web.json_response({"kind": "local"}, headers={"Cache-Control": "no-cache"})


async def _nothing(_: web.Request) -> web.StreamResponse:
    raise web.HTTPNotFound(text="There is no such request here.")


def _problem(status: int, kind: str, message: str) -> web.Response:
    document: dict[str, Any] = {"fault": kind, "problem": message}
    return api.json_response(document, status=status)
