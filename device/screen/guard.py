"""Who may talk to the screen's server: pages that it served itself, on this machine, and nobody else.

Loopback alone does not keep other web pages out: a browser on this machine would carry their requests here. A page that has
re-bound its own name to 127.0.0.1 betrays itself by its Host header, any other foreign page by its Origin.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-src 'self'",  # the bench page shows the screen beside its levers
        "frame-ancestors 'self'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), usb=(), serial=()",
    "Referrer-Policy": "no-referrer",
    "Server": "Firstlight",
    "X-Content-Type-Options": "nosniff",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def guard(port: int) -> Middleware:
    """Return the middleware that refuses foreign requests with 403 and stamps `HEADERS` on every answer."""
    hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
    if port == 80:
        hosts |= {"127.0.0.1", "localhost"}
    origins = {f"http://{host}" for host in hosts}

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        complaint = _complaint(request, hosts, origins)
        try:
            response = web.Response(status=403, text=complaint) if complaint else await handler(request)
        except web.HTTPException as error:
            error.headers.update(HEADERS)
            raise
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    return middleware


def _complaint(request: web.Request, hosts: set[str], origins: set[str]) -> str | None:
    headers = request.headers
    if headers.getall("Host", []) not in [[host] for host in hosts]:
        return "this server answers to 127.0.0.1 and localhost alone"
    origin = headers.get("Origin")
    if origin is not None and origin not in origins:
        return "this server answers its own pages alone"
    if origin is None and request.method not in ("GET", "HEAD"):
        return "a request that changes something names its origin"
    # A page elsewhere may still embed what is served here; it may only link to it.
    if headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin") and headers.get("Sec-Fetch-Mode") != "navigate":
        return "this server answers its own pages alone"
    return None
