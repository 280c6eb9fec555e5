"""What every `ThermalCamera` must do."""

from __future__ import annotations

import numpy as np
import pytest

from drivers.clock import Clock
from drivers.conformance.stage import Stage
from drivers.errors import DeadlineExceeded, DeviceClosed
from drivers.protocols import COLUMNS, ROWS, ThermalCamera

SUBPAGE_WORDS = 834
ACCURACY_K = 1.5
"""The data sheet's ±1 K, and half a kelvin for the plate and the emissivity."""


def wait_s(camera: ThermalCamera) -> float:
    """Long enough for four frames."""
    return 8 / camera.refresh_hz + 1.0


def test_a_frame_is_complete(thermal_camera: ThermalCamera) -> None:
    frame = thermal_camera.capture(wait_s(thermal_camera))
    assert frame.celsius.shape == frame.bad.shape == (ROWS, COLUMNS)
    assert frame.celsius.dtype == np.float32
    assert frame.bad.dtype == np.bool_
    assert np.isfinite(frame.celsius).all()
    assert frame.raw.shape == (2, SUBPAGE_WORDS)
    assert frame.raw.dtype == np.uint16
    assert -40 <= frame.ambient_c <= 85
    assert 3.0 <= frame.supply_v <= 3.6


def test_the_raw_words_come_from_both_subpages(thermal_camera: ThermalCamera) -> None:
    status = thermal_camera.capture(wait_s(thermal_camera)).raw[:, 833]
    assert (status & 0x0001).tolist() == [0, 1]


def test_a_capture_begins_after_the_call(thermal_camera: ThermalCamera, clock: Clock) -> None:
    clock.sleep(1.7 / thermal_camera.refresh_hz)
    called_s = clock.monotonic()
    frame = thermal_camera.capture(wait_s(thermal_camera))
    assert frame.finished_s - called_s >= 1.9 / thermal_camera.refresh_hz
    assert frame.finished_s <= clock.monotonic()


def test_frames_come_at_half_the_refresh_rate_and_differ(thermal_camera: ThermalCamera, clock: Clock) -> None:
    finished: list[float] = []
    last = None
    deadline_s = clock.monotonic() + 16 / thermal_camera.refresh_hz + 2.0
    while len(finished) < 6 and clock.monotonic() < deadline_s:
        frame = thermal_camera.poll()
        if frame is None:
            clock.sleep(0.1 / thermal_camera.refresh_hz)
            continue
        assert last is None or not np.array_equal(frame.raw[:, :768], last)
        last = frame.raw[:, :768]
        finished.append(frame.finished_s)
    assert len(finished) == 6
    assert np.median(np.diff(finished)) == pytest.approx(2 / thermal_camera.refresh_hz, rel=0.15)


def test_polling_does_not_wait_for_a_measurement(thermal_camera: ThermalCamera, clock: Clock) -> None:
    while thermal_camera.poll() is None:
        clock.sleep(0.1 / thermal_camera.refresh_hz)
    begun_s = clock.monotonic()
    assert thermal_camera.poll() is None
    assert clock.monotonic() - begun_s < 0.5 / thermal_camera.refresh_hz


@pytest.mark.parametrize("celsius", [22.0, 35.0])
def test_a_uniform_surface_has_its_temperature(thermal_camera: ThermalCamera, stage: Stage, celsius: float) -> None:
    stage.uniform_scene(celsius)
    thermal_camera.capture(wait_s(thermal_camera))
    seen = np.mean([thermal_camera.capture(wait_s(thermal_camera)).celsius for _ in range(4)], axis=0)
    assert np.median(seen) == pytest.approx(celsius, abs=ACCURACY_K)


def test_it_says_what_it_is(thermal_camera: ThermalCamera) -> None:
    assert thermal_camera.eeprom.shape == (832,)
    assert thermal_camera.eeprom.dtype == np.uint16
    assert thermal_camera.refresh_hz in (0.5, 1, 2, 4, 8, 16, 32, 64)
    assert 0 < thermal_camera.emissivity <= 1
    assert thermal_camera.optics.netd_1hz_k > 0
    assert all(0 < angle < 180 for angle in thermal_camera.optics.field_of_view_deg)


def test_nobody_can_change_its_eeprom(thermal_camera: ThermalCamera) -> None:
    first = thermal_camera.eeprom
    first[:] = 0
    assert thermal_camera.eeprom.any()


def test_it_can_be_opened_again(thermal_camera: ThermalCamera) -> None:
    before = thermal_camera.eeprom
    thermal_camera.capture(wait_s(thermal_camera))
    thermal_camera.reopen()
    assert np.array_equal(thermal_camera.eeprom, before)
    thermal_camera.capture(wait_s(thermal_camera))


def test_a_capture_has_a_deadline(thermal_camera: ThermalCamera, clock: Clock) -> None:
    begun_s = clock.monotonic()
    with pytest.raises(DeadlineExceeded):
        thermal_camera.capture(0.5 / thermal_camera.refresh_hz)
    assert clock.monotonic() - begun_s < 2 / thermal_camera.refresh_hz


def test_a_closed_camera_says_so(thermal_camera: ThermalCamera) -> None:
    thermal_camera.close()
    thermal_camera.close()
    with pytest.raises(DeviceClosed):
        thermal_camera.poll()
    with pytest.raises(DeviceClosed):
        thermal_camera.capture(1.0)
