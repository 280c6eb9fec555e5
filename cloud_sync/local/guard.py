"""What stands between a browser and the portal."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADERS = {
    # Everything comes from this server; nothing is inline, so a text that a device sent can never run. A photograph is shown
    # from memory (blob:), after its hash was compared.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src 'self'; "
        "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def guard(host: str, *names: str) -> Middleware:
    """Return the middleware for a server that is reached as ``host``, or through a TLS proxy under one of ``names``.

    A foreign ``Host`` is refused (DNS rebinding: a site of somebody else's that resolves to this machine), and so is a change
    that another site asks for (cross-site request forgery). Every answer carries `HEADERS`.
    """
    own = {host, *names} | ({"localhost", "127.0.0.1", "::1"} if is_loopback(host) else set())

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            if _name_of(f"//{request.host}") not in own:
                raise web.HTTPMisdirectedRequest(text="this server is not reached by that name")
            if request.method not in ("GET", "HEAD"):
                _require_own_page(request, own)
            response = await handler(request)
        except web.HTTPException as error:
            error.headers.update(HEADERS)
            raise
        response.headers.update(HEADERS)
        if request.path.startswith("/api/"):
            response.headers["Cache-Control"] = "no-store"
        return response

    return middleware


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _require_own_page(request: web.Request, names: set[str]) -> None:
    origin = request.headers.get("Origin")
    own = origin is None or (_name_of(origin) in names and origin.rpartition("//")[2] == request.host)
    # A form of another site can send no JSON without the browser asking this server first, which never agrees.
    if (
        not own
        or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin"
        or request.content_type != "application/json"
    ):
        raise web.HTTPForbidden(text="only this server's own page may change something")


def _name_of(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
