"""The questions that a picture must pass before it may be taken, and the one sentence for each that it fails."""

from __future__ import annotations

from collections import deque
from enum import StrEnum

import numpy as np

from device.process.config import CaptureConfig
from device.visit.body import Body
from device.visit.reasons import Reason
from drivers.protocols import COLUMNS, ThermalFrame

SELF_HEATING_K = 8.0
"""The die of a warm MLX90640 is this much above the room (datasheet 11.2.2.9: reflected temperature Ta - 8 K).

The room's temperature is taken from here and not from the picture's background, which is one wall, a window or a heater."""
LARGEST_DRIFT_K_PER_S = 0.01
"""Of Ta. A cold sensor warms by 8 K in about 4 min: 0.1 K/s at first, 0.005 K/s when those minutes are over."""
DRIFT_WINDOW_S = 4.0
"""Ta is known to about 0.02 K, so its slope over 16 frames to 0.004 K/s."""
NARROWEST, WIDEST = 0.40, 0.95
"""Share of the picture that a torso at a plausible distance fills (200 thermograms of DMR-IR: 0.44 to 0.94)."""
OFF_CENTRE_PX = 3.0
"""10 degrees with the 110° lens; the thermograms lie within 2.3."""


class Gate(StrEnum):
    """Names as they stand in the record."""

    WARM_UP = "warm_up"
    AMBIENT = "ambient"
    STABILITY = "stability"
    BODY_PRESENT = "body_present"
    CENTRED = "centred"
    DISTANCE = "distance"
    MOTION = "motion"
    NOISE = "noise"


class Warmth:
    """The sensor's own temperature over the last seconds."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        self._recent: deque[tuple[float, float]] = deque()

    def add(self, frame: ThermalFrame) -> None:
        """Take note of a frame's Ta."""
        if self._since_s is None:
            self._since_s = frame.finished_s
        self._recent.append((frame.finished_s, frame.ambient_c))
        while self._recent[0][0] < frame.finished_s - DRIFT_WINDOW_S:
            self._recent.popleft()

    def restart(self) -> None:
        """The sensor was opened anew and may have been without power."""
        self._since_s = None
        self._recent.clear()

    @property
    def on_s(self) -> float:
        """For how long the sensor is known to have been measuring."""
        return self._recent[-1][0] - self._since_s if self._recent and self._since_s is not None else 0.0

    @property
    def room_c(self) -> float | None:
        """Temperature of the room, °C; ``None`` before the first frame. Right only once the sensor is warm."""
        return self._recent[-1][1] - SELF_HEATING_K if self._recent else None

    @property
    def drift_k_per_s(self) -> float | None:
        """Slope of Ta by least squares; ``None`` while the window is not nearly full."""
        times, values = np.array(self._recent).T if self._recent else (np.empty(0), np.empty(0))
        if times.size < 3 or times[-1] - times[0] < 0.8 * DRIFT_WINDOW_S:
            return None
        centred = times - times.mean()
        return float(centred @ (values - values.mean()) / (centred @ centred))


def failing_room_gate(warmth: Warmth, limits: CaptureConfig) -> tuple[Gate, Reason] | None:
    """Return the first gate of sensor and room that fails now.

    Nobody tells the kiosk since when the sensor has had power. It counts as warm once Ta has stopped rising, or once it has
    been seen measuring for ``warm_up_s``; a drift after that is an unstable room (a fan, an open window).
    """
    drift, room_c = warmth.drift_k_per_s, warmth.room_c
    steady = drift is not None and abs(drift) <= LARGEST_DRIFT_K_PER_S
    if room_c is None or drift is None or (not steady and warmth.on_s < limits.warm_up_s):
        return Gate.WARM_UP, Reason.SENSOR_WARMING_UP
    if not steady:
        return Gate.STABILITY, Reason.SENSOR_NOT_STABLE
    if room_c < limits.ambient_lowest_c:
        return Gate.AMBIENT, Reason.ROOM_TOO_COLD
    if room_c > limits.ambient_highest_c:
        return Gate.AMBIENT, Reason.ROOM_TOO_WARM
    return None


def failing_position_gate(body: Body | None) -> tuple[Gate, Reason] | None:
    """Return what is wrong with where the person stands. The picture's right is the patient's left."""
    if body is None:
        return Gate.BODY_PRESENT, Reason.NOBODY_THERE
    if body.width > WIDEST:
        return Gate.DISTANCE, Reason.STEP_BACK
    if body.midline < (COLUMNS - 1) / 2 - OFF_CENTRE_PX:
        return Gate.CENTRED, Reason.MOVE_LEFT
    if body.midline > (COLUMNS - 1) / 2 + OFF_CENTRE_PX:
        return Gate.CENTRED, Reason.MOVE_RIGHT
    if body.width < NARROWEST:
        return Gate.DISTANCE, Reason.COME_CLOSER
    return None
