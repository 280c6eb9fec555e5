"""A simulated picamera2: the part of its interface that the photo driver uses, with a loose cable on demand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivers.clock import Clock

FRAME_S = 1 / 30
BUFFERS = 4
"""Requests that a camera can have out at once; it stops when none is given back."""


class SimPhotoCamera:
    """Stands for `picamera2.Picamera2`, as the ``hardware`` of `drivers.photo.Picamera2Camera`.

    Arrays are B, G, R in spite of the format's name "RGB888", as libcamera's are. It can be opened again after closing.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started = False
        self._lent = 0
        self._size = (0, 0)
        self.scene: NDArray[np.uint8] | None = None
        """What the camera sees, [height, width, 3], R first; a test card while it is ``None``. Any thread may assign it."""
        self.cable_loose = False
        """No frame arrives any more. Any thread may switch it."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {'started' if self._started else 'stopped'}>"

    def create_still_configuration(self, main: dict[str, object]) -> dict[str, dict[str, object]]:
        return {"main": main}

    def configure(self, configuration: dict[str, dict[str, object]]) -> None:
        main = configuration["main"]
        size = main.get("size")
        if main.get("format") != "RGB888" or not isinstance(size, tuple):
            raise RuntimeError("The simulated camera delivers RGB888 of a given size alone.")
        self._size = size

    def start(self) -> None:
        self._started = True

    def stop(self) -> None:
        self._started = False

    def close(self) -> None:
        self._lent = 0

    def capture_request(self, wait: bool, flush: bool) -> SimJob:
        if wait or not flush:
            raise RuntimeError("The simulated camera has jobs alone: waiting here would block for ever on a loose cable.")
        if not self._started:
            raise RuntimeError("The simulated camera was not started.")
        return SimJob(self)

    def cancel_all_and_flush(self) -> None:
        """Forget the jobs that nobody waits for any more; there is nothing to do."""

    def deliver(self, timeout_s: float) -> SimRequest:
        """Let a frame's time pass and lend a buffer; raises `TimeoutError` when there is none in time."""
        if self.cable_loose or self._lent >= BUFFERS or timeout_s < FRAME_S:
            self._clock.sleep(timeout_s)
            raise TimeoutError
        self._clock.sleep(FRAME_S)
        self._lent += 1
        return SimRequest(self, test_card(*self._size) if self.scene is None else self.scene)

    def take_back(self) -> None:
        self._lent -= 1


class SimJob:
    """Stands for `picamera2.job.Job`."""

    def __init__(self, camera: SimPhotoCamera) -> None:
        self._camera = camera

    def get_result(self, timeout: float) -> SimRequest:
        return self._camera.deliver(timeout)


class SimRequest:
    """Stands for `picamera2.request.CompletedRequest`."""

    def __init__(self, camera: SimPhotoCamera, rgb: NDArray[np.uint8]) -> None:
        self._camera = camera
        self._rgb = rgb

    def make_array(self, name: str) -> NDArray[np.uint8]:
        if name != "main":
            raise RuntimeError(f"The simulated camera has no stream {name!r}.")
        return self._rgb[:, :, ::-1].copy()

    def release(self) -> None:
        self._camera.take_back()


def test_card(width: int, height: int) -> NDArray[np.uint8]:
    """A picture that betrays swapped colours and wrong turns: red rises to the right, green downwards, blue is 32."""
    card = np.full((height, width, 3), 32, dtype=np.uint8)
    card[:, :, 0] = np.linspace(0, 255, width).astype(np.uint8)
    card[:, :, 1] = np.linspace(0, 255, height).astype(np.uint8)[:, None]
    return card
