"""Serves the patient's screen to a browser on the same machine, from a thread of its own."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from device.process.ports import LOOPBACK, listen_on
from device.screen.board import Board
from device.screen.catalogue import choose, load_catalogues
from device.screen.errors import ScreenStopped
from device.screen.health import HealthRow, HealthRows
from device.screen.view import Said, View

if TYPE_CHECKING:
    import asyncio

    from device.screen.bench import BenchPanel
    from device.screen.pages import Pages

LOG = logging.getLogger(__name__)
LANGUAGE_LAPSE_S = 60.0
"""How long a language chosen at rest waits for its card."""
CLOSE_S = 5.0
LARGEST_BODY = 16 * 2**20
"""Bytes: a thermogram that is uploaded on the bench page. Touches have a limit of their own."""


class ScreenServer:
    """A `device.screen.view.Screen` on http://127.0.0.1:port/.

    The port is taken when the constructor returns; the server behind it is imported and started in its own thread, so a
    kiosk is not kept waiting, and a browser that is early waits in the queue. No method blocks the visit's loop.
    """

    def __init__(
        self,
        port: int,
        *,
        language: str = "en",
        bench: BenchPanel | None = None,
        language_lapse_s: float = LANGUAGE_LAPSE_S,
    ) -> None:
        """``port`` 0 takes a free one. Raises `PortTaken`, `PortRefused`, `BadCatalogue` or `UnknownLanguage`."""
        self._catalogues = load_catalogues()
        self._board = Board(self._catalogues, choose(self._catalogues, language).code)
        self._health = HealthRows()
        self._bench = bench
        self._lapse_s = language_lapse_s
        self._socket = listen_on(port)
        self.port: int = self._socket.getsockname()[1]
        self._lock = threading.Lock()
        self._pages: Pages | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._closed = False
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._serve, name="screen", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"ScreenServer({self.url!r}{', closed' if self._closed else ''})"

    @property
    def url(self) -> str:
        """Where the patient's browser points."""
        return f"http://{LOOPBACK}:{self.port}/"

    @property
    def bench_url(self) -> str | None:
        """Where the bench page is; ``None`` without a bench."""
        return f"{self.url}bench" if self._bench else None

    @property
    def language(self) -> str:
        """The code of the language that is shown now."""
        return self._board.language

    @property
    def sequence(self) -> int:
        """The number of the latest view, as the browser gets it."""
        return self._board.sequence

    def show(self, view: View) -> None:
        """Replace what is shown; returns at once. Raises `TypeError` or `ValueError` for data that is no JSON."""
        self._board.show(view)
        self._wake()

    def heard(self) -> list[Said]:
        """Return what was said since the last call, oldest first. Raises `ScreenStopped` once the server has died."""
        if self._failure is not None:
            raise ScreenStopped(
                f"the screen's server on port {self.port} stopped ({self._failure}); restart the kiosk"
            ) from self._failure
        return self._board.heard()

    def set_health(self, rows: Sequence[HealthRow]) -> None:
        """Replace the rows of the technician's page at /health."""
        self._health.replace(rows)

    def close(self) -> None:
        """End the streams and give the port back; may be called twice."""
        with self._lock:
            self._closed = True
            loop, stop = self._loop, self._stop
        if loop is not None and stop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended already
                loop.call_soon_threadsafe(stop.set)
        self._thread.join(CLOSE_S)
        self._socket.close()

    def _wake(self) -> None:
        loop, pages = self._loop, self._pages
        if loop is not None and pages is not None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(pages.changed)

    def _serve(self) -> None:
        import asyncio

        try:
            asyncio.run(self._run())
        except BaseException as error:  # whatever it was, the visit must learn that nobody sees its pages
            LOG.exception("the screen's server stopped")
            self._failure = error

    async def _run(self) -> None:
        import asyncio

        from aiohttp import web

        from device.screen.guard import guard
        from device.screen.pages import Pages

        pages = Pages(self._board, self._catalogues, self._health, self._lapse_s)
        app = web.Application(middlewares=[guard(self.port)], client_max_size=LARGEST_BODY)
        app.add_routes(pages.routes())
        if self._bench is not None:
            from device.screen.bench_pages import bench_routes

            app.add_routes(bench_routes(self._bench, pages))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        await web.SockSite(runner, self._socket).start()
        stop = asyncio.Event()
        with self._lock:
            self._loop, self._stop, self._pages = asyncio.get_running_loop(), stop, pages
            if self._closed:
                stop.set()
        pages.changed()
        try:
            await stop.wait()
        finally:
            pages.close()
            await runner.cleanup()
