"""What a bundle does in its first run happens to a child process, is said in words, and is over at the deadline."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from models.bundle import GOLDEN, SUMS, Bundle, default_bundle
from models.errors import BundleCorrupt, TrialFailed
from models.trial import Trial, try_out
from tests.models.making import copy, with_card, with_golden, with_model


def python(script: str) -> list[str]:
    """Return a command that runs ``script`` with the arguments of `models.tried`."""
    return [sys.executable, "-c", script]


def run(script: str, deadline_s: float = 60.0) -> None:
    with Trial(Bundle.open(default_bundle("breast")), deadline_s=deadline_s, command=python(script)) as trial:
        trial.finish()


def test_the_shipped_bundle_passes() -> None:
    try_out(default_bundle("breast"))


@pytest.mark.parametrize("kept", [9, 1000, -1000])
def test_a_network_cut_short_though_its_hash_is_right(tmp_path: Path, kept: int) -> None:
    with pytest.raises(TrialFailed, match=r"the inference runtime .*It is not used"):
        try_out(with_model(tmp_path, lambda model: model[:kept]))


def test_a_network_that_does_not_give_its_golden_outputs(tmp_path: Path) -> None:
    with pytest.raises(TrialFailed, match=r"output_0 of golden input 2 differs .*\(GoldenMismatch\)"):
        try_out(with_golden(tmp_path))


def test_a_bundle_of_another_modality_under_this_name(tmp_path: Path) -> None:
    bundle = with_card(tmp_path, lambda card: card["input"].update(modality="brain-mr-slice"))
    with pytest.raises(TrialFailed, match=r"takes brain-mr-slice .*\(WrongModality\)"):
        try_out(bundle)


def test_a_bundle_that_nothing_here_uses(tmp_path: Path) -> None:
    bundle = with_card(tmp_path, lambda card: card["model"].update(name="liver"))
    with pytest.raises(TrialFailed, match="nothing here uses a model called liver"):
        try_out(bundle)


def test_a_damaged_bundle_is_refused_before_any_process_starts(tmp_path: Path) -> None:
    bundle = copy(tmp_path)
    (bundle / GOLDEN).write_bytes(b"changed")
    with pytest.raises(BundleCorrupt, match="differs from its hash"):
        try_out(bundle)


def test_a_bundle_that_changes_under_way(tmp_path: Path) -> None:
    """What is tried out must be what was verified."""
    opened = Bundle.open(copy(tmp_path))
    (opened.path / SUMS).write_text("\n".join(reversed((opened.path / SUMS).read_text().splitlines())) + "\n")
    with pytest.raises(TrialFailed, match="was changed while it was looked at"):
        try_out(opened)


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL"])
def test_a_crash_is_named_and_harms_nobody(name: str) -> None:
    with pytest.raises(TrialFailed, match=rf"crashed the process that ran it \({name}\)"):
        run(f"import os, signal; os.kill(os.getpid(), signal.{name})")


def test_a_network_that_never_ends() -> None:
    with pytest.raises(TrialFailed, match="had not finished after 1 s"):
        run("import time; time.sleep(600)", deadline_s=1.0)


def test_a_network_that_wants_all_the_memory() -> None:
    script = (
        "import sys, models.golden, models.tried\n"
        "models.golden.Golden.check = lambda *_: bytearray(1 << 30)\n"
        "sys.exit(models.tried.main())"
    )
    with pytest.raises(TrialFailed, match="MemoryError"):
        run(script)


def test_a_network_that_talks_without_end_fills_nothing() -> None:
    script = (
        "import models.golden, models.tried, sys\n"
        "def talk(*_):\n"
        "    while True: sys.stdout.write('words ' * 1000)\n"
        "models.golden.Golden.check = talk\n"
        "sys.exit(models.tried.main())"
    )
    with pytest.raises(TrialFailed, match="said nothing"):
        run(script)


@pytest.mark.parametrize("script", ["", "import sys; sys.exit(5)", "print('[]')", "print('{')", "import nosuch"])
def test_a_child_that_reports_nothing(script: str) -> None:
    with pytest.raises(TrialFailed, match="and said nothing"):
        run(script)


def test_what_the_runtime_prints_does_not_hide_the_report() -> None:
    run("import sys; print('INFO: x'); print('{\"fault\": null}'); print('WARNING: y', file=sys.stderr)")


def test_where_no_process_can_be_started() -> None:
    with pytest.raises(TrialFailed, match="no process can be started"):
        Trial(Bundle.open(default_bundle("breast")), command=["/nonexistent/python"])


def test_a_trial_that_nobody_waits_for_is_ended(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    script = f"import os, pathlib, time; pathlib.Path({str(pid)!r}).write_text(str(os.getpid())); time.sleep(600)"
    with Trial(Bundle.open(default_bundle("breast")), command=python(script)):
        deadline_s = time.monotonic() + 60
        while not (pid.exists() and pid.read_text()):
            assert time.monotonic() < deadline_s
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
