"""The photo camera on a simulated picamera2."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

import drivers.photo
from drivers.clock import VirtualClock
from drivers.errors import BadHomography, DeadlineExceeded, DeviceClosed, DeviceMissing, DriverNotInstalled
from drivers.photo import ALIGNED_SCALE, Picamera2Camera, check_homography, load_homography
from drivers.sim.photo import BUFFERS, FRAME_S, SimJob, SimPhotoCamera

SIZE = (320, 240)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def hardware(clock: VirtualClock) -> SimPhotoCamera:
    return SimPhotoCamera(clock)


def test_a_photo_has_red_first_although_the_camera_delivers_blue_first(clock: VirtualClock, hardware: SimPhotoCamera) -> None:
    photo = Picamera2Camera(clock, size=SIZE, hardware=hardware).capture(1.0)
    assert photo.rgb.shape == (240, 320, 3)
    assert photo.rgb.dtype == np.uint8
    assert photo.rgb.flags.c_contiguous
    assert not photo.aligned
    assert photo.rgb[0, -1].tolist() == [255, 0, 32]
    assert photo.rgb[-1, 0].tolist() == [0, 255, 32]


def test_what_stands_in_front_of_the_camera_is_photographed(clock: VirtualClock, hardware: SimPhotoCamera) -> None:
    hardware.scene = np.full((24, 32, 3), (200, 100, 50), dtype=np.uint8)
    photo = Picamera2Camera(clock, size=SIZE, hardware=hardware).capture(1.0)
    assert np.array_equal(photo.rgb, hardware.scene)


def test_a_loose_cable_is_an_error_at_the_deadline_and_can_be_put_back(clock: VirtualClock, hardware: SimPhotoCamera) -> None:
    camera = Picamera2Camera(clock, size=SIZE, hardware=hardware)
    hardware.cable_loose = True
    before_s = clock.monotonic()
    with pytest.raises(DeadlineExceeded, match=r"within 0\.7 s.*ribbon cable"):
        camera.capture(0.7)
    assert clock.monotonic() - before_s == pytest.approx(0.7)
    hardware.cable_loose = False
    assert camera.capture(0.7).rgb.any()


def test_every_buffer_is_given_back(clock: VirtualClock, hardware: SimPhotoCamera) -> None:
    camera = Picamera2Camera(clock, size=SIZE, hardware=hardware)
    for _ in range(3 * BUFFERS):
        camera.capture(2 * FRAME_S)


def test_a_photo_is_warped_onto_the_thermal_frame(clock: VirtualClock, hardware: SimPhotoCamera) -> None:
    homography: NDArray[np.float64] = np.diag([0.1, 0.1, 1.0])  # 320×240 pixels onto 32×24
    photo = Picamera2Camera(clock, size=SIZE, hardware=hardware, homography=homography).capture(1.0)
    assert photo.aligned
    assert photo.rgb.shape == (24 * ALIGNED_SCALE, 32 * ALIGNED_SCALE, 3)
    middle = photo.rgb[12 * ALIGNED_SCALE, 16 * ALIGNED_SCALE]
    assert middle.astype(int) == pytest.approx([127, 127, 32], abs=2)


def test_a_shift_moves_the_photo_by_whole_thermal_pixels(clock: VirtualClock, hardware: SimPhotoCamera) -> None:
    scene = np.zeros((240, 320, 3), dtype=np.uint8)
    scene[100:110, 50:60] = 255
    hardware.scene = scene
    homography = np.array([[0.1, 0, 3.0], [0, 0.1, -2.0], [0, 0, 1.0]])
    photo = Picamera2Camera(clock, size=SIZE, hardware=hardware, homography=homography).capture(1.0)
    rows, columns = np.nonzero(photo.rgb[:, :, 0] > 127)
    assert (columns.mean() / ALIGNED_SCALE, rows.mean() / ALIGNED_SCALE) == pytest.approx((8.45, 8.45), abs=0.1)


def test_a_closed_camera_says_so(clock: VirtualClock, hardware: SimPhotoCamera) -> None:
    camera = Picamera2Camera(clock, size=SIZE, hardware=hardware)
    camera.close()
    camera.close()
    assert repr(camera) == "<Picamera2Camera, closed>"
    assert repr(hardware) == "<SimPhotoCamera stopped>"
    with pytest.raises(DeviceClosed):
        camera.capture(1.0)
    assert Picamera2Camera(clock, size=SIZE, hardware=hardware).capture(1.0).rgb.any()


class Stuck(SimPhotoCamera):
    """A camera one of whose calls never returns, as with a cable that came off in the middle."""

    def __init__(self, clock: VirtualClock, call: str) -> None:
        super().__init__(clock)
        self._call = call
        self.let_go = threading.Event()

    def _hang(self, call: str) -> None:
        if self._call == call:
            self.let_go.wait()

    def start(self) -> None:
        self._hang("start")
        super().start()

    def close(self) -> None:
        self._hang("close")
        super().close()

    def capture_request(self, wait: bool, flush: bool) -> SimJob:
        self._hang("capture_request")
        return super().capture_request(wait, flush)

    def cancel_all_and_flush(self) -> None:
        self._hang("cancel_all_and_flush")


def test_a_camera_that_does_not_start_is_given_up(clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drivers.photo, "CALL_S", 0.01)
    stuck = Stuck(clock, "start")
    with pytest.raises(DeadlineExceeded, match="could not be started"):
        Picamera2Camera(clock, size=SIZE, hardware=stuck)
    stuck.let_go.set()


def test_a_camera_that_does_not_close_holds_nothing_up(clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drivers.photo, "CALL_S", 0.01)
    stuck = Stuck(clock, "close")
    camera = Picamera2Camera(clock, size=SIZE, hardware=stuck)
    camera.close()
    stuck.let_go.set()


@pytest.mark.parametrize(
    ("call", "says"), [("capture_request", "could not be asked for a picture"), ("cancel_all_and_flush", "within 0.7 s")]
)
def test_a_camera_stuck_while_a_picture_is_taken_is_given_up(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, call: str, says: str
) -> None:
    stuck = Stuck(clock, call)
    camera = Picamera2Camera(clock, size=SIZE, hardware=stuck)
    stuck.cable_loose = True
    monkeypatch.setattr(drivers.photo, "CALL_S", 0.01)
    with pytest.raises(DeadlineExceeded, match=says):
        camera.capture(0.7)
    stuck.let_go.set()


def test_an_error_of_the_camera_is_not_swallowed(clock: VirtualClock, hardware: SimPhotoCamera) -> None:
    with pytest.raises(RuntimeError, match="a given size"):
        Picamera2Camera(clock, size=[320, 240], hardware=hardware)  # type: ignore[arg-type]


def test_a_missing_package_is_named(clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(DriverNotInstalled, match="python3-picamera2"):
        Picamera2Camera(clock)


def test_a_missing_camera_is_not_a_missing_package(clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_found() -> None:
        raise IndexError("list index out of range")

    package = ModuleType("picamera2")
    package.__dict__["Picamera2"] = none_found
    monkeypatch.setitem(sys.modules, "picamera2", package)
    with pytest.raises(DeviceMissing, match="ribbon cable"):
        Picamera2Camera(clock)


def test_a_camera_that_another_program_holds_is_no_missing_one(clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy() -> None:
        raise RuntimeError("Failed to acquire camera: Device or resource busy")

    package = ModuleType("picamera2")
    package.__dict__["Picamera2"] = busy
    monkeypatch.setitem(sys.modules, "picamera2", package)
    with pytest.raises(DeviceMissing, match=r"busy.*program that uses it"):
        Picamera2Camera(clock)


def test_the_installed_package_is_used_when_there_is_one(
    clock: VirtualClock, hardware: SimPhotoCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = ModuleType("picamera2")
    package.__dict__["Picamera2"] = lambda: hardware
    monkeypatch.setitem(sys.modules, "picamera2", package)
    assert Picamera2Camera(clock).capture(1.0).rgb.shape == (960, 1280, 3)


def test_a_homography_is_three_lines_of_three_numbers(tmp_path: Path) -> None:
    path = tmp_path / "homography.txt"
    path.write_text("0.1 0 1\n0 0.1 2\n0 0 1\n")
    assert load_homography(path).tolist() == [[0.1, 0, 1], [0, 0.1, 2], [0, 0, 1]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 0 0\n0 1 0\n",
        "1 0 0\n0 1 0\n0 0 x\n",
        "1 0 0\n0 nan 0\n0 0 1\n",
        "1 2 3\n2 4 6\n0 0 1\n",
        "0 0 0\n0 0 0\n0 0 0\n",
    ],
)
@pytest.mark.filterwarnings("ignore:loadtxt. input contained no data")
def test_what_is_no_homography_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "homography.txt"
    path.write_text(text)
    with pytest.raises(BadHomography, match="homography"):
        load_homography(path)


def test_a_missing_homography_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadHomography, match=r"absent\.txt"):
        load_homography(tmp_path / "absent.txt")


@pytest.mark.parametrize("factor", [1e-6, 1.0, 1e6])
def test_a_homography_has_no_scale(factor: float) -> None:
    assert check_homography(np.array([[0.025, 0, 400.0], [0, 0.025, -300.0], [0, 0, 1.0]]) * factor)[2, 2] == factor
