"""The shipped network gives the same integers everywhere: on every run, on both runtimes, on one thread and on two."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from models.bundle import Bundle, default_bundle
from models.interpreter import Network, Runtime
from tests.models.golden import outputs, stored


def test_the_outputs_are_the_golden_ones() -> None:
    inputs, expected = stored()
    assert outputs(inputs) == expected
    assert len(set(expected)) > 6, "the golden inputs tell nothing apart"


def test_two_threads_give_what_one_gives() -> None:
    inputs, expected = stored()
    network = Network(Bundle.open(default_bundle("breast")).model, threads=2)
    assert [int(network.run(image.reshape(network.input.shape))[0].item()) for image in inputs] == expected


def test_the_legacy_runtime_gives_the_same() -> None:
    python = os.environ.get("FIRSTLIGHT_TFLITE_PYTHON")
    if not python:
        pytest.skip("FIRSTLIGHT_TFLITE_PYTHON names no Python with tflite-runtime; ./test sets it up where Python 3.11 is")
    command = [python, "-m", "tests.models.golden", "--runtime", Runtime.TFLITE]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == stored()[1]
