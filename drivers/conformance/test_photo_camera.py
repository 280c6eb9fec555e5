"""What every `PhotoCamera` must do."""

from __future__ import annotations

import numpy as np
import pytest

from drivers.clock import Clock
from drivers.conformance.stage import Stage
from drivers.errors import DeadlineExceeded, DeviceClosed
from drivers.protocols import PhotoCamera


def test_a_photo_has_three_colours_and_is_not_aligned_without_a_homography(photo_camera: PhotoCamera) -> None:
    photo = photo_camera.capture(5.0)
    height, width, colours = photo.rgb.shape
    assert height >= 24
    assert width >= 32
    assert colours == 3
    assert photo.rgb.dtype == np.uint8
    assert not photo.aligned


def test_photos_can_be_taken_one_after_the_other(photo_camera: PhotoCamera) -> None:
    assert len({photo_camera.capture(5.0).rgb.shape for _ in range(12)}) == 1


def test_a_loose_cable_is_an_error_at_the_deadline(photo_camera: PhotoCamera, stage: Stage, clock: Clock) -> None:
    stage.loosen_photo_cable()
    begun_s = clock.monotonic()
    with pytest.raises(DeadlineExceeded):
        photo_camera.capture(0.5)
    assert 0.5 <= clock.monotonic() - begun_s < 1.0


def test_a_closed_camera_says_so(photo_camera: PhotoCamera) -> None:
    photo_camera.close()
    photo_camera.close()
    with pytest.raises(DeviceClosed):
        photo_camera.capture(1.0)
