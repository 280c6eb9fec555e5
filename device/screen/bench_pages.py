"""The requests of the bench page."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from device.screen.errors import BadTouch, BenchError
from device.screen.pages import LARGEST_TOUCH, Pages, read_json

if TYPE_CHECKING:
    from device.screen.bench import BenchPanel


def bench_routes(panel: BenchPanel, pages: Pages) -> list[web.RouteDef]:
    """Return the routes below /bench."""

    async def page(_request: web.Request) -> web.Response:
        return pages.file("bench.html")

    async def choices(_request: web.Request) -> web.Response:
        return web.json_response(panel.choices())

    async def state(_request: web.Request) -> web.Response:
        return web.json_response(panel.state())

    async def act(request: web.Request) -> web.Response:
        try:
            perform(panel, await read_json(request, LARGEST_TOUCH))
        except (BenchError, BadTouch) as error:
            return web.Response(status=400, text=str(error))
        return web.json_response(panel.state())

    async def upload(request: web.Request) -> web.Response:
        content = await request.read()
        try:
            await asyncio.to_thread(panel.upload, content)  # a large file takes a while; the screen goes on
        except BenchError as error:
            return web.Response(status=400, text=str(error))
        return web.json_response(panel.state())

    return [
        web.get("/bench", page),
        web.get("/bench/choices", choices),
        web.get("/bench/state", state),
        web.post("/bench/act", act),
        web.post("/bench/thermogram", upload),
    ]


def perform(panel: BenchPanel, message: object) -> None:
    """Do what a message of the bench page asks for; raises `BenchError`."""
    match message:
        case {"act": "tap", "preset": str() as preset, "beside": bool() as beside}:
            panel.tap(preset, beside=beside)
        case {"act": "tap", "uid": str() as uid, "beside": bool() as beside}:
            panel.tap(uid=uid, beside=beside)
        case {"act": "pull"}:
            panel.pull()
        case {"act": "leave"}:
            panel.leave()
        case {"act": "stand", "torso": dict() as torso}:
            panel.stand(torso)
        case {"act": "ambient", "celsius": celsius}:
            panel.set_ambient(celsius)
        case {"act": "switch", "fault": str() as fault, "on": bool() as on}:
            panel.switch(fault, on)
        case {"act": "mend"}:
            panel.mend()
        case _:
            raise BenchError("the bench cannot do that; it taps, pulls, leaves, stands, sets the ambient, switches and mends")
