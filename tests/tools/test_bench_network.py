"""The bare runtime in the bench does the same work as the wrapper that it is compared with; no time is asserted."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from models.bundle import Bundle, default_bundle
from models.interpreter import Network
from tests.checkout import ROOT
from tests.models.golden import shipped
from tools.bench.bare import BareNetwork
from tools.bench.network import _beside


@pytest.mark.parametrize("name", shipped())
def test_both_sides_give_the_same_numbers(name: str) -> None:
    model = Bundle.open(default_bundle(name)).model
    network, bare = Network(model), BareNetwork(model, threads=1)
    values = np.random.default_rng(3).normal(size=bare.shape).astype(np.float32)
    bare_outputs = sorted(output.tobytes() for output in bare(values))
    assert sorted(output.tobytes() for output in network.all(values)) == bare_outputs


@pytest.mark.parametrize("which", ["ours", "bare"])
def test_a_process_says_what_it_took(which: str) -> None:
    command = [sys.executable, "-m", "tools.bench.child", which, str(default_bundle("breast"))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    measured = json.loads(done.stdout)
    assert measured["start_s"] > 0
    assert measured["resident_bytes"] > 10 * 2**20


def test_a_tenth_more_than_the_bare_runtime_is_the_bar() -> None:
    assert _beside("x", 1.09, 1.0, "ms").met
    figure = _beside("x", 1.2, 1.0, "ms")
    assert not figure.met
    assert figure.line() == "MISSED  x: 1.2 ms  (bare runtime: 1 ms, 0.833×)  bar ≤ 10 % over  overhead +20.0 %"
