"""The ordinary photograph beside a thermal picture: one for each capture, never waited for beyond a short deadline."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.process.logs import Log
from drivers.clock import Clock
from drivers.errors import DriverError
from drivers.protocols import PhotoCamera

LOG = Log(__name__)
DEADLINE_S = 1.0
"""A camera at 30 frames a second needs 0.1 s. Whoever holds still in front of it is not kept waiting for a broken one."""
QUALITY = 90
"""JPEG. 1280×960 pixels then take some 200 kB."""


@dataclass(frozen=True)
class Photograph:
    """A photograph, or why there is none."""

    jpeg: bytes = field(default=b"", repr=False)
    """In colour, without any metadata; empty where there is none."""
    width: int = 0
    height: int = 0
    aligned: bool = False
    """Warped onto the thermal frame's field of view."""
    delay_s: float = 0.0
    """From the last thermal frame to the photograph."""
    reason: str = ""
    """Why there is none."""

    @property
    def taken(self) -> bool:
        return bool(self.jpeg)


class Photographer:
    """Takes photographs, and lives with a camera that takes none. Raises nothing."""

    def __init__(self, camera: PhotoCamera | None, clock: Clock, fault: Exception | None = None) -> None:
        """``camera``: ``None`` for one that could not be opened, because of ``fault``. It is not tried again: libcamera finds a
        camera that was plugged in later only after a restart."""
        self.fault: Exception | None = fault
        """What is wrong now; ``None`` as long as photographs come."""
        self.last: Photograph | None = None
        """Size and alignment of the last photograph, without the picture."""
        self._camera = camera
        self._clock = clock

    def take(self, captured_s: float) -> Photograph:
        """Photograph who stands there now; ``captured_s``: monotonic time of the last thermal frame.

        Takes `DEADLINE_S` at most, and the few milliseconds of the JPEG.
        """
        if self._camera is None:
            return Photograph(reason=_sentence(self.fault))
        try:
            photo = self._camera.capture(DEADLINE_S)
            taken_s = self._clock.monotonic()
            jpeg = jpeg_of(photo.rgb)
        except Exception as error:  # picamera2 raises whatever it likes, and no visit ends for it
            self._failed(error)
            return Photograph(reason=_sentence(error))
        if self.fault is not None:
            LOG.info("photo camera works again")
        self.fault = None
        height, width, _ = photo.rgb.shape
        self.last = Photograph(width=width, height=height, aligned=photo.aligned, delay_s=taken_s - captured_s)
        return Photograph(jpeg, width, height, photo.aligned, taken_s - captured_s)

    def close(self) -> None:
        if self._camera is not None:
            self._camera.close()

    def _failed(self, error: Exception) -> None:
        if type(error) is not type(self.fault):
            LOG.error("photo camera fails", fault=type(error).__name__, detail=str(error))
        self.fault = error


def jpeg_of(rgb: NDArray[np.uint8]) -> bytes:
    """Return ``rgb`` ([height, width, 3], R first) as a JPEG file. Raises `ValueError` for what is no picture."""
    import cv2  # costs 100 ms and 32 MiB, and photos are off by default

    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.size == 0:
        raise ValueError(f"the photo camera delivered no colour picture but an array of shape {rgb.shape}")
    done, file = cv2.imencode(".jpg", np.ascontiguousarray(rgb[:, :, ::-1]), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise ValueError(f"a picture of {rgb.shape[1]}×{rgb.shape[0]} pixels could not be written as JPEG")
    return file.tobytes()


def to_json(photograph: Photograph | None) -> dict[str, Any] | None:
    """Return what the record says; ``None`` where the kiosk takes no photographs."""
    if photograph is None:
        return None
    if not photograph.taken:
        return {"taken": False, "reason": photograph.reason}
    return {
        "taken": True,
        "aligned": photograph.aligned,
        "width": photograph.width,
        "height": photograph.height,
        "delay_s": round(photograph.delay_s, 3),
    }


def _sentence(error: Exception | None) -> str:
    return str(error) if isinstance(error, DriverError) else f"the photo camera failed with {type(error).__name__}: {error}"
