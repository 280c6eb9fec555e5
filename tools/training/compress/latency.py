"""How long one inference takes: medians over many, with all networks taking turns, so that they share what disturbs them."""

from __future__ import annotations

import platform
import time
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle
from models.interpreter import Network

THREADS = (1, 2)
ROUNDS = 100
Key = TypeVar("Key", bound=Hashable)


def latencies(files: Mapping[Key, bytes], rounds: int = ROUNDS) -> dict[Key, dict[str, float]]:
    """Return the median milliseconds of one inference of each network for each number of threads, on an input of noise."""
    networks = {(key, threads): Network(file, threads=threads) for key, file in files.items() for threads in THREADS}
    noise = np.random.default_rng(1)
    raw = {key: network.input.quantise(_noise(network.input.shape, noise)) for key, network in networks.items()}
    times: dict[tuple[Key, int], list[float]] = {key: [] for key in networks}
    for _ in range(rounds):
        for key, network in networks.items():
            began = time.perf_counter()
            network.run(raw[key])
            times[key].append((time.perf_counter() - began) * 1e3)
    return {
        name: {f"threads_{threads}": round(float(np.median(times[name, threads])), 3) for threads in THREADS} for name in files
    }


def _noise(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    return rng.normal(size=shape).astype(np.float32)


def of_bundles(bundles: Sequence[Bundle]) -> dict[str, Any]:
    """Return the table of all ``bundles`` that have a network."""
    files = {bundle.card.name: bundle.model for bundle in bundles if bundle.has_network}
    found = latencies(files)
    return {
        "machine": f"{platform.machine()}, median of {ROUNDS} inferences, networks in turn, built-in kernels",
        "rows": [{"model": name, "latency_ms": found[name]} for name in files],
    }
