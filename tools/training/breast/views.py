"""What the kiosk's sensor would see of a thermogram: random framing, lens blur, noise and offset, then 24×32 pixels.

The image is projected by the simulated sensor's own optics (`drivers.sim.projection`); a test compares these views with what
comes through registers, bus and driver.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivers.sim.projection import Field, project
from models.preprocess import network_input

FACE_ROWS = 21
"""Rows 0 to 20 of a thermogram show chins and mouths, and are cut off."""
PADDING = 48
"""Pixels by which the borders are continued, so that a view may reach beyond the image."""


@dataclass(frozen=True)
class Framing:
    """Where the sensor looks, in pixels of the thermogram [120, 160], and what it adds."""

    width: float = 150.0
    """Of the thermogram, as wide as the field of view."""
    stretch: float = 1.0
    """Height of the window in relation to 3/4 of its width."""
    right: float = 0.0
    """By how much the window is moved to the right of the middle."""
    top: float = FACE_ROWS
    blur_px: float = 0.3
    noise_k: float = 0.1
    offset_k: float = 0.0


NOMINAL = Framing()
"""As a person stands who follows the outline on the screen, with the noise of a finished capture."""


def random_framing(rng: np.random.Generator) -> Framing:
    """Return the framing of one training view: field of view and distance, position, blur, 0.05 to 0.3 K noise, ±1 K offset."""
    return Framing(
        width=rng.uniform(125, 165),
        stretch=rng.uniform(0.92, 1.08),
        right=rng.uniform(-8, 8),
        top=rng.uniform(FACE_ROWS - 4, FACE_ROWS + 10),
        blur_px=rng.uniform(0.0, 0.7),
        noise_k=rng.uniform(0.05, 0.3),
        offset_k=rng.uniform(-1.0, 1.0),
    )


def prepare(celsius: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a thermogram [120, 160] without the face, its borders continued by `PADDING`; ready for `view`.

    The marker must have been painted over before (`tools.training.breast.marker`).
    """
    return np.pad(celsius[FACE_ROWS:], PADDING, mode="edge")


def field_of(prepared: NDArray[np.float32], framing: Framing) -> Field:
    """Return where a prepared thermogram lies in the sensor's field of view."""
    height, width = prepared.shape
    shown_height = framing.width * 0.75 * framing.stretch
    left = width / 2 - framing.width / 2 + framing.right
    top = framing.top - FACE_ROWS + PADDING
    return Field(-left / framing.width, -top / shown_height, width / framing.width, height / shown_height)


def view(prepared: NDArray[np.float32], framing: Framing, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return float32 [24, 32] in °C: what the sensor delivers of a thermogram from `prepare`."""
    ideal = project(prepared, field=field_of(prepared, framing), blur_px=framing.blur_px)
    return (ideal + rng.normal(framing.offset_k, framing.noise_k, ideal.shape)).astype(np.float32)


def random_views(prepared: NDArray[np.float32], count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a network's inputs of ``count`` random views of one prepared thermogram, [count, 24, 32, 2]."""
    return np.stack([network_input(view(prepared, random_framing(rng), rng)) for _ in range(count)])


def full_frame(celsius: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return what the sensor sees of a whole thermogram that fills its field of view, in °C, [24, 32]."""
    ideal = project(celsius)
    return (ideal + rng.normal(0, NOMINAL.noise_k, ideal.shape)).astype(np.float32)
