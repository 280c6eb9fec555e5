"""The shipped networks give the same integers on both runtimes, one thread and two; on 64-bit Arm, nearly the same."""

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
from models.golden import STEPS, Golden
from models.interpreter import Network, Runtime
from tests.checkout import ROOT
from tests.models import golden

SHIPPED = golden.shipped()


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("threads", [1, 2])
def test_the_outputs_are_the_golden_ones(name: str, threads: int) -> None:
    assert golden.check(name, threads=threads) == 0


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
        changed.check(Network(bundle.model), exact=True)


def test_another_kind_of_machine_may_differ_by_some_steps_and_no_more() -> None:
    bundle = Bundle.open(default_bundle("breast"))
    found, network = Golden.of(bundle), Network(bundle.model)
    assert found is not None

    def beside(steps: int) -> Golden:
        apart = (output + np.where(output > 0, -steps, steps).astype(np.int8) for output in found.outputs)
        return Golden(found.inputs, tuple(apart))

    assert beside(STEPS).check(network, exact=False) == STEPS
    with pytest.raises(GoldenMismatch, match="output_0 of golden input 0 differs"):
        beside(STEPS + 1).check(network, exact=False)


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
    assert report["steps"] == dict.fromkeys(SHIPPED, 0)


@pytest.mark.timeout(360)
def test_64_bit_arm_gives_nearly_the_same() -> None:
    """Its kernels round some sums to the neighbouring integer; the margin of what a trial accepts is twice what is seen."""
    python = os.environ.get("FIRSTLIGHT_AARCH64_PYTHON")
    if not python:
        pytest.skip("FIRSTLIGHT_AARCH64_PYTHON names no Python for aarch64; ./test aarch64 sets one up")
    report = elsewhere(python, "--runtime", Runtime.LITERT)
    assert report["machine"] == "aarch64" != platform.machine()
    assert sorted(report["steps"]) == SHIPPED
    assert max(report["steps"].values()) <= STEPS / 2
