"""The shipped networks give the same integers everywhere: on every run, both runtimes, one thread and two, x86-64 and Arm."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from typing import Any

import numpy as np
import pytest

from models.bundle import Bundle, default_bundle
from models.errors import GoldenMismatch
from models.golden import Golden
from models.interpreter import Network, Runtime
from tests.checkout import ROOT
from tests.models import golden

SHIPPED = golden.shipped()


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("threads", [1, 2])
def test_the_outputs_are_the_golden_ones(name: str, threads: int) -> None:
    assert golden.check(name, threads=threads) >= 4


@pytest.mark.parametrize("name", SHIPPED)
def test_the_golden_inputs_tell_something_apart(name: str) -> None:
    found = Golden.of(Bundle.open(default_bundle(name)))
    assert found is not None
    for outputs in found.outputs:
        assert len({np.asarray(output).tobytes() for output in outputs}) > len(outputs) // 2


@pytest.mark.parametrize("name", SHIPPED)
def test_outputs_that_differ_by_one_step_are_noticed(name: str) -> None:
    bundle = Bundle.open(default_bundle(name))
    found = Golden.of(bundle)
    assert found is not None
    changed = Golden(found.inputs, tuple(outputs + np.ones_like(outputs) for outputs in found.outputs))
    with pytest.raises(GoldenMismatch, match="output_0 of golden input 0"):
        changed.check(Network(bundle.model))


def elsewhere(python: str, *arguments: str) -> dict[str, Any]:
    command = [python, "-m", "tests.models.golden", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_the_legacy_runtime_gives_the_same() -> None:
    python = os.environ.get("FIRSTLIGHT_TFLITE_PYTHON")
    if not python:
        pytest.skip("FIRSTLIGHT_TFLITE_PYTHON names no Python with tflite-runtime; ./test sets it up where Python 3.11 is")
    report = elsewhere(python, "--runtime", Runtime.TFLITE)
    assert report["runtime"] == Runtime.TFLITE
    assert sorted(report["same"]) == SHIPPED


@pytest.mark.timeout(360)
def test_64_bit_arm_gives_the_same() -> None:
    python = os.environ.get("FIRSTLIGHT_AARCH64_PYTHON")
    if not python:
        pytest.skip("FIRSTLIGHT_AARCH64_PYTHON names no Python for aarch64; ./test aarch64 sets one up")
    report = elsewhere(python, "--runtime", Runtime.LITERT)
    assert report["machine"] == "aarch64" != platform.machine()
    assert sorted(report["same"]) == SHIPPED
