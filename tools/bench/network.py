"""Every shipped network beside the bare runtime that it is wrapped around: start, inference, memory.

Both sides take real numbers and give real numbers, with the same kernels: the bare one quantises and checks nothing of what it
is given (`tools.bench.bare`). So what is measured is what our loading, checking and naming costs. Start and memory are those of
a process of its own (`tools.bench.child`), in which the bare side also hashes the file, because a damaged one may crash the
runtime; hashing loads OpenSSL's library, 3 to 4 MiB on both sides.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle, default_bundle
from models.interpreter import Network
from tools.bench.bare import BareNetwork
from tools.bench.figure import Figure
from tools.bench.timing import interleaved

LARGEST_OVERHEAD = 0.1
"""Of the bare runtime's figure."""
LARGEST_MS, LARGEST_BYTES = 0.5, 100_000
"""Of the breast network, which a patient waits for."""
LARGEST_ASSESSMENT_MS = 50.0
THREADS = (1, 2)
TIMED_S, FEWEST_ROUNDS = 1.5, 30
"""How long each side is timed, call by call in turn."""
STARTS = 200
PROCESSES = 7


def measure() -> Iterator[Figure]:
    """Yield the figures of every shipped bundle that has a network, then those that a patient waits for."""
    folder = default_bundle("any").parent
    for path in sorted(path for path in folder.iterdir() if path.is_dir()):
        bundle = Bundle.open(path)
        if bundle.has_network:
            yield from _inference(bundle)
            yield _start(bundle)
            yield from _process(bundle)
    yield from _breast(Bundle.open(default_bundle("breast")))


def _inference(bundle: Bundle) -> Iterator[Figure]:
    for threads in THREADS:
        network, bare = Network(bundle.model, threads=threads), BareNetwork(bundle.model, threads)
        image = np.random.default_rng(1).normal(size=network.input.shape).astype(np.float32)
        _, once_s = interleaved(lambda: None, lambda: bare(image), 1)  # noqa: B023
        rounds = max(FEWEST_ROUNDS, round(TIMED_S / once_s))
        ours_s, bare_s = interleaved(lambda: network.all(image), lambda: bare(image), 1, rounds)  # noqa: B023
        many = "one thread" if threads == 1 else f"{threads} threads"
        yield _beside(f"{bundle.card.name}, one inference, {many}", 1000 * ours_s, 1000 * bare_s, "ms")


def _start(bundle: Bundle) -> Figure:
    ours_s, bare_s = interleaved(lambda: Network(bundle.model), lambda: BareNetwork(bundle.model, 1), 1, STARTS)
    return _beside(f"{bundle.card.name}, start of the interpreter", 1000 * ours_s, 1000 * bare_s, "ms")


def _process(bundle: Bundle) -> Iterator[Figure]:
    """Medians of processes in turn, each from its first import to its first output."""
    found: dict[str, list[dict[str, float]]] = {"ours": [], "bare": []}
    for _ in range(PROCESSES):
        for which, into in found.items():
            into.append(_child(which, bundle.path))
    for key, what, unit, factor in (
        ("start_s", "imports, interpreter start, first inference (CPU time)", "ms", 1000.0),
        ("resident_bytes", "resident memory of a process with it", "MiB", 2.0**-20),
    ):
        ours, bare = (factor * statistics.median(one[key] for one in runs) for runs in found.values())
        yield _beside(f"{bundle.card.name}, {what}", ours, bare, unit)


def _child(which: str, bundle: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tools.bench.child", which, str(bundle)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _beside(what: str, ours: float, bare: float, unit: str) -> Figure:
    overhead = ours / bare - 1
    bar = f"≤ {100 * LARGEST_OVERHEAD:.0f} % over"
    return Figure(
        what, ours, unit, bar, overhead <= LARGEST_OVERHEAD, "bare runtime", bare, f"overhead {100 * overhead:+.1f} %"
    )


def _breast(bundle: Bundle) -> Iterator[Figure]:
    from models.breast import BreastModel

    network = Network(bundle.model)
    image = np.zeros(network.input.shape, np.float32)
    ms = 1000 * interleaved(lambda: network(image), lambda: None, 200)[0]
    yield Figure("breast network, one frame, one thread", ms, "ms", f"≤ {LARGEST_MS} ms", ms <= LARGEST_MS)
    size = len(bundle.model)
    yield Figure("breast network, file", size, "bytes", f"≤ {LARGEST_BYTES:,} bytes", size <= LARGEST_BYTES)
    model, chest = BreastModel(bundle), _chest()
    whole_ms = 1000 * interleaved(lambda: model.assess(chest), lambda: None, 5)[0]
    bar = f"≤ {LARGEST_ASSESSMENT_MS:g} ms"
    what = "assessment of one image: gate, network, occlusion map"
    yield Figure(what, whole_ms, "ms", bar, whole_ms <= LARGEST_ASSESSMENT_MS)


def _chest() -> NDArray[np.float32]:
    from drivers.sim.body import Torso

    return Torso().celsius_at(0.0, 22.0).astype(np.float32)
