"""The table of one model: for each variant its size, speed, quality, calibration, and how often it answers otherwise."""

from __future__ import annotations

import functools
import gzip
import platform
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.interpreter import Network
from tools.training.compress.compressible import Compressible, Images, Judged
from tools.training.compress.latency import latencies
from tools.training.compress.variants import Variant, files
from tools.training.progress import Say, numbers
from tools.training.quantisation import allowed_loss
from tools.training.run import Run

SHARES = (0.0, 0.5)
"""Of the weights, pruned."""
ROUNDS = 30
"""Inferences of each variant behind a latency."""


def study(
    parts: Sequence[Compressible], run: Run, say: Say, shares: tuple[float, ...] = SHARES, rounds: int = ROUNDS
) -> dict[str, Any]:
    """Return the table of one model as it is written to JSON.

    A cross-validated model has one part for each fold, whose outputs are put together in that order and judged as one; sizes
    and speed are those of the first part. Every other model has one part.
    """
    what = parts[0]
    every = [files(part, shares, run) for part in parts]
    made = every[0]
    judged = {}
    for variant in made:
        found = [
            run.once(f"{part.name}-{variant.key}-outputs", functools.partial(_outputs, own[variant], part.inputs))
            for part, own in zip(parts, every, strict=True)
        ]
        judged[variant] = what.judge([np.concatenate([one[name] for one in found]) for name in sorted(found[0])])
        say(f"{what.name}, {variant.key}: {numbers(judged[variant].metrics)}")
    latency = latencies(made, rounds)
    floating = next(iter(judged.values()))
    return {
        "model": what.model,
        "population": what.population,
        "n": len(floating.decisions),
        "fine_tuning": f"{what.epochs} epochs of {what.steps} batches",
        "machine": f"{platform.machine()}, median of {rounds} inferences, variants in turn, built-in kernels",
        "note": what.note,
        "rows": [_row(variant, file, judged[variant], floating, latency[variant]) for variant, file in made.items()],
    }


def _outputs(file: bytes, inputs: Images) -> dict[str, NDArray[Any]]:
    network = Network(file)
    rows: Sequence[tuple[NDArray[np.float32], ...]] = [network.all(one) for one in inputs]
    return {f"output_{index}": np.concatenate(column) for index, column in enumerate(zip(*rows, strict=True))}


def _row(variant: Variant, file: bytes, judged: Judged, floating: Judged, latency: Mapping[str, float]) -> dict[str, Any]:
    metric = next(iter(judged.metrics))
    lost = floating.metrics[metric] - judged.metrics[metric]
    return {
        "pruned": variant.pruned,
        "rounding": variant.rounding,
        "kind": str(variant.kind),
        "bytes": len(file),
        "gzip_bytes": len(gzip.compress(file, 9, mtime=0)),
        "latency_ms": dict(latency),
        "metrics": {name: round(float(value), 4) for name, value in judged.metrics.items()},
        "calibration": {name: round(float(value), 4) for name, value in judged.calibration.items()},
        "flipped": int((judged.decisions != floating.decisions).sum()),
        "within_limits": bool(lost <= allowed_loss(metric) + 1e-12),
    }
