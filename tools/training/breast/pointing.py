"""Does an occlusion map point at what was put into the picture? Hot spots planted in the thermograms of held-out patients.

Nobody has outlined what is wrong in these thermograms, so the spots are made up: the figure says that the map shows where the
model looks, and nothing about disease.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.breast import COVER
from models.explain import PATCH, occlusion_map
from models.preprocess import COLUMNS, ROOM, ROWS, middle_of, relative, with_difference
from tools.training.scores import Estimate
from tools.training.shares import exact_share

Images = NDArray[np.float32]
WARMER_K, RADIUS_PX = 3.0, 2.0
"""Of the planted spot: height and standard deviation."""
NEAR_PX = RADIUS_PX + PATCH / 2
"""A map points at the spot where its maximum is this near to the spot's middle."""
CHEST = (slice(6, 20), slice(5, 27))
"""Where spots are planted, as far as there is body."""


class Pointing(NamedTuple):
    hits: Estimate
    n: int
    chance: float
    """Mean share of the body that lies near enough to the spot."""


def pointing_game(images: list[Images], probability_of: Callable[[int, Images], float], seed: int) -> Pointing:
    """Plant a spot in each image [24, 32] in °C; ``probability_of`` asks the model that has not seen this patient.

    It is given the patient's index and a network input [24, 32, 2].
    """
    rng, hits, chances = np.random.default_rng(seed), [], []
    rows, columns = np.mgrid[0:ROWS, 0:COLUMNS]
    for index, celsius in enumerate(images):
        inside = np.zeros((ROWS, COLUMNS), dtype=bool)
        inside[CHEST] = True
        places = np.argwhere(inside & (relative(celsius) > ROOM))
        row, column = places[rng.integers(len(places))]
        distance = np.hypot(rows - row, columns - column)
        image = relative((celsius + WARMER_K * np.exp(-0.5 * (distance / RADIUS_PX) ** 2)).astype(np.float32))
        middle = middle_of(image > ROOM)

        def probability(seen: Images, index: int = index, middle: int = middle) -> float:
            return probability_of(index, with_difference(seen, middle))

        found = occlusion_map(image, COVER, probability)
        body = image > ROOM
        hits.append(distance.flat[int(np.argmax(np.where(body, found, -np.inf)))] <= NEAR_PX)
        chances.append((distance <= NEAR_PX)[body].mean())
    return Pointing(exact_share(np.array(hits)), len(hits), float(np.mean(chances)))
