"""The requests of the patient's pages, and the one stream that tells them what to show."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from device.screen.board import Board
from device.screen.catalogue import Catalogue
from device.screen.errors import BadTouch, StaleTouch
from device.screen.guard import HEADERS
from device.screen.health import HealthRows
from device.screen.touch import parse_touch
from device.screen.view import Say

STATIC = Path(__file__).parent / "static"
PING_S = 2.0
"""A browser that has heard nothing for three times as long wipes its page (static/stream.js)."""
LARGEST_TOUCH = 1024
"""Bytes."""
MEDIA_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain",
}


class Pages:
    """Request handlers around one `Board`. All of it runs on the server's event loop."""

    def __init__(self, board: Board, catalogues: Mapping[str, Catalogue], health: HealthRows, lapse_s: float) -> None:
        self._board = board
        self._lapse_s = lapse_s
        self._health = health
        self._catalogue = json.dumps(
            {
                "default": board.default,
                "languages": [{"code": each.code, "name": each.name} for each in catalogues.values()],
                "texts": {each.code: dict(each.texts) for each in catalogues.values()},
            },
            ensure_ascii=False,
        )
        self._files = {path.name: path.read_bytes() for path in STATIC.iterdir() if path.suffix in MEDIA_TYPES}
        self._streams: set[asyncio.Event] = set()
        self._closing = False

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self._page("index.html")),
            web.get("/health", self._page("health.html")),
            web.get("/static/{name}", self._static),
            web.get("/catalogue.json", self._texts),
            web.get("/health.json", self._health_rows),
            web.get("/events", self._events),
            web.post("/touch", self._touch),
        ]

    def changed(self) -> None:
        """Wake every stream, because the board has changed."""
        for stream in self._streams:
            stream.set()

    def close(self) -> None:
        """End every stream."""
        self._closing = True
        self.changed()

    def file(self, name: str) -> web.Response:
        """Answer with a static file; raises 404."""
        if name not in self._files:
            raise web.HTTPNotFound(text="there is no such file")
        return web.Response(body=self._files[name], content_type=MEDIA_TYPES[Path(name).suffix], charset=_charset(name))

    def _page(self, name: str) -> Any:
        async def handler(_request: web.Request) -> web.Response:
            return self.file(name)

        return handler

    async def _static(self, request: web.Request) -> web.Response:
        return self.file(request.match_info["name"])

    async def _texts(self, _request: web.Request) -> web.Response:
        return web.Response(text=self._catalogue, content_type="application/json")

    async def _health_rows(self, _request: web.Request) -> web.Response:
        return web.json_response(self._health.rows)

    async def _touch(self, request: web.Request) -> web.Response:
        try:
            touch = parse_touch(await read_json(request, LARGEST_TOUCH))
            self._board.touch(touch)
        except StaleTouch as error:
            return web.Response(status=409, text=str(error))
        except BadTouch as error:
            return web.Response(status=400, text=str(error))
        if touch.say is Say.LANGUAGE:
            self.changed()
            asyncio.get_running_loop().call_later(self._lapse_s, self._lapse, self._board.choices)
        return web.Response(status=204)

    def _lapse(self, choice: int) -> None:
        self._board.reset_language(choice)
        self.changed()

    async def _events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        wake = asyncio.Event()
        self._streams.add(wake)
        try:
            await response.write(b"retry: 500\n\n")
            await self._tell(response, wake)
        except ConnectionError:
            pass  # the browser went away; it will come back
        finally:
            self._streams.discard(wake)
        return response

    async def _tell(self, response: web.StreamResponse, wake: asyncio.Event) -> None:
        told = 0
        while not self._closing:
            wake.clear()
            sequence, text = self._board.event()
            if sequence != told:
                await response.write(f"event: view\ndata: {text}\n\n".encode())
                told = sequence
                continue  # another view may have come during the write
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), PING_S)
                continue
            await response.write(b"event: ping\ndata: {}\n\n")


async def read_json(request: web.Request, limit: int) -> object:
    """Return the decoded body; raises `BadTouch` for another type, too many bytes, or what is no JSON."""
    if request.content_type != "application/json":
        raise BadTouch("a message is sent as application/json")
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > limit:
            raise BadTouch(f"a message has at most {limit} bytes")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BadTouch("a message is JSON") from None


def _charset(name: str) -> str | None:
    return None if name.endswith(".woff2") else "utf-8"
