"""The parts of a card that every model has, and the bundle that is made of card, network and golden outputs."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import drift
from models.bundle import CARD, GOLDEN, MODEL, SUMS, Bundle, write_sums
from models.golden import make_golden
from models.interpreter import Network
from tools.training import toml
from tools.training.errors import ModelTooLarge, PlaceTaken
from tools.training.scores import LEVEL, Estimate

LARGEST_MODEL = 3_000_000
LARGEST_GOLDEN = 300_000
"""Bytes."""


def figure(
    name: str,
    population: str,
    estimate: Estimate,
    n: int,
    *,
    unit: str,
    note: str,
    evidence: bool = True,
    subject: str = "this model",
) -> dict[str, Any]:
    """Return one entry of ``metrics`` or ``baselines``: ``n`` is the number of ``unit`` (patients, slices, ...) behind it."""
    return {
        "name": name,
        "subject": subject,
        "population": population,
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "level": LEVEL,
        "n": n,
        "unit": unit,
        "evidence": evidence,
        "note": note,
    }


def deciles(values: NDArray[Any]) -> list[float]:
    """Return the 0, 10, ..., 100 % quantiles of one input statistic, for the card's section ``drift``."""
    return list(drift.quantiles(np.ravel(values).tolist()))


def check_place(out_dir: Path) -> None:
    """Raise `PlaceTaken` where ``out_dir`` holds something that is no bundle; call it before a long training."""
    if out_dir.exists() and not (out_dir / SUMS).is_file():
        raise PlaceTaken(f"{out_dir} exists and is no bundle; give another --out")


def write_bundle(
    out_dir: Path,
    model: bytes | None,
    card: Mapping[str, Any],
    golden_inputs: NDArray[Any] | None = None,
    more: Mapping[str, bytes] | None = None,
) -> Bundle:
    """Make the bundle beside ``out_dir``, open it as a kiosk would, and only then put it there.

    ``golden_inputs`` [k, ...] are made-up inputs (never data of people): real values, float, or raw integers of the network's
    own dtype. Both are left out where a gate is a rule without a network. ``more``: further files by name. An earlier bundle in
    ``out_dir`` is replaced.

    Raises `PlaceTaken`, `ModelTooLarge`, or what the bundle's check finds (`models.errors.ModelError`).
    """
    check_place(out_dir)
    if model is not None and len(model) > LARGEST_MODEL:
        raise ModelTooLarge(f"the network takes {len(model)} bytes; at most {LARGEST_MODEL} are allowed")
    out_dir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out_dir.parent) as folder:
        made = Path(folder) / "bundle"
        made.mkdir()
        if model is not None:
            (made / MODEL).write_bytes(model)
            (made / GOLDEN).parent.mkdir()
            (made / GOLDEN).write_bytes(_golden(model, golden_inputs))
        for name, content in (more or {}).items():
            (made / name).write_bytes(content)
        (made / CARD).write_text(toml.dumps(plain(card)), encoding="utf-8")
        write_sums(made)
        Bundle.open(made)
        if out_dir.exists():
            shutil.move(out_dir, Path(folder) / "previous")
        shutil.move(made, out_dir)
    return Bundle.open(out_dir)


def plain(value: Any) -> Any:
    """Return ``value`` with numpy's numbers and arrays as Python's, at every depth; keys without a value are left out."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return plain(value.tolist()) if isinstance(value, (np.ndarray, np.generic)) else value


def _golden(model: bytes, inputs: NDArray[Any] | None) -> bytes:
    """Return the file of raw inputs and the raw outputs that every installation must reproduce."""
    if inputs is None or not len(inputs):
        raise ValueError("a bundle with a network needs golden inputs, on which it is checked before it is used")
    network = Network(model)
    raw = [one.reshape(network.input.shape) if _is_raw(one, network) else network.input.quantise(one) for one in inputs]
    golden = make_golden(network, np.concatenate(raw))
    if len(golden) > LARGEST_GOLDEN:
        raise ModelTooLarge(f"the golden set takes {len(golden)} bytes; at most {LARGEST_GOLDEN}: give fewer inputs")
    return golden


def _is_raw(inputs: NDArray[Any], network: Network) -> bool:
    return bool(inputs.dtype == network.input.dtype and inputs.dtype.kind == "i")
