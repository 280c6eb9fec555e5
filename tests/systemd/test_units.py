"""That the units fit the programs that they start."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from cloud_sync.firebase import enrolment
from cloud_sync.firebase.credential import NAME
from cloud_sync.inbox import INBOX, READY
from device.store.keys import RECIPIENT, RECIPIENT_KEY, SITE_KEY
from tests.systemd.units import FOLDER, PYTHON, SERVICES, option, settings, words

KIOSK, SYNC, KEYS = "firstlight-kiosk.service", "firstlight-sync.service", "firstlight-keys.service"
SCREEN = "firstlight-screen.service"
ENROL, MODELS, MODELS_PATH = "firstlight-enrol.service", "firstlight-models.service", "firstlight-models.path"
DATA = "/var/lib/firstlight"
DEFAULTS = Path(__file__).parents[2] / "device/process/firstlight.toml"


@pytest.mark.parametrize("unit", [KIOSK, SYNC, KEYS, ENROL, MODELS])
def test_it_starts_a_module_that_is_there_and_knows_its_options(unit: str) -> None:
    python, isolated, dash_m, module, *arguments = settings(unit)["ExecStart"][0].split()
    assert (Path(python), isolated, dash_m) == (PYTHON, "-I", "-m")
    help_ = subprocess.run(
        [sys.executable, "-I", "-m", module, "--help"], capture_output=True, text=True, timeout=60, check=True
    )
    for argument in arguments:
        if argument.startswith("--"):
            assert argument in help_.stdout


def test_the_browser_shows_the_port_of_the_default_settings_and_sees_no_other_network() -> None:
    port = tomllib.loads(DEFAULTS.read_text(encoding="utf-8"))["screen"]["port"]
    assert settings(SCREEN)["ExecStart"][0].endswith(f" http://127.0.0.1:{port}/")
    assert settings(SCREEN, "Unit")["JoinsNamespaceOf"] == [KIOSK]
    assert settings(SCREEN)["PrivateNetwork"] == ["yes"]


@pytest.mark.parametrize("unit", [KIOSK, SYNC, KEYS, MODELS])
def test_all_use_the_same_data_folder(unit: str) -> None:
    assert option(unit, "--data-dir") == DATA


def test_both_processes_read_the_same_settings() -> None:
    assert option(KIOSK, "--config") == option(SYNC, "--config") == "/etc/firstlight/firstlight.toml"


def test_each_gets_the_keys_that_it_needs_and_no_other() -> None:
    def credentials(unit: str) -> dict[str, str]:
        return dict(value.split(":", 1) for value in settings(unit)["LoadCredential"])

    assert credentials(KIOSK) == {name: f"{DATA}/keys/{name}" for name in (SITE_KEY, RECIPIENT)}
    assert credentials(SYNC) == {name: f"{DATA}/keys/{name}" for name in (RECIPIENT_KEY, NAME)}


def test_enrolment_puts_the_identity_where_sync_gets_it_from() -> None:
    assert option(ENROL, "--credential") == f"{DATA}/keys/{NAME}"
    file = settings(ENROL)["ExecStart"][0].split()[-1]
    assert settings(ENROL, "Unit")["ConditionPathExists"] == [file]
    assert settings(ENROL)["ExecStartPost"] == [f"/usr/bin/systemctl --no-block restart {SYNC}"]
    assert settings(ENROL)["RestartPreventExitStatus"] == [f"{enrolment.USAGE} {enrolment.USED}"]


def test_root_looks_at_models_where_sync_lays_them_down_and_has_no_network() -> None:
    assert settings(MODELS_PATH, "Path")["DirectoryNotEmpty"] == [f"{DATA}/{INBOX}/{READY}"]
    assert settings(MODELS_PATH, "Path")["Unit"] == [MODELS]
    assert settings(MODELS)["PrivateNetwork"] == ["yes"]
    assert settings(MODELS)["CapabilityBoundingSet"] == ["CAP_DAC_OVERRIDE"]


@pytest.mark.parametrize("unit", [KIOSK, SYNC])
def test_keys_are_made_before(unit: str) -> None:
    for key in ("Requires", "After"):
        assert KEYS in " ".join(settings(unit, "Unit")[key]).split()


@pytest.mark.parametrize(
    ("unit", "folders"),
    [(KIOSK, ["store"]), (SYNC, ["store", "cloud", "inbox"]), (KEYS, ["keys"]), (MODELS, ["models", "inbox"])],
)
def test_it_may_write_only_where_it_must(unit: str, folders: list[str]) -> None:
    assert settings(unit)["ProtectSystem"] == ["strict"]
    assert words(unit, "ReadWritePaths") == [f"{DATA}/{folder}" for folder in folders]


def test_the_kiosk_reaches_the_devices_of_the_default_settings_and_no_other() -> None:
    defaults = tomllib.loads(DEFAULTS.read_text(encoding="utf-8"))
    bus = defaults["sensor"]["url"].removeprefix("i2c:").split("@")[0]
    chip = defaults["reader"]["url"].removeprefix("spi:")
    assert settings(KIOSK)["DevicePolicy"] == ["closed"]
    assert {value.split()[0] for value in settings(KIOSK)["DeviceAllow"]} == {
        f"/dev/i2c-{bus}",
        f"/dev/spidev{chip}",
        "/dev/gpiochip0",
    }


def test_the_kiosk_has_no_network_and_sync_no_hardware() -> None:
    assert settings(KIOSK)["PrivateNetwork"] == ["yes"]
    assert settings(SYNC)["PrivateDevices"] == ["yes"]
    assert "DeviceAllow" not in settings(SYNC)
    assert not {"i2c", "spi", "gpio"} & set(words(SYNC, "SupplementaryGroups"))


@pytest.mark.parametrize("unit", [KIOSK, SYNC])
def test_a_process_that_hangs_or_dies_is_started_again(unit: str) -> None:
    assert settings(unit)["Type"] == ["notify"]
    assert settings(unit)["WatchdogSec"]
    assert settings(unit)["Restart"] == ["always"]


def test_the_target_starts_all_that_runs() -> None:
    wanted = " ".join(settings("firstlight.target", "Unit")["Wants"]).split()
    running = [unit for unit in [*SERVICES, MODELS_PATH] if settings(unit, "Install")]
    assert sorted(wanted) == sorted(running)
    for unit in running:
        assert settings(unit, "Unit")["PartOf"] == ["firstlight.target"]


def test_every_file_is_covered_here() -> None:
    assert sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()) == [
        *sorted([*SERVICES, MODELS_PATH, "firstlight.target"]),
        "sysusers.d/firstlight.conf",
        "tmpfiles.d/firstlight.conf",
        "udev/70-firstlight.rules",
    ]
