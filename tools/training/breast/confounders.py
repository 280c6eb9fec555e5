"""What can be told from an image without looking at the breasts. A model has to be better than this to have shown anything."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tools.training.breast.marker import find_marker
from tools.training.breast.thermograms import Thermograms
from tools.training.scores import Floats


def date_alone(data: Thermograms) -> Floats:
    """Return the day of acquisition as the only feature, [n, 1]; a missing date is its epoch's middle."""
    days = data.day.copy()
    for epoch in np.unique(data.epoch):
        unknown = np.isnan(days) & (data.epoch == epoch)
        days[unknown] = np.nanmedian(data.day[data.epoch == epoch])
    return days[:, None]


def room_framing_marker(data: Thermograms) -> Floats:
    """Return [n, 5]: the room's temperature, the body's share of the image, its width at two heights, the marker's area."""
    return np.array([_room_framing_marker(celsius) for celsius in data.celsius])


def _room_framing_marker(celsius: NDArray[np.float32]) -> list[float]:
    room = float(np.percentile(celsius, 2))
    body = celsius > (room + np.percentile(celsius, 90)) / 2
    return [room, body.mean(), body[40:60].mean(), body[90:110].mean(), float(find_marker(celsius).sum()) ** 0.5]
