"""From °C to what the networks were trained on: checked, relative to the body's own temperature, without the room.

A sensor is off by up to ±1 K as a whole (MLX90640 datasheet, section 12), and the room's temperature differs between the
days on which the training images were taken. Neither may reach a network, so every value is taken relative to the body's
median and everything that is not body becomes one constant.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.errors import BadInput

Pixel = TypeVar("Pixel", bound=np.generic)
ROWS, COLUMNS = 24, 32
NAME = "body-relative-1"
"""What a bundle's card calls this preprocessing; a change of it needs a new name and newly trained bundles."""
WITH_DIFFERENCE = "body-relative-2"
"""The same with the left-right difference as a second channel: `with_difference`."""

SPAN_K = 4.0
"""Differences beyond this are clipped: a nipple or a vessel stays inside, an edge pixel that is half room does not."""
PLAUSIBLE_C = (-60.0, 400.0)
"""Somewhat more than the sensor can measure (MLX90640 datasheet, section 1: −40 to 300 °C)."""
ROOM = -1.0
"""What everything that is not body becomes."""
BODY_DROP_K = (4.5, 8.0)
"""A body's edge lies between these below its warm places, wherever the histogram's valley seems to be."""


def checked(celsius: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return ``celsius`` if it is a float32 array [24, 32] of finite numbers; raises `BadInput` otherwise."""
    if not isinstance(celsius, np.ndarray) or celsius.shape != (ROWS, COLUMNS):
        shape = getattr(celsius, "shape", type(celsius).__name__)
        raise BadInput(f"the thermal image has the shape {shape}; give an array of the shape ({ROWS}, {COLUMNS})")
    if celsius.dtype != np.float32:
        raise BadInput(f"the thermal image has the dtype {celsius.dtype}; give float32, in °C")
    broken = int(celsius.size - np.isfinite(celsius).sum())
    if broken:
        raise BadInput(f"{broken} of {celsius.size} pixels of the thermal image are no numbers; interpolate bad pixels first")
    if celsius.min() < PLAUSIBLE_C[0] or celsius.max() > PLAUSIBLE_C[1]:
        raise BadInput(
            f"the thermal image holds {celsius.min():.0f} to {celsius.max():.0f}, which are no temperatures; give °C"
        )
    return celsius


def body_mask(celsius: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return where the body is, [24, 32]: the warm side of the histogram's valley.

    Of an image without a body it returns something all the same; whether there is a body is the gate's question.
    """
    warm = float(np.percentile(celsius, 95))
    return celsius > min(max(_otsu(celsius), warm - BODY_DROP_K[1]), warm - BODY_DROP_K[0])


def relative(celsius: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a network's input, float32 [24, 32] in −1 to 1: 0 is the body's median, 1 is `SPAN_K` above it, −1 is the room."""
    body = body_mask(celsius)
    middle = np.median(celsius[body]) if body.any() else np.median(celsius)
    scaled = np.clip((celsius - middle) / SPAN_K, -1.0, 1.0)
    return np.where(body, scaled, ROOM).astype(np.float32)


def middle_of(body: NDArray[np.bool_]) -> int:
    """Return twice the column about which a body mask [rows, columns] lies: whole, so that pixels meet pixels."""
    share = body.sum(axis=0)
    if not share.any():
        return int(body.shape[1]) - 1
    middle = float((share * np.arange(body.shape[1])).sum()) / float(share.sum())
    return round(2 * middle)


def mirror(image: NDArray[Pixel], twice_middle: int, beyond: float) -> NDArray[Pixel]:
    """Return ``image`` mirrored about the column ``twice_middle`` / 2; what comes from outside is ``beyond``."""
    source = twice_middle - np.arange(image.shape[1])
    inside = (source >= 0) & (source < image.shape[1])
    mirrored = np.full_like(image, beyond)
    mirrored[:, inside] = image[:, source[inside]]
    return mirrored


def with_difference(image: NDArray[np.float32], twice_middle: int) -> NDArray[np.float32]:
    """Return float32 [rows, columns, 2] in −1 to 1 of a `relative` image.

    The second channel is what each place has more than its mirror image about ``twice_middle`` / 2, in `SPAN_K`; 0 where one of
    the two is not body. What comes of a mirror image is the mirror image of this.
    """
    mirrored = mirror(image, twice_middle, ROOM)
    both = (image > ROOM) & (mirrored > ROOM)
    difference = np.where(both, np.clip(image - mirrored, -1.0, 1.0), 0.0)
    return np.stack([image, difference], axis=-1).astype(np.float32)


def network_input(celsius: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what a network gets of a thermal image in °C: float32 [24, 32, 2], see `relative` and `with_difference`."""
    image = relative(celsius)
    return with_difference(image, middle_of(image > ROOM))


def _otsu(values: NDArray[np.float32]) -> float:
    """Return the threshold that separates two classes best (N. Otsu, IEEE Trans. SMC 9(1):62-66, 1979), over sorted values."""
    ordered = np.sort(values, axis=None).astype(np.float64)
    below = np.arange(1, ordered.size)
    total = np.cumsum(ordered)
    mean_below = total[:-1] / below
    mean_above = (total[-1] - total[:-1]) / (ordered.size - below)
    between = below * (ordered.size - below) * (mean_above - mean_below) ** 2
    cut = int(np.argmax(between))
    return float(ordered[cut] + ordered[cut + 1]) / 2
