"""Scenes: how images fall onto the sensor, and the made-up torso."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from drivers.clock import VirtualClock
from drivers.errors import BadScene
from drivers.sim.body import Motion, Thermogram, Torso, WarmSpot
from drivers.sim.projection import Field, project
from drivers.sim.world import World


def image(rows: int, columns: int, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).uniform(20, 36, (rows, columns))


def test_an_image_of_the_sensors_size_is_seen_as_it_is() -> None:
    scene = image(24, 32)
    assert np.allclose(project(scene), scene)


def test_each_pixel_is_the_mean_of_its_area() -> None:
    scene = image(120, 160)
    assert np.allclose(project(scene), scene.reshape(24, 5, 32, 5).mean(axis=(1, 3)))


@settings(max_examples=50, deadline=None)
@given(rows=st.integers(24, 90), columns=st.integers(32, 120), seed=st.integers(0, 9))
def test_the_mean_is_kept_for_any_size(rows: int, columns: int, seed: int) -> None:
    scene = image(rows, columns, seed)
    assert project(scene).mean() == pytest.approx(scene.mean())


@settings(max_examples=50, deadline=None)
@given(size=st.floats(0.1, 3), x=st.floats(-1, 1), y=st.floats(-1, 1), blur_px=st.floats(0, 2))
def test_one_temperature_stays_one(size: float, x: float, y: float, blur_px: float) -> None:
    seen = project(np.full((40, 50), 30.0), field=Field.placed(size, x, y), background_c=30.0, blur_px=blur_px)
    assert np.allclose(seen, 30.0)


def test_field_and_background() -> None:
    seen = project(np.full((48, 64), 34.0), field=Field(0.25, 0.5, 0.5, 0.5), background_c=20.0)
    assert np.allclose(seen[12:, 8:24], 34.0)
    assert np.allclose(seen[:12], 20.0)
    assert np.allclose(seen[:, :8], 20.0)
    with pytest.raises(BadScene, match="does not fill"):
        project(np.full((48, 64), 34.0), field=Field.placed(0.5))


def test_blur_spreads_but_keeps_heat() -> None:
    scene = np.full((24, 32), 20.0)
    scene[12, 16] = 40.0
    seen = project(scene, blur_px=1.0)
    assert seen.mean() == pytest.approx(scene.mean())
    assert seen[12, 16] < 25
    assert seen[12, 17] == pytest.approx(seen[12, 15])


@pytest.mark.parametrize(
    ("scene", "says"),
    [
        (np.full((24, 32), np.nan), "768 values that are NaN"),
        (np.where(np.eye(32)[:24] > 0, np.inf, 30.0), "24 values that are NaN or infinite"),
        (np.full((24, 32), 303.0), "Is it in °C"),
        (np.full((24, 32), -200.0), "Is it in °C"),
        (np.full((23, 32), 30.0), "at least 24×32"),
        (np.full((32, 24), 30.0), "at least 24×32"),
        (np.full((24, 32, 3), 30.0), "2-D"),
        (np.full((24, 32), "30"), "2-D"),
        (np.full((24, 32), True), "2-D"),
    ],
)
def test_what_is_no_thermogram_is_refused(scene: NDArray[np.generic], says: str) -> None:
    with pytest.raises(BadScene, match=says):
        Thermogram(scene)


def test_empty_room_has_the_temperature_of_the_air() -> None:
    world = World(VirtualClock())
    assert world.body is None
    assert world.die_c(0.0) == pytest.approx(30.0)


def test_sensor_warms_up() -> None:
    world = World(VirtualClock(), warm=False)
    assert world.die_c(0.0) == pytest.approx(22.0)
    assert world.die_c(60.0) == pytest.approx(22.0 + 8 * (1 - np.exp(-1)))
    assert world.die_c(240.0) == pytest.approx(30.0, abs=0.15)
    assert world.die_c(3600.0) == 30.0


def centre(seen: NDArray[np.float64]) -> tuple[float, float]:
    warm = seen > 28
    rows, columns = np.nonzero(warm)
    return float(columns.mean()), float(rows.mean())


def test_torso_stands_in_the_middle_and_fills_most_of_the_picture() -> None:
    seen = Torso().celsius_at(0.0, 22.0)
    x, _ = centre(seen)
    assert x == pytest.approx(15.5, abs=0.3)
    assert 0.5 < (seen > 28).mean() < 0.9
    assert 30 < seen.max() < 37
    assert seen.min() == pytest.approx(22.0, abs=0.2)


def test_torso_is_smaller_further_away() -> None:
    cover = [(Torso(distance=distance).celsius_at(0.0, 22.0) > 28).mean() for distance in (0.8, 1.0, 1.5, 2.0, 4.0)]
    assert cover == sorted(cover, reverse=True)
    assert cover[3] == pytest.approx(cover[1] / 4, rel=0.2)


def test_torso_moves_where_it_is_put() -> None:
    x0, y0 = centre(Torso(distance=2).celsius_at(0, 22))
    x1, y1 = centre(Torso(distance=2, x=0.1, y=0.1).celsius_at(0, 22))
    assert x1 - x0 == pytest.approx(3.2, abs=0.4)
    assert y1 - y0 == pytest.approx(2.4, abs=0.4)


def test_asymmetry_is_the_patients_left_which_is_the_pictures_right() -> None:
    warmer = Torso(asymmetry_k=1.0).celsius_at(0, 22) - Torso().celsius_at(0, 22)
    assert np.abs(warmer[:, :16]).max() < 0.01
    assert 0.8 < warmer[:, 16:].max() <= 1.01
    assert warmer.sum() > 20


def test_warm_spot_lies_where_it_was_put() -> None:
    spot = Torso(spots=(WarmSpot(-0.2, 0.1, 2.0),)).celsius_at(0, 22) - Torso().celsius_at(0, 22)
    row, column = np.unravel_index(spot.argmax(), spot.shape)
    assert int(row) == pytest.approx(0.6 * 24 - 0.5, abs=1)
    assert int(column) == pytest.approx(0.3 * 32 - 0.5, abs=1)
    assert 1.0 < spot.max() <= 2.0


def test_veins_differ_from_one_person_to_another() -> None:
    assert np.abs(Torso(seed=1).celsius_at(0, 22) - Torso(seed=2).celsius_at(0, 22)).max() > 0.1


def test_who_moves_is_elsewhere_later() -> None:
    swaying = Torso(motion=Motion(0.05, 0.5))
    assert swaying.moves
    assert not Torso().moves
    assert np.abs(swaying.celsius_at(0.0, 22) - swaying.celsius_at(0.5, 22)).max() > 1
    assert np.allclose(swaying.celsius_at(0.0, 22), swaying.celsius_at(2.0, 22))


def test_torso_at_an_impossible_distance_is_refused() -> None:
    with pytest.raises(BadScene, match="distance"):
        Torso(distance=0.0)
