"""Draw every page of the patient's screen into PNG files, for the README and for whoever changes a page.

    python -m tools.screenshots FOLDER [--language en] [--size 800x480] [--dark] [--page NAME]

Needs a Chromium (CHROMIUM, or /usr/bin/chromium) and the package playwright.
"""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from device.screen.server import ScreenServer
from device.screen.view import Page, View

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
    "--autoplay-policy=no-user-gesture-required",  # as on a kiosk, whose first sound comes before the first touch
]
SIZES = {"800x480": (800, 480), "1920x1080": (1920, 1080)}
VOICES = """
const voices = ["en-GB", "es-ES"].map((lang) => ({ lang, name: lang, localService: true, default: false, voiceURI: lang }));
speechSynthesis.getVoices = () => voices;
"""
"""A headless Chromium has no voice, and a page without a voice has no button to read it aloud."""


def torso_preview() -> list[list[int]]:
    """Return 24 rows of 32 integers, 0 to 255, that look like a chest in front of the camera."""
    from drivers.sim.body import Torso

    celsius = Torso(x=0.01).celsius_at(0.0, 22.0)
    low, high = float(celsius.min()), float(celsius.max())
    rows: list[list[int]] = np.rint((celsius - low) / (high - low) * 255).astype(int).tolist()
    return rows


def gallery() -> dict[str, View]:
    """Return each page as a patient may meet it, by the name of its picture."""
    preview = torso_preview()
    return {
        "rest": View(Page.REST, {"accepting": True, "notice": None, "health": "ok"}),
        "rest-notice": View(Page.REST, {"accepting": True, "notice": "several_cards", "health": "warning"}),
        "rest-card-left": View(Page.REST, {"accepting": True, "notice": "take_your_card", "health": "ok"}),
        "rest-closed": View(Page.REST, {"accepting": False, "notice": "disk_full", "health": "fault"}),
        "seen": View(Page.SEEN),
        "new-card": View(Page.NEW_CARD, {"text_version": "1"}),
        "choose-pin": View(Page.CHOOSE_PIN, {"shortest": 4, "longest": 8}),
        "new-card-photo": View(Page.NEW_CARD, {"text_version": "1", "photo": True, "again": True}),
        "pin": View(Page.PIN, {"tries_left": 5, "wait_s": 0, "wrong": False}),
        "pin-wrong": View(Page.PIN, {"tries_left": 3, "wait_s": 0, "wrong": True}),
        "pin-wait": View(Page.PIN, {"tries_left": 1, "wait_s": 30, "wrong": True}),
        "prepare": View(Page.PREPARE, {"seconds": 120, "seconds_left": 75, "notice": None}),
        "prepare-notice": View(Page.PREPARE, {"seconds": 120, "seconds_left": 8, "notice": "room_too_cold"}),
        "position": View(Page.POSITION, {"instruction": "come_closer", "preview": preview, "fits": False}),
        "position-left": View(Page.POSITION, {"instruction": "move_left", "preview": preview, "fits": False}),
        "position-fits": View(Page.POSITION, {"instruction": "hold_still", "preview": preview, "fits": True}),
        "capture": View(Page.CAPTURE, {"progress": 0.62, "instruction": "hold_still"}),
        "working": View(Page.WORKING),
        "result-nothing": View(Page.RESULT, {"result": "nothing_unusual", "retry": False, "seconds_left": 20}),
        "result-doctor": View(Page.RESULT, {"result": "doctor_will_look", "retry": False, "seconds_left": 20}),
        "result-unclear": View(Page.RESULT, {"result": "not_assessed", "retry": True, "seconds_left": 20}),
        "sorry": View(Page.SORRY, {"reason": "too_much_motion", "lost": False, "retry": True, "seconds_left": 20}),
        "sorry-lost": View(Page.SORRY, {"reason": "sensor_faulty", "lost": True, "retry": False, "seconds_left": 20}),
    }


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a running Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def open_tab(browser: Browser, url: str, size: tuple[int, int], *, dark: bool = False, still: bool = True) -> Tab:
    """Open ``url`` as a kiosk of this size shows it; ``still`` stops movements, so that pictures repeat."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce" if still else "no-preference",
        has_touch=True,
    )
    context.add_init_script(VOICES)
    tab = context.new_page()
    tab.goto(url)
    return tab


def show(server: ScreenServer, tab: Tab, view: View) -> None:
    """Show ``view`` and return once ``tab`` has drawn it."""
    server.show(view)
    tab.wait_for_function("n => Number(document.documentElement.dataset.sequence) >= n", arg=server.sequence)
    tab.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def draw_pages(
    folder: Path, views: Mapping[str, View], *, language: str = "en", size: tuple[int, int] = (800, 480), dark: bool = False
) -> list[Path]:
    """Draw ``views`` into ``folder`` and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    server = ScreenServer(0, language=language)
    files = []
    try:
        with chromium() as browser:
            tab = open_tab(browser, server.url, size, dark=dark)
            for name, view in views.items():
                if view.page is Page.NEW_CARD:
                    show(server, tab, View(Page.SEEN))  # a patient comes from there, and so to the first of its cards
                show(server, tab, view)
                files.append(folder / f"{name}.png")
                tab.screenshot(path=files[-1])
                for step in range(2, 5) if view.page is Page.NEW_CARD else ():
                    tab.click("[data-do=next]")
                    files.append(folder / f"{name}-{step}.png")
                    tab.screenshot(path=files[-1])
    finally:
        server.close()
    return files


def contact_sheet(files: list[Path], target: Path) -> None:
    """Put pictures of one size side by side into one."""
    import cv2

    pictures = [picture for file in files if (picture := cv2.imread(str(file))) is not None]
    across = math.ceil(math.sqrt(len(pictures)))
    empty = np.full_like(pictures[0], 128)
    pictures += [empty] * (-len(pictures) % across)
    rows = [np.hstack(pictures[at : at + across]) for at in range(0, len(pictures), across)]
    cv2.imwrite(str(target), np.vstack(rows))


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw every page of the patient's screen into PNG files.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", default="en")
    parser.add_argument("--size", choices=SIZES, default="800x480")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--page", action="append", help="only pictures whose name begins so")
    parser.add_argument("--sheet", action="store_true", help="and all of them in one picture, sheet.png")
    options = parser.parse_args()
    views = {name: view for name, view in gallery().items() if not options.page or name.startswith(tuple(options.page))}
    files = draw_pages(options.folder, views, language=options.language, size=SIZES[options.size], dark=options.dark)
    if options.sheet:
        contact_sheet(files, options.folder / "sheet.png")
    print(f"{len(files)} pictures in {options.folder}")


if __name__ == "__main__":
    main()
