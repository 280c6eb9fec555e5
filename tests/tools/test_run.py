"""What a newcomer does: start everything, be examined, and look at it as the doctor."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest

from tools.bench.patient import Patient
from tools.bench.processes import free_port, write_config

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

READY = "Ctrl-C ends all of it."
TIMEOUT_S = 60.0
STEPS = {
    "new_card": ["[data-do=next]"] * 3 + ["[data-do=agree]"],
    "choose_pin": ["[data-do=none]"],
    "prepare": ["[data-do=start_now]"],
}


@dataclass
class Running:
    """One `firstlight run` that has printed its addresses."""

    process: subprocess.Popen[str]
    said: str
    screen_port: int
    arguments: list[str]

    @property
    def addresses(self) -> list[str]:
        return re.findall(r"^  (?:screen|bench|page) +(http://\S+)", self.said, re.MULTILINE)

    @property
    def sign_in(self) -> tuple[str, str]:
        found = re.search(r"sign in as (\S+) with (\S+)", self.said)
        assert found is not None, self.said
        return found[1], found[2]


def start(folder: Path) -> Running:
    port = free_port()
    config = write_config(folder, screen_port=port)
    arguments = [
        sys.executable,
        "-m",
        "tools.cli.main",
        "run",
        "--sim",
        "--data-dir",
        str(folder / "data"),
        "--config",
        str(config),
    ]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    return Running(process, _read_until_ready(process.stdout), port, arguments)


def _read_until_ready(stream: IO[str]) -> str:
    lines = []
    for line in stream:
        lines.append(line)
        if READY in line:
            return "".join(lines)
    raise AssertionError(f"it ended before it was ready: {''.join(lines)}")


def children_of(process: subprocess.Popen[str]) -> dict[str, int]:
    """Return the process id behind each module that was started."""
    found = {}
    for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        if "-m" in words:  # not so for one that has just died, or has just been forked
            found[words[words.index("-m") + 1]] = int(pid)
    return found


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    made = start(tmp_path)
    yield made
    if made.process.poll() is None:
        made.process.send_signal(signal.SIGINT)
        made.process.communicate(timeout=TIMEOUT_S)


def test_it_prints_three_addresses_and_ctrl_c_ends_all_of_it(running: Running) -> None:
    assert len(running.addresses) == 3
    pids = children_of(running.process)
    assert set(pids) == {"device.kiosk", "cloud_sync", "cloud_sync.local"}
    running.process.send_signal(signal.SIGINT)
    _, errors = running.process.communicate(timeout=TIMEOUT_S)
    assert running.process.returncode == 0, errors
    assert "everything saved is on the disk" in errors
    assert not [name for name, pid in pids.items() if Path(f"/proc/{pid}").exists()]


def test_started_twice_it_says_what_holds_the_port(running: Running) -> None:
    second = subprocess.run(running.arguments, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert second.returncode == 9
    kiosk = rf"port {running.screen_port} is held by \S+ -m device.kiosk \(process \d+\)"
    portal = r"port \d+ is held by \S+ -m cloud_sync.local \(process \d+\)"
    assert re.search(f"{kiosk}|{portal}", second.stderr), second.stderr  # whichever is first to find its port taken
    assert set(children_of(running.process)) == {"device.kiosk", "cloud_sync", "cloud_sync.local"}, "the first one goes on"


@pytest.mark.parametrize("victim", ["device.kiosk", "cloud_sync", "cloud_sync.local"])
def test_one_that_is_killed_comes_back_and_the_others_do_not_notice(running: Running, victim: str) -> None:
    before = children_of(running.process)
    os.kill(before[victim], signal.SIGKILL)
    _until(
        lambda: children_of(running.process).get(victim, before[victim]) != before[victim], f"{victim} was not started again"
    )
    after = children_of(running.process)
    assert {name for name in before if before[name] != after.get(name)} == {victim}
    _until(lambda: _visit_works(running), "no visit works any more")


def _visit_works(running: Running) -> bool:
    try:
        return Patient(running.screen_port).visit(timeout_s=TIMEOUT_S)["result"] in ("nothing_unusual", "doctor_will_look")
    except ConnectionError:  # it is still starting
        return False


def _until(happens: object, otherwise: str) -> None:
    assert callable(happens)
    end_s = time.monotonic() + TIMEOUT_S
    while not happens():
        assert time.monotonic() < end_s, otherwise
        time.sleep(0.05)


@pytest.mark.browser
def test_from_the_tap_to_the_doctors_page(running: Running, browser: Browser) -> None:
    screen_url, bench_url, page_url = running.addresses
    context = browser.new_context(viewport={"width": 800, "height": 480}, has_touch=True)
    screen, bench, doctor = context.new_page(), context.new_page(), context.new_page()
    for tab in (screen, bench, doctor):
        tab.set_default_timeout(TIMEOUT_S * 1000)
    screen.goto(screen_url)
    screen.wait_for_selector("body[data-page=rest]")
    bench.goto(bench_url)
    bench.click("[data-card=ana]")
    be_examined(screen)
    assert "This is not a diagnosis" in screen.inner_text(".page[data-page=result]")
    read_as_doctor(doctor, page_url, running.sign_in)
    context.close()


def be_examined(screen: Tab) -> None:
    """Touch what a patient touches, until there is a result."""
    for page, buttons in STEPS.items():
        screen.wait_for_selector(f"body[data-page={page}]")
        for button in buttons:
            screen.tap(f".page[data-page={page}] {button}")
    screen.wait_for_selector("body[data-page=result]")


def read_as_doctor(doctor: Tab, url: str, sign_in: tuple[str, str]) -> None:
    """Sign in, open the record that has just arrived, and find image and numbers."""
    doctor.goto(url)
    doctor.fill("[name=name]", sign_in[0])
    doctor.fill("[name=password]", sign_in[1])
    doctor.press("[name=password]", "Enter")
    doctor.click(".line a")
    doctor.wait_for_selector(".thermogram canvas")
    text = doctor.inner_text(".record-page")
    assert "±" in text, "every number stands with its uncertainty"
    assert re.search(r"P-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}", doctor.inner_text("body"))
