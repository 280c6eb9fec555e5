"""The camera on a simulated wire: what it delivers when all is well."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from drivers.clock import VirtualClock
from drivers.errors import BadFlatField, DeviceClosed
from drivers.mlx90640.camera import Mlx90640Camera
from drivers.mlx90640.optics import NARROW, WIDE
from drivers.protocols import Optics
from drivers.sim.body import Thermogram, Torso
from drivers.sim.eeprom import make_eeprom
from drivers.sim.world import World
from tests.drivers.mlx90640.bench import NumberedSensor, frames, open_world


def test_sees_what_stands_in_front_of_it() -> None:
    world, camera, clock = open_world()
    world.body = Torso()
    mean = np.mean([frame.celsius for frame in frames(camera, clock, 60)], axis=0)
    expected = world.body.celsius_at(0, world.ambient_c)
    assert np.abs(mean - expected).max() < 0.25
    assert abs(float((mean - expected).mean())) < 0.01


def test_frame_is_complete() -> None:
    _, camera, _ = open_world()
    frame = camera.capture(1.0)
    assert frame.celsius.shape == (24, 32)
    assert frame.celsius.dtype == np.float32
    assert np.isfinite(frame.celsius).all()
    assert frame.raw.shape == (2, 834)
    assert frame.raw.dtype == np.uint16
    assert (frame.raw[:, 833] & 1).tolist() == [0, 1]
    assert frame.ambient_c == pytest.approx(30.0, abs=0.02)
    assert frame.supply_v == pytest.approx(3.3, abs=0.001)
    assert not frame.bad.any()


def test_left_stays_left_and_up_stays_up() -> None:
    scene = np.full((24, 32), 25.0)
    scene[2:5, 3:6] = 35.0
    world, camera, clock = open_world()
    world.body = Thermogram(scene)
    hot = camera.capture(1.0).celsius > 30
    assert (np.argwhere(hot).min(axis=0) == (2, 3)).all()
    assert (np.argwhere(hot).max(axis=0) == (4, 5)).all()
    upside_down = Mlx90640Camera(world.i2c, clock, rotated=True).capture(1.0).celsius
    assert (np.argwhere(upside_down > 30).min(axis=0) == (24 - 5, 32 - 6)).all()


@pytest.mark.parametrize(("integration_s", "optics"), [(4.0, WIDE), (16.0, WIDE), (12.5, NARROW)])
def test_averaging_follows_the_law(integration_s: float, optics: Optics) -> None:
    world, camera, clock = open_world(optics=optics)
    world.body = Thermogram(np.full((24, 32), 33.0))
    count = round(integration_s * 8 / 2)
    mean = np.mean([frame.celsius for frame in frames(camera, clock, count)], axis=0)
    law_k = world.optics.netd_1hz_k * np.sqrt(2 / integration_s)
    assert (mean - 33.0).std() == pytest.approx(law_k, rel=0.12)  # rounding to whole counts adds a few percent


def test_eight_hertz_deliver_four_frames_a_second() -> None:
    _, camera, clock = open_world()
    arrived = [frame.finished_s for frame in frames(camera, clock, 41)]
    assert arrived[-1] - arrived[0] == pytest.approx(10.0, abs=0.05)


def test_polling_without_news_is_one_transfer_and_never_waits() -> None:
    world, camera, clock = open_world()
    before_s, transfers = clock.monotonic(), world.i2c.transfers
    assert camera.poll() is None
    assert world.i2c.transfers == transfers + 1
    assert clock.monotonic() - before_s < 0.001


@settings(max_examples=60, deadline=None)
@given(pauses=st.lists(st.floats(0.0, 0.7), min_size=40, max_size=80), refresh_hz=st.sampled_from([4.0, 8.0, 16.0]))
def test_whenever_it_is_polled_a_frame_is_two_consecutive_measurements(pauses: list[float], refresh_hz: float) -> None:
    clock = VirtualClock()
    sensor = NumberedSensor(clock)
    camera = Mlx90640Camera(sensor.bus, clock, refresh_hz=refresh_hz)
    last = 0
    for pause_s in pauses:
        frame = camera.poll()
        if frame is not None:
            zero, one = sensor.numbers(frame)
            assert abs(zero - one) == 1
            assert min(zero, one) > last
            last = max(zero, one)
        clock.sleep(pause_s)


@settings(max_examples=30, deadline=None)
@given(at_s=st.floats(0.0, 1.0), polls=st.integers(0, 3))
def test_a_captured_frame_was_measured_after_the_call(at_s: float, polls: int) -> None:
    clock = VirtualClock()
    sensor = NumberedSensor(clock)
    camera = Mlx90640Camera(sensor.bus, clock)
    clock.sleep(at_s)
    for _ in range(polls):
        camera.poll()
    called_s = clock.monotonic()
    frame = camera.capture(2.0)
    assert min(sensor.began_s[number] for number in sensor.numbers(frame)) >= called_s
    assert clock.monotonic() - called_s < 5 / 8


def test_two_cameras_with_different_sensors_do_not_disturb_each_other() -> None:
    clock = VirtualClock()
    worlds = [World(clock, seed=seed) for seed in (1, 2)]
    cameras = [Mlx90640Camera(world.i2c, clock) for world in worlds]
    assert (cameras[0].eeprom != cameras[1].eeprom).any()
    scenes = np.full((24, 32), 20.0), np.linspace(20, 40, 768).reshape(24, 32)
    for world, scene in zip(worlds, scenes, strict=True):
        world.body = Thermogram(scene)
    seen: list[list[NDArray[np.float32]]] = [[], []]
    while min(len(one) for one in seen) < 20:
        for camera, one in zip(cameras, seen, strict=True):
            if (frame := camera.poll()) is not None:
                one.append(frame.celsius)
        clock.sleep(0.005)
    for one, scene in zip(seen, scenes, strict=True):
        assert np.abs(np.mean(one, axis=0) - scene).max() < 0.45


def test_bad_pixels_are_interpolated_and_flagged() -> None:
    broken, outliers = (5 * 32 + 7, 6 * 32 + 8), (0,)  # two of them touch, one lies in a corner
    world, camera, clock = open_world(eeprom=make_eeprom(broken=broken, outliers=outliers))
    ramp = np.linspace(25, 35, 32) * np.ones((24, 1))
    world.body = Thermogram(ramp)
    got = list(frames(camera, clock, 40))
    places = np.zeros((24, 32), dtype=bool)
    for pixel in (*broken, *outliers):
        places[pixel // 32, 31 - pixel % 32] = True  # the sensor numbers its columns from the scene's right
    assert (got[0].bad == places).all()
    for row, column in np.argwhere(places):
        around = slice(max(0, row - 1), row + 2), slice(max(0, column - 1), column + 2)
        for frame in got:
            expected = frame.celsius[around][~places[around]].mean()
            assert frame.celsius[row, column] == pytest.approx(expected, abs=1e-4)
    mean = np.mean([frame.celsius for frame in got], axis=0)
    assert np.abs(mean - ramp)[places].max() < 0.4


def test_emissivity_and_reflection_are_taken_into_account() -> None:
    world, _, clock = open_world()
    world.body = Thermogram(np.full((24, 32), 34.0), emissivity=0.9)

    def mean(emissivity: float, reflected_c: float | None) -> float:
        camera = Mlx90640Camera(world.i2c, clock, emissivity=emissivity, reflected_c=reflected_c)
        return float(np.mean([camera.capture(1.0).celsius.mean() for _ in range(8)]))

    assert mean(0.9, None) == pytest.approx(34.0, abs=0.03)
    assert mean(0.9, 22.0) == pytest.approx(34.0, abs=0.03)
    assert mean(1.0, None) < 33.0
    assert mean(0.9, 40.0) < 32.5


def test_flat_field_is_subtracted() -> None:
    offset = np.linspace(-1, 1, 768, dtype=np.float32).reshape(24, 32)
    world, _, clock = open_world()
    world.body = Thermogram(np.full((24, 32), 30.0) + offset)
    camera = Mlx90640Camera(world.i2c, clock, flat_field=offset)
    mean = np.mean([frame.celsius for frame in frames(camera, clock, 40)], axis=0)
    assert np.abs(mean - 30.0).max() < 0.3


@pytest.mark.parametrize(
    "offset", [np.zeros((32, 24)), np.full((24, 32), np.nan), np.full((24, 32), 9.0), np.full((24, 32), "x")]
)
def test_flat_field_that_is_none_is_refused(offset: NDArray[np.float32]) -> None:
    world, _, clock = open_world()
    with pytest.raises(BadFlatField):
        Mlx90640Camera(world.i2c, clock, flat_field=offset)


@pytest.mark.parametrize("refresh_hz", [0.5, 1, 2, 4, 8, 16])
def test_every_rate_that_the_bus_can_carry(refresh_hz: float) -> None:
    clock = VirtualClock()
    world = World(clock)
    camera = Mlx90640Camera(world.i2c, clock, refresh_hz=refresh_hz)
    assert camera.refresh_hz == refresh_hz
    got = list(frames(camera, clock, 4, every_s=0.001))
    assert got[-1].finished_s - got[0].finished_s == pytest.approx(3 * 2 / refresh_hz, rel=0.02)


@pytest.mark.parametrize(("refresh_hz", "emissivity"), [(3.0, 0.98), (8.0, 0.0), (8.0, 1.2), (8.0, float("nan"))])
def test_impossible_settings_are_refused(refresh_hz: float, emissivity: float) -> None:
    world, _, clock = open_world()
    with pytest.raises(ValueError, match=r"refresh rate|Emissivity"):
        Mlx90640Camera(world.i2c, clock, refresh_hz=refresh_hz, emissivity=emissivity)


def test_measures_the_rate_of_its_bus() -> None:
    assert open_world(i2c_hz=100_000)[1].bus_hz == pytest.approx(100_000, rel=0.02)


def test_closed_camera_says_so() -> None:
    _, camera, _ = open_world()
    camera.close()
    camera.close()
    for use in (camera.poll, camera.reopen, lambda: camera.capture(1.0)):
        with pytest.raises(DeviceClosed, match="closed"):
            use()


def test_repr_says_how_it_is_set_and_shows_no_image() -> None:
    assert repr(open_world()[1]) == "<Mlx90640Camera at 8 Hz, emissivity 0.98>"
