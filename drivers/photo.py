"""The visible-light camera through picamera2, which a loose cable makes wait for ever: every call has a deadline here."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from drivers.clock import Clock, Deadline
from drivers.errors import BadHomography, DeadlineExceeded, DeviceClosed, DeviceMissing, DriverNotInstalled
from drivers.protocols import COLUMNS, ROWS, Photo

SIZE = (1280, 960)
ALIGNED_SCALE = 20
"""Pixels of an aligned photo for one thermal pixel."""
CALL_S = 5.0
"""Deadline of a call that only talks to the camera's software: opening, configuring, asking for a picture, closing."""

T = TypeVar("T")


class Picamera2Camera:
    """`PhotoCamera` on a camera of the Raspberry Pi."""

    def __init__(
        self, clock: Clock, *, homography: NDArray[np.float64] | None = None, size: tuple[int, int] = SIZE, hardware: Any = None
    ) -> None:
        """Open and start the camera.

        ``homography`` [3, 3] maps a photo's pixel (x, y) to the thermal frame's (column, row); without it photos are not
        aligned. ``hardware`` replaces `picamera2.Picamera2`. Raises `DriverNotInstalled`, `DeviceMissing`, `DeadlineExceeded`
        or `BadHomography`.
        """
        self._clock = clock
        self._homography = None if homography is None else check_homography(homography)
        self._camera = hardware if hardware is not None else _within(CALL_S, "opened", _find_camera)
        self._open = True
        try:
            _within(CALL_S, "started", lambda: self._start(size))
        except BaseException:
            self.close()
            raise

    def __repr__(self) -> str:
        return f"<{type(self).__name__}{'' if self._open else ', closed'}>"

    def capture(self, timeout_s: float) -> Photo:
        """See `PhotoCamera.capture`. A camera whose software is stuck as well costs up to twice `CALL_S` more."""
        if not self._open:
            raise DeviceClosed("The photo camera has been closed; open it again.")
        deadline = Deadline(self._clock, timeout_s, "The photo camera delivered no picture")
        # flush: a frame that began before now would show who stood here before.
        job = _within(CALL_S, "asked for a picture", lambda: self._camera.capture_request(wait=False, flush=True))
        try:
            request = job.get_result(timeout=deadline.remaining_s)
        except TimeoutError as error:
            with contextlib.suppress(DeadlineExceeded):
                _within(CALL_S, "told to forget a picture", self._camera.cancel_all_and_flush)
            raise DeadlineExceeded(
                f"The photo camera delivered no picture within {timeout_s:g} s. Check its ribbon cable at both ends."
            ) from error
        try:
            bgr = request.make_array("main")
        finally:
            request.release()
        return self._photo(np.ascontiguousarray(bgr[:, :, ::-1]))

    def close(self) -> None:
        if self._open:
            self._open = False
            # A camera that does not close must not keep the kiosk from closing.
            with contextlib.suppress(DeadlineExceeded):
                _within(CALL_S, "closed", self._stop)

    def _start(self, size: tuple[int, int]) -> None:
        # libcamera names formats after the order in a little-endian word: "RGB888" is B, G, R in memory.
        self._camera.configure(self._camera.create_still_configuration(main={"format": "RGB888", "size": size}))
        self._camera.start()

    def _stop(self) -> None:
        self._camera.cancel_all_and_flush()
        self._camera.stop()
        self._camera.close()

    def _photo(self, rgb: NDArray[np.uint8]) -> Photo:
        if self._homography is None:
            return Photo(rgb, aligned=False)
        import cv2  # costs 100 ms and 32 MiB, and photos are off by default

        scale = np.diag([ALIGNED_SCALE, ALIGNED_SCALE, 1.0])
        shape = (COLUMNS * ALIGNED_SCALE, ROWS * ALIGNED_SCALE)
        warped = cv2.warpPerspective(rgb, scale @ self._homography, shape)
        return Photo(np.asarray(warped, dtype=np.uint8), aligned=True)


def load_homography(path: Path) -> NDArray[np.float64]:
    """Read a homography from a text file of three lines with three numbers; raises `BadHomography`."""
    try:
        return check_homography(np.loadtxt(path, dtype=np.float64))
    except FileNotFoundError as error:
        raise BadHomography(
            f"There is no homography at {path}. Align the photo camera, or take it out of the configuration."
        ) from error
    except (ValueError, UnicodeDecodeError, OSError) as error:
        raise BadHomography(f"{path} holds no homography ({error}). It is three lines of three numbers.") from error


def check_homography(homography: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``homography`` as float64 [3, 3]; raises `BadHomography` where it cannot be one."""
    matrix = np.asarray(homography, dtype=np.float64)
    if matrix.shape != (3, 3) or not np.isfinite(matrix).all():
        raise BadHomography(f"A homography is 3×3 finite numbers, not {matrix.shape}. Align the photo camera again.")
    if np.linalg.matrix_rank(matrix) < 3:
        raise BadHomography("The homography cannot be inverted. Align the photo camera again.")
    return matrix


def _find_camera() -> Any:
    try:
        from picamera2 import Picamera2
    except ImportError as error:
        raise DriverNotInstalled(
            "The photo camera needs picamera2 and the system's libcamera: apt install python3-picamera2, and a virtual "
            "environment with --system-site-packages."
        ) from error
    try:
        return Picamera2()
    except IndexError as error:  # what picamera2 raises without any camera
        raise DeviceMissing("No camera was found. Check its ribbon cable, and that camera_auto_detect is on.") from error
    except RuntimeError as error:
        raise DeviceMissing(f"The camera cannot be used ({error}). End the program that uses it, or restart.") from error


def _within(timeout_s: float, done: str, call: Callable[[], T]) -> T:
    """Run a foreign call that may block for ever, for so long at most. Its thread is left behind when it does not return.

    This waits on the machine's own clock: nothing else can end the wait on a call that is stuck.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(call())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, name=f"photo camera being {done}", daemon=True)
    thread.start()
    thread.join(timeout_s)
    if errors:
        raise errors[0]
    if not results:
        raise DeadlineExceeded(f"The photo camera could not be {done} within {timeout_s:g} s. Check its ribbon cable.")
    return results[0]
