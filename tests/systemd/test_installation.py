"""Users, folders and device nodes, made by systemd's own tools in a root file system of their own."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from device.store.files import SHARED_FOLDER
from tests.systemd.conftest import Tool
from tests.systemd.units import FOLDER, SERVICES, settings, words

RULES = FOLDER / "udev/70-firstlight.rules"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")


def make_users(root: Path, tool: Tool) -> tuple[dict[str, int], dict[str, int]]:
    """Return users and groups, with their numbers."""
    made = tool("systemd-sysusers", f"--root={root}")
    assert made.returncode == 0, made.stderr
    users, groups = (
        {line.split(":")[0]: int(line.split(":")[2]) for line in (root / "etc" / name).read_text().splitlines()}
        for name in ("passwd", "group")
    )
    return users, groups


def test_the_users_file_is_understood(root: Path, tool: Tool) -> None:
    verdict = tool("systemd-sysusers", f"--root={root}", "--dry-run")
    assert verdict.returncode == 0, verdict.stderr
    assert "firstlight-kiosk" in verdict.stdout + verdict.stderr


@as_root
def test_every_user_and_group_of_a_unit_is_made(root: Path, tool: Tool) -> None:
    users, groups = make_users(root, tool)
    for unit in SERVICES:
        assert set(words(unit, "User")) <= users.keys()
        assert {*words(unit, "Group"), *words(unit, "SupplementaryGroups")} <= groups.keys()


@as_root
def test_the_folders_belong_to_who_uses_them(root: Path, tool: Tool) -> None:
    users, groups = make_users(root, tool)
    made = tool("systemd-tmpfiles", "--create", f"--root={root}", "firstlight.conf")
    assert (made.returncode, made.stderr) == (0, "")

    def owner(folder: str) -> tuple[int, int, int]:
        status = (root / "var/lib/firstlight" / folder).stat()
        return status.st_mode & 0o7777, status.st_uid, status.st_gid

    assert owner("keys") == (0o700, 0, 0)
    assert owner("store") == (SHARED_FOLDER, users["firstlight-kiosk"], groups["firstlight-store"])
    assert owner("keys/firebase") == (0o600, 0, 0)
    assert owner("inbox/ready") == (0o700, users["firstlight-sync"], groups["firstlight-sync"])
    assert owner("models") == (0o755, 0, 0)
    assert owner("../../../etc/firstlight/model-keys") == (0o755, 0, 0)
    assert owner("cloud") == (0o700, users["firstlight-sync"], groups["firstlight-sync"])


@as_root
def test_settings_that_are_there_are_kept(root: Path, tool: Tool) -> None:
    make_users(root, tool)
    config = root / "etc/firstlight/firstlight.toml"
    config.parent.mkdir(parents=True)
    config.write_text('[kiosk]\nsite = "north"\n')
    tool("systemd-tmpfiles", "--create", f"--root={root}", "firstlight.conf")
    assert config.read_text() == '[kiosk]\nsite = "north"\n'


def test_the_rules_are_understood(tool: Tool) -> None:
    # The groups need not exist on the machine that tests.
    verdict = tool("udevadm", "verify", "--resolve-names=never", RULES)
    if "Unknown command verb" in verdict.stderr:
        pytest.skip("this udevadm (before systemd 254) cannot verify rules")
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


def test_the_rules_open_the_devices_of_the_kiosk_to_its_groups() -> None:
    rules = [line for line in RULES.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    found = {}
    for rule in rules:
        match = re.fullmatch(r'SUBSYSTEM=="[a-z0-9-]+", KERNEL=="([^"]+)", GROUP="([a-z0-9]+)", MODE="0660"', rule)
        assert match, rule
        found[match[1].replace("[0-9]*", "0")] = match[2]
    kiosk = settings("firstlight-kiosk.service")
    assert found.keys() == {Path(value.split()[0]).name for value in kiosk["DeviceAllow"]}
    assert set(found.values()) <= set(words("firstlight-kiosk.service", "SupplementaryGroups"))
