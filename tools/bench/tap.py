"""From a card on the reader to the acknowledgement: on the indicator, and in a browser that shows the patient's screen.

Real time: the reader is polled as in use, the page is drawn by Chromium. Only the chip behind the wire is simulated.
"""

from __future__ import annotations

import importlib.util
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from device.kiosk.assembly import build
from device.process.config import Config
from device.process.time import SystemTimekeeper
from device.screen.server import ScreenServer
from device.visit.table import State
from drivers.protocols import Signal
from drivers.sim.body import Torso
from drivers.sim.world import World
from tools.bench.figure import Figure, percentile
from tools.screenshots import CHROMIUM, chromium

if TYPE_CHECKING:
    from device.kiosk import Kiosk

TAPS = 100
READY = (State.IDLE, State.CANCELLED)
"""A new card is welcome while the screen still says that the last one was taken away."""
LARGEST_MS = 100
TIMEOUT_S = 20.0
WATCH = """() => {
  window.answered = [];
  const note = () => window.answered.push(performance.timeOrigin + performance.now());
  new MutationObserver(() => {
    if (["rest", "sorry"].includes(document.body.dataset.page)) return;
    requestAnimationFrame(() => requestAnimationFrame(note));
  }).observe(document.body, {attributes: true, attributeFilter: ["data-page"]});
}"""
"""Notes when a page that answers the tap has been drawn: the second frame begins after the first one was painted. The page of
the last visit may still change to the resting one, which answers nothing."""


def measure() -> Iterator[Figure]:
    """Yield the 99th percentiles; the browser's is left out where there is no Chromium, or no playwright to drive it."""
    with tempfile.TemporaryDirectory() as folder, running_kiosk(Path(folder)) as (kiosk, world, screen):
        if not CHROMIUM.exists() or importlib.util.find_spec("playwright") is None:
            yield _figure("on the indicator", [_tap(kiosk, world, number)[0] for number in range(TAPS)])
            return
        with chromium() as browser:
            page = browser.new_page(viewport={"width": 800, "height": 480})
            page.goto(screen.url)
            page.evaluate(WATCH)
            taps = [_tap(kiosk, world, number, page) for number in range(TAPS)]
        yield _figure("on the indicator", [ms for ms, _ in taps])
        yield _figure("on the screen (Chromium, drawn)", [ms for _, ms in taps])


@contextmanager
def running_kiosk(folder: Path) -> Iterator[tuple[Kiosk, World, ScreenServer]]:
    """A kiosk in a thread of this process, in real time, with somebody in front of it."""
    timekeeper = SystemTimekeeper()
    world = World(timekeeper)
    world.body = Torso()
    screen = ScreenServer(0)
    kiosk = build(Config().simulated(), folder, timekeeper, screen, world=world)
    stop = threading.Event()
    thread = threading.Thread(target=kiosk.run, args=(stop.is_set,))
    thread.start()
    try:
        yield kiosk, world, screen
    finally:
        stop.set()
        thread.join()
        kiosk.close()


def _tap(kiosk: Kiosk, world: World, number: int, page: Any = None) -> tuple[float, float]:
    """Tap at a moment that the reader's rhythm cannot know; return the milliseconds to the indicator and to the browser."""
    _wait(lambda: kiosk.visit.state in READY, "the kiosk is not ready for another card")
    time.sleep(random.Random(number).uniform(0.6, 0.8))  # until the card that was pulled before counts as gone
    if page is not None:
        page.evaluate("() => { window.answered = []; }")
    tapped_s, tapped_wall_ms = time.monotonic(), time.time() * 1000
    world.tap("04A3C6CAE26180")
    _wait(lambda: bool(_seen(world, tapped_s)), "the indicator showed nothing")
    seen_s = _seen(world, tapped_s)[0]
    drawn_ms = 0.0
    if page is not None:
        page.wait_for_function("() => window.answered.length > 0", timeout=TIMEOUT_S * 1000)
        drawn_ms = page.evaluate("() => window.answered[0]") - tapped_wall_ms
    world.pull()
    return (seen_s - tapped_s) * 1000, drawn_ms


def _seen(world: World, since_s: float) -> list[float]:
    """Return when the indicator said "seen" after ``since_s``."""
    return [at for at, signal in list(world.lamp.log) if at > since_s and signal is Signal.SEEN]


def _wait(until: Callable[[], bool], otherwise: str) -> None:
    end_s = time.monotonic() + TIMEOUT_S
    while not until():
        if time.monotonic() > end_s:
            raise TimeoutError(f"{otherwise} within {TIMEOUT_S:g} s")
        time.sleep(0.002)


def _figure(where: str, ms: list[float]) -> Figure:
    p99 = percentile(ms, 99)
    detail = f"median {percentile(ms, 50):.0f} ms, n {len(ms)}"
    return Figure(f"tap to acknowledgement {where}, p99", p99, "ms", f"≤ {LARGEST_MS} ms", p99 <= LARGEST_MS, detail=detail)
