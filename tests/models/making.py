"""Synthetic chests and changed copies of the shipped bundle. No image of a person is in the project."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivers.sim.body import Torso
from models.bundle import CARD, GOLDEN, MODEL, default_bundle, write_sums
from tools.training import toml

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data" / "thermal"
BROKEN = Path(__file__).parent / "broken"
"""Networks with random weights that no kiosk may run: one in float32, one in int8 for an image of 2×2."""


def chest(seed: int = 1, *, room_c: float = 22.0, noise_k: float = 0.1, **torso: Any) -> NDArray[np.float32]:
    """Return what an ideal sensor sees of a simulated torso, float32 [24, 32] in °C."""
    ideal = Torso(seed=seed, **torso).celsius_at(0.0, room_c)
    return (ideal + np.random.default_rng(seed).normal(0, noise_k, ideal.shape)).astype(np.float32)


def copy(folder: Path, name: str = "breast") -> Path:
    """Copy a shipped bundle to ``folder``/bundle."""
    return Path(shutil.copytree(default_bundle(name), folder / "bundle"))


def with_card(folder: Path, change: Callable[[dict[str, Any]], None], name: str = "breast") -> Path:
    """Copy a shipped bundle with a changed card and right hashes, as somebody would who made a bundle badly."""
    bundle = copy(folder, name)
    card = tomllib.loads((bundle / CARD).read_text(encoding="utf-8"))
    change(card)
    (bundle / CARD).write_text(toml.dumps(card), encoding="utf-8")
    write_sums(bundle)
    return bundle


def with_model(folder: Path, change: Callable[[bytes], bytes]) -> Path:
    """Copy the shipped bundle with a changed network and right hashes."""
    bundle = copy(folder)
    (bundle / MODEL).write_bytes(change((bundle / MODEL).read_bytes()))
    write_sums(bundle)
    return bundle


def with_golden(folder: Path) -> Path:
    """Copy the shipped bundle with right hashes and one golden output that no network gives."""
    bundle = copy(folder)
    with np.load(bundle / GOLDEN) as arrays:
        outputs = arrays["output_0"].copy()
        outputs[2] += 1
        np.savez_compressed(bundle / GOLDEN, inputs=arrays["inputs"], output_0=outputs)
    write_sums(bundle)
    return bundle


def at(card: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    """Return the table that holds the last part of a dotted ``path``, and that part; of a list of tables it means the first."""
    *tables, key = path.split(".")
    place: Any = card
    for table in tables:
        place = place[table][0] if isinstance(place[table], list) else place[table]
    return place, key
