"""How a long training tells how far it is: a bar on a terminal, a line for each step elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import IO

Say = Callable[[str], None]
"""Prints one line."""

WIDTH = 30


class Bar:
    """One line on a terminal that is drawn over itself; silent where the output is none."""

    def __init__(self, out: IO[str] | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = sys.stderr if out is None else out
        self._live = self._out.isatty()
        self._clock = clock
        self._began = clock()
        self._drawn = 0

    def draw(self, what: str, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` steps (0: not known) of ``what`` are done."""
        if not self._live:
            return
        if done <= 1:
            self._began = self._clock()
        seconds = self._clock() - self._began
        share = done / total if total else 0.0
        left = f", {seconds / share - seconds:.0f} s left" if share else ""
        filled = round(WIDTH * share)
        text = f"{what} [{'#' * filled}{'.' * (WIDTH - filled)}] {done}{f'/{total}' if total else ''}{left}"
        self._out.write("\r" + text.ljust(self._drawn))
        self._out.flush()
        self._drawn = len(text)

    def clear(self) -> None:
        """Remove the line, before something else is printed."""
        if self._live and self._drawn:
            self._out.write("\r" + " " * self._drawn + "\r")
            self._out.flush()
            self._drawn = 0


def numbers(logs: Mapping[str, float]) -> str:
    """Return measured numbers as one reads them: ``loss 0.412, val_loss 0.5``."""
    return ", ".join(f"{name} {value:.4g}" for name, value in logs.items())
