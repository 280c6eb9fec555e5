"""Telling a waiting page that something arrived or changed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

LOOK_S = 1.0
"""How often the disk is looked at for what another process wrote."""
WAIT_S = 15.0
"""How long a page is kept waiting: less than the 20 s after which it takes the server for dead."""


class Changes:
    """What this server itself changes wakes everybody at once; what others write is seen within `LOOK_S`."""

    def __init__(self) -> None:
        self._pulse = asyncio.Event()

    def happened(self) -> None:
        self._pulse.set()
        self._pulse = asyncio.Event()

    async def after(self, known: str, current: Callable[[], Awaitable[str]], wait_s: float = WAIT_S) -> str:
        """Return what ``current`` returns as soon as it is not ``known`` any more, or when ``wait_s`` is over."""
        until = asyncio.get_running_loop().time() + wait_s
        while True:
            pulse = self._pulse
            token = await current()
            left = until - asyncio.get_running_loop().time()
            if token != known or left <= 0:
                return token
            try:
                await asyncio.wait_for(pulse.wait(), min(LOOK_S, left))
            except TimeoutError:
                continue
