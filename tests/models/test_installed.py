"""The device's models folder: a bundle is there whole or not at all, and one change of state makes it active."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from models.bundle import MODEL, SIGNATURE, SUMS, Bundle
from models.choice import Origin, candidates
from models.errors import ActivationBusy, ActivationFailed, BundleCorrupt
from models.installed import DRAFT, STATE, Installed, State
from tests.checkout import ROOT
from tests.device.users import unprivileged
from tests.models.making import copy, with_card


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    return Installed(tmp_path / "models")


@pytest.fixture
def first(tmp_path: Path) -> Bundle:
    (tmp_path / "first").mkdir()
    return Bundle.open(with_card(tmp_path / "first", lambda card: card["model"].update(version="0.1.1")))


@pytest.fixture
def second(tmp_path: Path) -> Bundle:
    (tmp_path / "second").mkdir()
    return Bundle.open(with_card(tmp_path / "second", lambda card: card["model"].update(version="0.1.2")))


def install(installed: Installed, bundle: Bundle) -> State:
    with installed.locked():
        return installed.switch("breast", installed.put(bundle).sha256)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_device_without_any_uses_what_is_shipped(installed: Installed) -> None:
    found, faults = candidates("breast", installed)
    assert ([candidate.origin for candidate in found], faults) == ([Origin.SHIPPED], [])
    assert installed.names() == []


def test_the_active_one_comes_first_then_the_previous_then_the_shipped(
    installed: Installed, first: Bundle, second: Bundle
) -> None:
    assert install(installed, first) == State(first.sha256, None)
    assert install(installed, second) == State(second.sha256, first.sha256)
    found, _ = candidates("breast", installed)
    assert [candidate.origin for candidate in found] == [Origin.ACTIVE, Origin.PREVIOUS, Origin.SHIPPED]
    assert [Bundle.open(candidate.path).card.version for candidate in found[:2]] == ["0.1.2", "0.1.1"]


def test_installing_the_active_one_again_keeps_what_was_before(installed: Installed, first: Bundle, second: Bundle) -> None:
    install(installed, first)
    install(installed, second)
    assert install(installed, second) == State(second.sha256, first.sha256)


def test_whoever_runs_the_kiosk_can_read_it(installed: Installed, first: Bundle) -> None:
    install(installed, first)
    for path in (installed.folder, *installed.folder.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o755 if path.is_dir() else 0o644), path


def test_a_bundle_that_was_damaged_here_is_put_in_order(installed: Installed, first: Bundle) -> None:
    install(installed, first)
    (installed.path("breast", first.sha256) / MODEL).write_bytes(b"damaged")
    install(installed, first)
    assert Bundle.open(installed.path("breast", first.sha256)).model == first.model


@pytest.mark.parametrize("after", ["added", "removed"])
def test_a_signature_is_added_or_taken_away_in_place(installed: Installed, first: Bundle, after: str) -> None:
    lines = f"{'0' * 16} {'A' * 86}==\n"
    if after == "removed":
        (first.path / SIGNATURE).write_text(lines)
    install(installed, Bundle.open(first.path))
    (first.path / SIGNATURE).unlink(missing_ok=True)
    if after == "added":
        (first.path / SIGNATURE).write_text(lines)
    install(installed, Bundle.open(first.path))
    there = Bundle.open(installed.path("breast", first.sha256))
    assert there.signature == (lines.encode() if after == "added" else None)


def test_what_a_killed_activation_left_is_removed_by_the_next(installed: Installed, first: Bundle) -> None:
    left = installed.folder / "breast" / f"{DRAFT}123"
    left.mkdir(parents=True)
    (left / MODEL).write_bytes(b"half")
    (installed.folder / "breast" / f"{DRAFT}456").write_bytes(b"half")
    install(installed, first)
    assert {path.name for path in (installed.folder / "breast").iterdir()} == {first.sha256, STATE}


@pytest.mark.parametrize("before", ["nothing", "another"])
def test_killed_at_any_step_leaves_the_earlier_or_the_new_one(
    installed: Installed, first: Bundle, second: Bundle, before: str
) -> None:
    installed.folder.mkdir()
    if before == "another":
        install(installed, first)
    shipped = Bundle.open(candidates("breast", Installed(installed.folder / "nosuch"))[0][0].path).sha256
    command = [sys.executable, "-m", "tests.models.killed", str(installed.folder), str(second.path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    earlier = first.sha256 if before == "another" else shipped
    assert {step["left"] for step in steps} == {earlier, second.sha256}, "neither would be a kiosk without a model"
    assert {step["then"] for step in steps} == {second.sha256}
    assert [step["killed"] for step in steps] == [True] * (len(steps) - 1) + [False]
    assert len(steps) > 20


def test_two_activations_at_once(installed: Installed, first: Bundle) -> None:
    with installed.locked(), pytest.raises(ActivationBusy, match="another activation is at work"), installed.locked():
        pytest.fail("two have the lock")
    install(installed, first)


def test_a_disk_that_is_full_leaves_the_earlier_one(small_disk: Path, first: Bundle, second: Bundle) -> None:
    installed = Installed(small_disk / "models")
    install(installed, first)
    filling = small_disk / "filling"
    with suppress(OSError), filling.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    with pytest.raises(ActivationFailed, match=r"No space left.*make room on the disk"):
        install(installed, second)
    assert installed.state("breast") == State(first.sha256, None)
    assert Bundle.open(installed.path("breast", first.sha256)).card.version == "0.1.1"
    assert not list(small_disk.rglob(f"{DRAFT}*")), "nothing half-written is left"
    filling.unlink()
    assert install(installed, second) == State(second.sha256, first.sha256)


def test_a_disk_that_is_read_only_leaves_the_earlier_one(small_disk: Path, first: Bundle, second: Bundle) -> None:
    installed = Installed(small_disk / "models")
    install(installed, first)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(ActivationFailed, match=r"Read-only file system.*make the disk writable"):
        install(installed, second)
    assert candidates("breast", installed)[0][0].path == installed.path("breast", first.sha256)


def test_a_folder_of_another_user(installed: Installed, first: Bundle, second: Bundle) -> None:
    install(installed, first)
    with unprivileged(), pytest.raises(ActivationFailed, match=r"Permission denied.*\(sudo\)"):
        install(installed, second)
    assert installed.state("breast") == State(first.sha256, None)


def test_a_folder_that_cannot_be_made(tmp_path: Path, first: Bundle) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ActivationFailed, match=r"file/models cannot be written \(Not a directory\); nothing was changed"):
        install(Installed(tmp_path / "file" / "models"), first)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"active": 1, "previous": null, "unsigned": []}',
        '{"active": "../x", "previous": null, "unsigned": []}',
    ],
)
def test_a_state_that_says_nothing(installed: Installed, first: Bundle, content: str) -> None:
    install(installed, first)
    (installed.folder / "breast" / STATE).write_text(content)
    with pytest.raises(BundleCorrupt, match="does not say which bundle is active"):
        installed.state("breast")
    found, faults = candidates("breast", installed)
    assert [candidate.origin for candidate in found] == [Origin.SHIPPED]
    assert len(faults) == 1
    assert install(installed, first) == State(first.sha256, None)


def test_a_damaged_copy_is_not_written(installed: Installed, tmp_path: Path) -> None:
    """What was verified in memory is what is written, whatever has become of the source meanwhile."""
    bundle = Bundle.open(copy(tmp_path))
    (bundle.path / SUMS).write_text("changed")
    (bundle.path / MODEL).write_bytes(b"changed")
    install(installed, bundle)
    assert Bundle.open(installed.path("breast", bundle.sha256)).model == bundle.model
