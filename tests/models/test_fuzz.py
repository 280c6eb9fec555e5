"""A malformed network, whatever is wrong with it, ends as a sentence in the process that serves the patient, and in time.

Its hashes are right, as those of a bundle made badly or by somebody who means harm. What the runtimes themselves do with such
networks is measured by ``python -m tests.models.fuzz``.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path

import pytest

from models.bundle import MODEL, Bundle, default_bundle, write_sums
from models.errors import TrialFailed
from models.trial import Trial, try_out
from tests.checkout import ROOT
from tests.models.golden import shipped
from tests.models.mutations import KINDS, mutated

DEADLINE_S = 20.0


def malformed(name: str, kind: str, seed: int, folder: Path) -> Path:
    """Return a copy of a shipped bundle with a mutated network and right hashes."""
    bundle = Path(shutil.copytree(default_bundle(name), folder / f"{kind}-{seed}"))
    model = (bundle / MODEL).read_bytes()
    (bundle / MODEL).write_bytes(mutated(model, kind, seed))
    write_sums(bundle)
    return bundle


def refusal(bundle: Path) -> str | None:
    """Return what the trial of ``bundle`` says, ``None`` where it passes."""
    try:
        try_out(bundle, deadline_s=DEADLINE_S)
    except TrialFailed as error:
        return str(error)
    return None


@pytest.mark.parametrize("kind", KINDS)
def test_a_mutation_is_that_of_its_seed(kind: str) -> None:
    model = bytes(range(256)) * 16
    again = [mutated(model, kind, seed) for seed in range(8)]
    assert again == [mutated(model, kind, seed) for seed in range(8)]
    assert len({*again, model}) > 6
    assert all(changed[4:8] == b"TFL3" for changed in again), "otherwise the bundle's own check would refuse it"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", shipped())
@pytest.mark.slow
def test_a_malformed_network_is_refused_or_right_and_the_process_lives_on(name: str, kind: str, tmp_path: Path) -> None:
    """One that passes gives every golden output: the damage hit what the network does not use."""
    began_s = time.monotonic()
    said = refusal(malformed(name, kind, 1, tmp_path))
    assert said is None or re.search(r"(?s)the trial of .* failed: .+\. It is not used", said)
    assert time.monotonic() - began_s < DEADLINE_S + 10


def test_where_the_runtime_crashes_it_is_the_trial_that_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """tflite-runtime crashes on two of three networks that were cut short."""
    python = os.environ.get("FIRSTLIGHT_TFLITE_PYTHON")
    if not python:
        pytest.skip("FIRSTLIGHT_TFLITE_PYTHON names no Python with tflite-runtime; ./test sets it up where Python 3.11 is")
    monkeypatch.chdir(ROOT)
    refusals = []
    for seed in range(16):
        bundle = Bundle.open(malformed("breast", "truncated", seed, tmp_path))
        with (
            pytest.raises(TrialFailed) as failed,
            Trial(bundle, deadline_s=DEADLINE_S, command=[python, "-B", "-m", "models.tried"]) as trial,
        ):
            trial.finish()
        refusals.append(str(failed.value))
        if "crashed the process that ran it (SIGSEGV)" in refusals[-1]:
            return
    pytest.fail(f"none of them crashed: {refusals}")
