"""Draw the README's pictures by using the whole kiosk: somebody is examined, and a doctor looks at it.

    python -m tools.readme_pictures [FOLDER]

Needs a Chromium (see `tools.screenshots`) and the package playwright.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from cloud_sync.local.accounts import FIRST_ACCOUNT, first_sign_in
from tools.bench.patient import Patient
from tools.bench.processes import Process, free_port, write_config
from tools.screenshots import SIZES, chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

DESK = (1440, 900)
TIMEOUT_MS = 60_000
VISITS = (
    {"asymmetry_k": 0.2, "seed": 3},
    {"asymmetry_k": 1.8, "spot_k": 2.5, "seed": 7},
    {"asymmetry_k": -0.4, "seed": 11},
)
"""Bodies in front of the sensor, so that the doctor has something to look at."""


def draw(folder: Path, browser: Browser) -> None:
    """Write the pictures into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        data, screen_port, portal_port = Path(name), free_port(), free_port()
        common = ["--data-dir", name, "--config", str(write_config(data, screen_port=screen_port, portal_port=portal_port))]
        cloud = ["cloud_sync.local", "--folder", f"{name}/cloud", "--port", str(portal_port)]
        with (
            Process(["device.kiosk", *common, "--sim"], data),
            Process(["cloud_sync", *common], data),
            Process(cloud, data),
        ):
            patient = Patient(screen_port)
            for number, torso in enumerate(VISITS):
                patient.bench({"act": "stand", "torso": torso})
                patient.visit(f"04A3C6CAE261{80 + number % 2}")
            _patients_pictures(browser, screen_port, folder)
            sign_in = first_sign_in(data / "cloud")
            assert sign_in is not None
            _doctors_pictures(browser, portal_port, sign_in.passphrase, folder)


def _patients_pictures(browser: Browser, port: int, folder: Path) -> None:
    """Somebody who is known lays the card down, starts, and waits for the result."""
    width, height = SIZES["800x480"]
    screen = _tab(browser, f"http://127.0.0.1:{port}/", (width, height))
    screen.wait_for_selector("body[data-page=rest]")
    screen.screenshot(path=folder / "rest.png")
    bench = _tab(browser, f"http://127.0.0.1:{port}/bench", DESK)
    bench.wait_for_selector("html[data-ready=yes]")
    patient = Patient(port)
    patient.bench({"act": "leave"})
    patient.bench({"act": "tap", "uid": "04A3C6CAE26180", "beside": False})
    screen.wait_for_selector("body[data-page=prepare]")
    screen.screenshot(path=folder / "prepare.png")
    screen.click(".page[data-page=prepare] [data-do=start_now]")
    patient.bench({"act": "stand", "torso": {"x": 0.25, "seed": 7}})
    screen.wait_for_selector("body[data-page=position]")
    screen.wait_for_timeout(700)  # some frames of the live picture
    screen.screenshot(path=folder / "position.png")
    patient.bench({"act": "stand", "torso": {"x": 0.0, "seed": 7, "asymmetry_k": 0.3}})
    screen.wait_for_selector("body[data-page=capture]")
    screen.wait_for_timeout(2000)
    screen.screenshot(path=folder / "capture.png")
    bench.screenshot(path=folder / "bench.png")
    screen.wait_for_selector("body[data-page=result]")
    screen.wait_for_timeout(500)
    screen.screenshot(path=folder / "result.png")
    patient.bench({"act": "pull"})


def _doctors_pictures(browser: Browser, port: int, passphrase: str, folder: Path) -> None:
    doctor = _tab(browser, f"http://127.0.0.1:{port}/", DESK)
    doctor.fill("[name=name]", FIRST_ACCOUNT)
    doctor.fill("[name=password]", passphrase)
    doctor.press("[name=password]", "Enter")
    doctor.wait_for_selector(".line >> nth=2")
    doctor.click(".line a")
    doctor.wait_for_selector(".thermogram canvas")
    doctor.wait_for_timeout(500)
    doctor.screenshot(path=folder / "record.png")


def _tab(browser: Browser, url: str, size: tuple[int, int]) -> Tab:
    tab = browser.new_page(viewport={"width": size[0], "height": size[1]})
    tab.set_default_timeout(TIMEOUT_MS)
    tab.goto(url)
    return tab


if __name__ == "__main__":
    with chromium() as running:
        draw(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/screenshots"), running)
