"""What systemd itself says of the units: that it understands each line, and how much each could do if it were taken over."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.systemd.conftest import Tool
from tests.systemd.units import SERVICES

UNITS = [*SERVICES, "firstlight-models.path", "firstlight.target"]
EXPOSURE = {
    "firstlight-kiosk.service": 8,
    "firstlight-sync.service": 12,
    "firstlight-keys.service": 12,
    "firstlight-screen.service": 20,
    "firstlight-enrol.service": 20,
    "firstlight-models.service": 20,
}
"""Highest allowed exposure, in tenths of what `systemd-analyze security` prints."""


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_has_nothing_to_say_about(unit: str, root: Path, tool: Tool) -> None:
    verdict = tool("systemd-analyze", "verify", f"--root={root}", "--man=no", unit)
    assert (verdict.returncode, verdict.stdout + verdict.stderr) == (0, "")


@pytest.mark.parametrize(
    "fault",
    ["NoNewPriviledges=yes", "MemoryMax=lots", "Requires=firstlight-nothing.service\n[Service]", "DeviceAllow=i2c-1 rw"],
)
def test_a_fault_in_a_unit_would_be_noticed(fault: str, root: Path, tool: Tool) -> None:
    unit = root / "usr/lib/systemd/system/firstlight-kiosk.service"
    section = "[Unit]" if fault.startswith("Requires") else "[Service]"
    unit.write_text(unit.read_text().replace(section, f"{section}\n{fault}", 1))
    verdict = tool("systemd-analyze", "verify", f"--root={root}", "--man=no", unit.name)
    assert verdict.returncode != 0 or verdict.stderr


@pytest.mark.parametrize("unit", SERVICES)
def test_exposure_is_low(unit: str, root: Path, tool: Tool) -> None:
    verdict = _security(unit, root, tool)
    assert verdict == (0, ""), f"{unit} is exposed more than {EXPOSURE[unit] / 10}"


def test_an_opened_sandbox_would_be_noticed(root: Path, tool: Tool) -> None:
    unit = root / "usr/lib/systemd/system/firstlight-kiosk.service"
    unit.write_text(unit.read_text().replace("PrivateNetwork=yes\n", ""))
    assert _security(unit.name, root, tool)[0] != 0


def _security(unit: str, root: Path, tool: Tool) -> tuple[int, str]:
    verdict = tool(
        "systemd-analyze", "security", "--offline=yes", f"--root={root}", f"--threshold={EXPOSURE[unit]}", "--no-pager", unit
    )
    assert "Overall exposure level" in verdict.stdout, verdict.stderr
    return verdict.returncode, verdict.stderr
