"""Bodies for the pure parts of a visit: simulated ones as ideal pixels see them, and frames around them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.protocols import ThermalFrame
from drivers.sim.body import Torso
from drivers.sim.projection import project

ROOM_C = 22.0
THERMOGRAMS = Path(__file__).parents[4] / "shared" / "data" / "thermal" / "breast_thermograms.npz"
Image = NDArray[np.float64]


def torso(**changes: float) -> Image:
    """[24, 32] in °C, without noise."""
    return Torso(**changes).celsius_at(0.0, ROOM_C)  # type: ignore[arg-type]


def noisy(image: Image, sigma_k: float, rng: np.random.Generator) -> Image:
    return image + rng.normal(0.0, sigma_k, image.shape)


def frame(image: Image, finished_s: float = 0.0, *, ambient_c: float = ROOM_C + 8.0) -> ThermalFrame:
    raw = np.full((2, 834), int(finished_s * 8) % 1000, np.uint16)
    return ThermalFrame(image.astype(np.float32), np.zeros((24, 32), bool), ambient_c, 3.3, raw, finished_s)


def thermograms() -> list[Image]:
    """Real frontal thermograms, projected to fill the field of view; skips where the data is not at hand."""
    if not THERMOGRAMS.exists():
        pytest.skip(f"the thermograms are not at {THERMOGRAMS}")
    with np.load(THERMOGRAMS) as data:
        return [project(image / 100) for image in data["cC"]]
