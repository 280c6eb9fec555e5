"""The conformance kit from outside: as a technician runs it, and whether it notices a device that misbehaves.

What it says about every simulated device and adapter is in the ordinary run (`testpaths`), the known defects of the adapter
mfrc522 as strictly expected failures.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from drivers.clock import VirtualClock
from drivers.conformance import test_card_reader as card_reader_kit
from drivers.conformance import test_thermal_camera as thermal_camera_kit
from drivers.conformance.stage import SimStage, TechnicianStage
from drivers.conformance.target import KNOWN_DEFECTS, Kind, targets
from drivers.errors import BadDeviceURL, DriverError
from drivers.open import open_card_reader, open_thermal_camera
from drivers.sim.world import World

ROOT = Path(__file__).parents[2]


def run_kit(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run pytest as a technician would, from any folder, but with this checkout's plugin whatever is installed."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "drivers.conformance.plugin", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False)


@pytest.mark.slow
def test_it_runs_from_anywhere_on_simulated_devices(tmp_path: Path) -> None:
    done = run_kit("--driver", "sim:", folder=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout
    assert "skipped" not in done.stdout


@pytest.mark.slow
def test_a_device_that_is_not_there_fails_with_a_sentence(tmp_path: Path) -> None:
    done = run_kit("--driver", "spi:9.9", folder=tmp_path)
    assert done.returncode == 1
    assert "Enable SPI" in done.stdout or "python3-spidev" in done.stdout
    assert "thermal" not in done.stdout, "tests of other kinds of device do not belong in this run"


@pytest.mark.parametrize("url", ["bogus", "serial:0", ""])
def test_what_is_no_device_is_refused_before_anything_runs(tmp_path: Path, url: str) -> None:
    done = run_kit("--driver", url, folder=tmp_path)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--driver: " in done.stderr


@pytest.mark.parametrize(
    ("url", "kinds"),
    [
        ("sim:", set(Kind)),
        ("i2c:1@0x33", {Kind.THERMAL_CAMERA}),
        ("i2c:1?driver=adafruit", {Kind.THERMAL_CAMERA}),
        ("sim:?driver=mfrc522", {Kind.CARD_READER}),
        ("spi:0.0", {Kind.CARD_READER}),
        ("gpio:?red=5", {Kind.INDICATOR}),
    ],
)
def test_a_url_is_tested_as_what_it_can_be(url: str, kinds: set[Kind]) -> None:
    assert {target.kind for target in targets(url)} == kinds


def test_a_url_of_no_known_kind_is_refused() -> None:
    with pytest.raises(BadDeviceURL, match="there are sim, spi"):
        targets("serial:0")


def test_known_defects_name_tests_that_exist() -> None:
    for test in KNOWN_DEFECTS["mfrc522"]:
        assert hasattr(card_reader_kit, test.partition("[")[0])


def test_a_real_device_without_a_technician_is_skipped_and_says_what_was_needed() -> None:
    with pytest.raises(pytest.skip.Exception, match=r"-s\): Lay one card"):
        TechnicianStage(can_ask=False).card(7)


@pytest.mark.parametrize(("answer", "confirmed"), [("y", True), ("Yes", True), ("n", False), ("", False)])
def test_a_technician_is_asked(monkeypatch: pytest.MonkeyPatch, answer: str, confirmed: bool) -> None:
    asked: list[str] = []

    def reply(prompt: str) -> str:
        asked.append(prompt)
        return answer

    monkeypatch.setattr("builtins.input", reply)
    assert TechnicianStage(can_ask=True).confirm("Is it lit?") is confirmed
    assert "Is it lit?" in asked[0]


def test_a_technician_may_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda prompt: "s")
    with pytest.raises(pytest.skip.Exception, match="skipped by the technician"):
        TechnicianStage(can_ask=True).two_cards()


# -- a kit that finds nothing is worth nothing


def test_a_reader_whose_cards_are_garbled_does_not_conform() -> None:
    world = World(VirtualClock())
    reader = open_card_reader("sim:", world.clock, world=world)
    world.faults.card_crc_error = True
    with pytest.raises(DriverError):
        card_reader_kit.test_a_card_that_stays_is_read_steadily(reader, SimStage(world), 7)


def test_a_reader_that_hangs_does_not_conform() -> None:
    world = World(VirtualClock())
    reader = open_card_reader("sim:", world.clock, world=world)
    world.faults.reader_hung = True
    with pytest.raises(DriverError):
        card_reader_kit.test_an_empty_field_is_none(reader, SimStage(world))


@pytest.mark.parametrize("fault", ["sensor_frozen", "sensor_silent", "sensor_half_frame", "i2c_nack"])
def test_a_camera_with_a_fault_does_not_conform(fault: str) -> None:
    world = World(VirtualClock())
    camera = open_thermal_camera("sim:", world.clock, world=world)
    world.faults.set(fault, True)
    with pytest.raises((DriverError, AssertionError)):
        thermal_camera_kit.test_frames_come_at_half_the_refresh_rate_and_differ(camera, world.clock)


def test_a_camera_that_reads_too_warm_does_not_conform() -> None:
    world = World(VirtualClock())
    camera = open_thermal_camera("sim:", world.clock, world=world, emissivity=0.8)
    with pytest.raises(AssertionError):
        thermal_camera_kit.test_a_uniform_surface_has_its_temperature(camera, SimStage(world), 35.0)
