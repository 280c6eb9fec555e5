"""What stands in front of a simulated sensor."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from drivers.errors import BadScene
from drivers.sim.anatomy import Anatomy, WarmSpot, paint
from drivers.sim.projection import FULL, Field, Floats, check_image, project

__all__ = ["Body", "Motion", "Thermogram", "Torso", "WarmSpot"]

SKIN_EMISSIVITY = 0.98
STILL_HZ = 0.35
"""How often a person who stands sways (Winter 1995: most of its power lies below 0.5 Hz)."""


class Body(Protocol):
    """Something warm. It never changes: to change it, put another one in front of the sensor."""

    @property
    def emissivity(self) -> float: ...

    @property
    def moves(self) -> bool:
        """Whether `celsius_at` depends on the time."""

    def celsius_at(self, at_s: float, room_c: float) -> Floats:
        """What 24×32 ideal pixels see of it in a room of ``room_c``, °C."""


@dataclass(frozen=True)
class Motion:
    """A sway to the left and right."""

    amplitude: float = 0.0
    """Of the width of the field of view."""
    hz: float = STILL_HZ

    def x_at(self, at_s: float) -> float:
        return self.amplitude * math.sin(2 * math.pi * self.hz * at_s)


STILL = Motion()


class Thermogram:
    """An image in °C, as large as the field of view unless told otherwise."""

    def __init__(
        self,
        celsius: NDArray[np.generic],
        *,
        field: Field = FULL,
        background_c: float | None = None,
        motion: Motion = STILL,
        blur_px: float = 0.0,
        emissivity: float = SKIN_EMISSIVITY,
    ) -> None:
        """``celsius`` is [≥24, ≥32]. ``background_c`` is what lies around it; ``None`` is the room. Raises `BadScene`."""
        self._image = check_image(celsius)
        self._field = field
        self._background_c = background_c
        self._motion = motion
        self._blur_px = blur_px
        self.emissivity = emissivity

    @property
    def moves(self) -> bool:
        return self._motion.amplitude != 0

    def celsius_at(self, at_s: float, room_c: float) -> Floats:
        background_c = room_c if self._background_c is None else self._background_c
        field = _moved(self._field, self._motion, at_s)
        return project(self._image, field=field, background_c=background_c, blur_px=self._blur_px)


@dataclass(frozen=True)
class Torso:
    """A made-up upper body from the neck to below the breasts, arms raised, from the front: the patient's right is at the left.

    It is anatomy enough to position, to measure and to test with, and evidence of nothing.
    """

    distance: float = 1.0
    """In units of the best distance, at which the chest fills three quarters of the width (0.2 m for the 110° lens, 0.54 m
    for the 55° lens)."""
    x: float = 0.0
    """How far right of the middle it stands in the picture, of the width of the field of view."""
    y: float = 0.0
    """How far below the middle, of its height."""
    motion: Motion = STILL
    skin_c: float = 33.5
    asymmetry_k: float = 0.0
    """By how much the patient's left breast is warmer than the right one."""
    spots: tuple[WarmSpot, ...] = ()
    vessels_k: float = 0.6
    """By how much the veins stand out."""
    seed: int = 1
    """Another seed has other veins."""
    emissivity: float = SKIN_EMISSIVITY

    def __post_init__(self) -> None:
        if not 0.2 <= self.distance <= 20:
            raise BadScene(f"A torso stands at 0.2 to 20 times the best distance, not at {self.distance:g}.")

    @property
    def moves(self) -> bool:
        return self.motion.amplitude != 0

    def celsius_at(self, at_s: float, room_c: float) -> Floats:
        field = _moved(Field.placed(1 / self.distance, self.x, self.y), self.motion, at_s)
        painted = paint(Anatomy(self.skin_c, self.asymmetry_k, self.spots, self.vessels_k, self.seed))
        skin = project(painted.warmth_c, field=field, background_c=0.0)
        cover = project(painted.cover, field=field, background_c=0.0)
        return skin + (1 - cover) * room_c


@dataclass(frozen=True)
class EmptyRoom:
    """Walls at the temperature of the air."""

    emissivity: float = 0.95
    moves: bool = False

    def celsius_at(self, at_s: float, room_c: float) -> Floats:
        return np.full((24, 32), room_c)


def _moved(field: Field, motion: Motion, at_s: float) -> Field:
    return field if motion.amplitude == 0 else Field(field.left + motion.x_at(at_s), field.top, field.width, field.height)
